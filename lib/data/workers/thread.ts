// What a worker thread of a DataLoader runs: it makes its dataset, then the batches that it is asked for.
import { parentPort, workerData } from 'node:worker_threads';
import { manualSeed } from '../../random.js';
import { BatchMaker, ended, type Plan } from '../maker.js';
import { collateOf } from '../options.js';
import { describeBatch, writeTensors } from './batch.js';
import { errorData } from './error.js';
import { setWorkerInfo } from './info.js';
import type { Reply, Setup, Task } from './messages.js';
import { unpack } from './pack.js';

const { id, numWorkers, seed, things, plan, pass } = workerData as Setup;
const memories: SharedArrayBuffer[] = [];
const post = (reply: Reply): void => parentPort!.postMessage(reply);

let maker: BatchMaker | undefined;
let made = -1;

// Known before any module of the user's is imported, which may ask.
setWorkerInfo({ id, numWorkers, seed, dataset: undefined });

async function start(): Promise<Plan> {
  manualSeed(seed);
  const [whole, collateFn, workerInitFn] = (await unpack(things)) as [
    Plan['dataset'],
    Plan['collateFn']?,
    ((id: number) => unknown)?,
  ];
  setWorkerInfo({ id, numWorkers, seed, dataset: whole });
  await workerInitFn?.(id);
  const { shard } = whole as { shard?: (index: number, count: number) => Plan['dataset'] };
  const dataset = plan.stream && shard !== undefined ? shard.call(whole, id, numWorkers) : whole;
  return { ...plan, dataset, collateFn: collateOf(collateFn, plan.lists) };
}

async function makerOf(task: Task): Promise<BatchMaker> {
  if (maker !== undefined && made === task.pass) return maker;
  await maker?.close();
  made = task.pass;
  const step = plan.sharded ? { first: id, step: numWorkers } : {};
  maker = new BatchMaker(await started, task.seed, { turnMs: Number.POSITIVE_INFINITY, ...step });
  return maker;
}

async function answer(task: Task): Promise<void> {
  const { number, slot } = task;
  const head = { pass: task.pass, number, slot };
  // A pass that was broken off is not made to its end.
  if (Atomics.load(pass, 0) !== task.pass) return post(head);
  let doing = `batch ${number}`;
  try {
    const current = await makerOf(task);
    const batch = await current.make(number, task.indices).finally(() => {
      doing = current.doing;
    });
    if (batch === ended) return post({ ...head, ended: true });
    const { value, places, tensors, bytes } = describeBatch(batch);
    const known = memories[slot];
    const memory = known !== undefined && known.byteLength >= bytes ? known : new SharedArrayBuffer(bytes);
    memories[slot] = memory;
    writeTensors(tensors, places, memory);
    post({ ...head, batch: { value, places }, ...(memory === known ? {} : { memory }) });
  } catch (error) {
    post({ ...head, error: errorData(error), doing });
  }
}

const started = start();
let last: Promise<unknown> = started.catch((error: unknown) => {
  post({ pass: -1, number: -1, slot: 0, error: errorData(error), doing: 'start' });
  parentPort!.close();
});
parentPort!.on('message', (task: Task) => {
  last = last.then(() => answer(task));
});
