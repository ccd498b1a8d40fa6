// What the peers in Node share: a request a line on standard input, the times of the runs, in seconds, as the answer.
import { createInterface } from 'node:readline';

/**
 * `prepare(spec)` gives a function of the thread count that gives the work; either gives null where the peer has none, or a promise.
 * The same work for several thread counts is warmed up once. What a run gives is disposed of outside its time.
 */
export async function serve(prepare) {
  if (process.argv[2]) return wholeProcess(prepare, JSON.parse(process.argv[2]));
  console.log = console.error; // what libraries print is no answer
  let current = {};
  for await (const line of createInterface({ input: process.stdin })) {
    const { spec, threads, seconds } = JSON.parse(line);
    const key = JSON.stringify(spec);
    if (current.key !== key) current = { key, on: await prepare(spec), warm: new Set() };
    const run = await current.on?.(threads);
    const times = run ? await timed(run, seconds, current.warm) : null;
    process.stdout.write(`${JSON.stringify(times && { times })}\n`);
  }
}

async function timed(run, seconds, warm) {
  if (!warm.has(run)) await run();
  warm.add(run);
  const times = [];
  const end = performance.now() + seconds * 1000;
  while (times.length < 3 || performance.now() < end) {
    const start = performance.now();
    const running = run();
    const result = running instanceof Promise ? await running : running; // waiting for no promise would cost time too
    times.push((performance.now() - start) / 1000);
    result?.dispose?.();
  }
  return times;
}

/** `PEER.mjs SPEC` does a few training steps and prints its peak of resident memory in bytes. */
async function wholeProcess(prepare, { steps, threads, ...spec }) {
  const on = await prepare({ ...spec, kind: 'model', mode: 'training' });
  if (!on) process.exit(1);
  const step = await on(threads);
  for (let i = 0; i < steps; i++) await step();
  process.stdout.write(`${process.resourceUsage().maxRSS * 1024}\n`, () => process.exit());
}
