// onnxruntime's package for Node as a peer of the bench: inference of the networks, which `BENCH_PYTHON` with PyTorch exports.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { serve } from './serve.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [python, ...args] = process.env.BENCH_PYTHON.split(' ');

/** The network as bytes and the shape of its input. The file lies in the project, which a Python in a container sees too. */
function exported(spec) {
  const folder = mkdtempSync(join(root, 'build', 'onnx-'));
  try {
    const file = join(folder, 'model.onnx');
    const script = join(root, 'bench/peers/onnx_file.py');
    const { status, stdout } = spawnSync(python, [...args, script, JSON.stringify(spec), file], { encoding: 'utf8' });
    return status === 0 ? { model: readFileSync(file), shape: JSON.parse(stdout) } : null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let sessions = [];
await serve(async (spec) => {
  if (spec.kind !== 'model' || spec.mode !== 'inference') return null;
  const network = exported(spec);
  if (!network) return null;
  for (const session of sessions) await session.release(); // the collector does not see how large they are
  sessions = [];
  const values = Float32Array.from({ length: network.shape.reduce((a, b) => a * b) }, Math.random);
  const x = new Tensor('float32', values, network.shape);
  const runs = new Map();
  return async (threads) => {
    if (!runs.has(threads)) {
      const session = await InferenceSession.create(network.model, { intraOpNumThreads: threads, logSeverityLevel: 3 });
      sessions.push(session);
      runs.set(threads, () => session.run({ [session.inputNames[0]]: x }));
    }
    return runs.get(threads);
  };
});
