// Runs the functions that tests send, in a process whose worker threads can import the library.
import { spawnSync } from 'node:child_process';
import * as cresset from 'cresset';
import * as data from 'cresset/data';
import * as vision from 'cresset/vision';
import * as things from './things.mjs';

/** The batches, tensors as arrays. */
async function all(loader) {
  const batches = [];
  for await (const batch of loader) batches.push(plain(batch));
  return batches;
}

function plain(value) {
  if (value instanceof cresset.Tensor) return value.toArray();
  if (Array.isArray(value)) return value.map(plain);
  if (value?.constructor === Object) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
}

/** What a promise is rejected with. */
async function thrown(promise) {
  try {
    await promise;
    return 'nothing thrown';
  } catch (error) {
    const { name, message, stack, code, cause } = error;
    return {
      name,
      message,
      stack,
      code,
      kind: error.constructor.name,
      cause: cause?.message ?? cause,
      deeper: cause?.cause?.message,
    };
  }
}

/** How many threads the process has, once they are as few as `enough` or a second has passed. */
async function threads(enough = Number.POSITIVE_INFINITY) {
  const { readdirSync } = await import('node:fs');
  const count = () => readdirSync('/proc/self/task').length;
  for (let i = 0; i < 100 && count() > enough; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  return count();
}

const tools = {
  ...cresset,
  ...data,
  ...vision,
  things,
  all,
  plain,
  thrown,
  threads,
  spawnSync,
  resolve: import.meta.resolve,
};

process.on('message', async ([id, code, args]) => {
  try {
    const run = new Function(`return (${code});`)();
    process.send({ id, result: (await run(tools, ...args)) ?? null });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
