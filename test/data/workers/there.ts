// Runs functions of tests in a process whose worker threads can import the library, the built one: jest's modules are not for threads.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, jest } from '@jest/globals';

// biome-ignore lint/suspicious/noExplicitAny: the library's and the fixture's exports, in another process.
export type Tools = any;

// Threads take their time where many processes want the cores.
jest.setTimeout(60_000);

let child: ChildProcess;
beforeAll(() => {
  child = fork(join(__dirname, 'child.mjs'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--expose-gc'],
  });
});
afterAll(() => {
  child.kill();
});

let calls = 0;

/** What `f` gives in the other process. */
export function there<R, A extends unknown[]>(f: (tools: Tools, ...args: A) => Promise<R>, ...args: A): Promise<R> {
  const id = calls++;
  return new Promise((resolve, reject) => {
    const answered = (answer: { id: number; result: R; error?: string }) => {
      if (answer.id !== id) return;
      child.off('message', answered);
      if (answer.error === undefined) resolve(answer.result);
      else reject(new Error(answer.error));
    };
    child.on('message', answered);
    child.send([id, f.toString(), args]);
  });
}
