// Starts every peer that is found, each in a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

// Without what would have OpenBLAS take this processor for another.
const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;

function start(name, version, command, args) {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    version,
    /** The times of runs that last `seconds` in all, in seconds; null where the peer has no such work. */
    async measure(spec, threads, seconds) {
      child.stdin.write(`${JSON.stringify({ spec, threads, seconds })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`bench: ${name} ended at ${JSON.stringify(spec)}`);
      return JSON.parse(value)?.times ?? null;
    },
    /** The seconds that a process of its own takes for a few training steps, and the most memory that it holds, in bytes. */
    measureProcess(spec, threads) {
      const start = performance.now();
      const { stdout, status } = spawnSync(command, [...args, JSON.stringify({ ...spec, threads })], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return status === 0 ? { seconds: (performance.now() - start) / 1000, bytes: Number(stdout) } : null;
    },
    stop: () => child.kill(),
  };
}

/** This library first, then what `python` has. */
export async function startPeers(python) {
  const { default: ours } = await import('../../package.json', { with: { type: 'json' } });
  const peers = [start('cresset', ours.version, process.execPath, [here('cresset.mjs')])];
  const [command, ...args] = python.split(' ');
  for (const [name, module, file] of [
    ['PyTorch', 'torch', 'torch_peer.py'],
    ['onnxruntime', 'onnxruntime', 'onnxruntime_peer.py'],
  ]) {
    if (python === 'none') break;
    const code = `import ${module}; print(${module}.__version__)`;
    const found = spawnSync(command, [...args, '-c', code], { encoding: 'utf8' });
    if (found.status === 0) peers.push(start(name, found.stdout.trim(), command, [...args, here(file)]));
    else console.log(`${name}: not found with ${python} (--python CMD)`);
  }
  return peers;
}
