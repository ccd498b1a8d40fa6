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

/** What a command prints, null where it fails. */
function printed(command, args, cwd) {
  const { status, stdout } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** This library first, then what `python` and the package of this folder have. */
export async function startPeers(python) {
  const { default: ours } = await import('../../package.json', { with: { type: 'json' } });
  const peers = [start('cresset', ours.version, process.execPath, [here('cresset.mjs')])];
  const add = (name, version, missing, command, args) => {
    if (version !== null) peers.push(start(name, version, command, args));
    else if (missing) console.log(`${name}: ${missing}`);
  };

  const [command, ...args] = python.split(' ');
  const inPython = (code) => (python === 'none' ? null : printed(command, [...args, '-c', code]));
  for (const [name, module, file] of [
    ['PyTorch', 'torch', 'torch_peer.py'],
    ['onnxruntime', 'onnxruntime', 'onnxruntime_peer.py'],
  ]) {
    const version = inPython(`import ${module}; print(${module}.__version__)`);
    add(name, version, python !== 'none' && `not found with ${python} (--python CMD)`, command, [...args, here(file)]);
  }

  const inNode = (module) =>
    printed(process.execPath, ['-p', `require('${module}'); require('${module}/package.json').version`], here('.'));
  const notFound = 'not found (npm ci --prefix bench/peers)';
  env.BENCH_PYTHON = python; // onnxruntime-node's models are exported by it
  const runtime = inNode('onnxruntime-node');
  const models = runtime && inPython('import onnx, torch') !== null;
  const missing = runtime ? 'needs a Python with PyTorch and onnx (--python CMD)' : notFound;
  add('onnxruntime-node', models ? runtime : null, missing, process.execPath, [here('onnxruntime_node.mjs')]);
  const tensorflow = inNode('@tensorflow/tfjs-backend-wasm');
  add('TensorFlow.js', tensorflow, notFound, process.execPath, [here('tensorflow.mjs')]);
  return peers;
}
