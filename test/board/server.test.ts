// What the server answers, and whom.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { State } from '../../lib/board/api.js';
import { type Board, serveBoard } from '../../lib/board/server.js';
import { curveValue } from '../../lib/tensorboard/summaries.js';
import { bytesOf, scalar, writeEvents } from './files.js';

const page = join(__dirname, '../../dist/board/page');
let folder: string;
let board: Board;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cresset-board-'));
  const png = Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1');
  const media = (tag: string, bytes: Buffer) => ({ wallTime: 1, summary: { value: [{ tag, image: { png: bytes } }] } });
  const rows = [
    [1, 1],
    [1, 0],
    [0, 1],
    [0, 0],
    [0.5, 1],
    [1, 1],
  ];
  const prCurve = (step: number) => ({ wallTime: 1, step, summary: { value: [curveValue('pr', rows, 2)] } });
  writeEvents(
    join(folder, 'events.out.tfevents.1'),
    bytesOf(
      scalar('a', 0, 1),
      scalar('a', 7, 0.1),
      scalar('a', 8, Number.NaN),
      prCurve(3),
      prCurve(9),
      media('good', png),
      media('bad', Buffer.from('<script>alert(1)</script>')),
    ),
  );
  board = await serveBoard(folder, { page, port: 0, interval: 20 });
  while (board.store.bytesRead === 0 || board.store.isReading) await new Promise((resolve) => setTimeout(resolve, 5));
});
afterAll(async () => {
  await board.close();
  rmSync(folder, { recursive: true });
});

const get = async (path: string) => {
  const response = await fetch(new URL(path, board.url));
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const statusAs = (headers: Record<string, string>, method = 'GET', path = '/api/state'): Promise<number> =>
  new Promise((resolve, reject) => {
    request(board.url, { headers, method, path }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });

test('the page, under a policy that runs nothing but its own script', async () => {
  const { status, headers, text } = await get('/');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(text).toContain('<script type="module" src="page.js">');
  expect((await get('/page.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
});

describe('only this machine is answered', () => {
  test.each([
    ['localhost', 200],
    ['127.0.0.1:1234', 200],
    ['[::1]:6006', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example:80', 403],
  ])('by the name %s', async (host, status) => {
    expect(await statusAs({ host })).toBe(status);
  });
  test('and no other site, and nothing but GET', async () => {
    expect(await statusAs({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await statusAs({ 'sec-fetch-site': 'same-origin' })).toBe(200);
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(await statusAs({ ...link, 'sec-fetch-dest': 'document' })).toBe(200);
    expect(await statusAs({ ...link, 'sec-fetch-dest': 'iframe' })).toBe(403);
    expect(await statusAs({}, 'POST')).toBe(405);
  });
});

test('the state, once for each version', async () => {
  const { text } = await get('/api/state');
  const state = JSON.parse(text);
  expect(state.tags.scalars).toEqual([['a', [0]]]);
  expect((await get(`/api/state?since=${state.version}`)).status).toBe(204);
  // A board that takes its place must not be taken for it.
  expect(state.version).toBeGreaterThan(state.started);
  expect(Math.abs(state.started - Date.now())).toBeLessThan(60_000);
});

test('curves in binary', async () => {
  const bytes = await (await fetch(new URL('/api/scalars?tag=a&runs=0&x=step&width=100', board.url))).arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const head = JSON.parse(Buffer.from(bytes, 4, length).toString());
  expect(head).toMatchObject({ count: 3, exact: true, curves: [{ run: 0, points: 3, broken: 1, brokenAt: 8 }] });
  const start = Math.ceil((4 + length) / 8) * 8;
  expect([...new Float64Array(bytes, start)]).toEqual([0, 7, 8, 1, Math.fround(0.1), Number.POSITIVE_INFINITY]);
});

test('a curve as a table', async () => {
  const { text, headers } = await get('/api/csv?tag=a&run=0');
  expect(text).toBe(`wall_time,step,value\n1000,0,1\n1007,7,${Math.fround(0.1)}\n1008,8,NaN\n`);
  expect(headers.get('content-disposition')).toBe('attachment; filename="scalars.csv"');
  expect(await statusAs({}, 'HEAD', '/api/csv?tag=a&run=0')).toBe(200);
});

test("steps of all runs' precision-recall curves, and the curves at one", async () => {
  expect(JSON.parse((await get('/api/pr-steps?tag=pr&runs=0')).text)).toEqual([3, 9]);
  const [curve, ...others] = JSON.parse((await get('/api/pr-curves?tag=pr&runs=0&step=8')).text);
  expect([curve.run, curve.step, curve.thresholds, others]).toEqual([0, 3, [0, 1], []]);
  expect(curve.rows.flat()).toEqual([1, 1, 1, 0, 0, 1, 0, 0, 0.5, 1, 1, 1]);
  expect(JSON.parse((await get('/api/pr-curves?tag=a&runs=0')).text)).toEqual([]);
});

test('a picture with the type of its bytes; what is none is refused', async () => {
  const good = await get('/api/image?run=0&tag=good&row=0');
  expect([good.status, good.headers.get('content-type')]).toEqual([200, 'image/png']);
  const bad = await get('/api/image?run=0&tag=bad&row=0');
  expect([bad.status, bad.text]).toEqual([415, '{"error":"this is no image of a kind that is shown"}']);
});

test.each([
  ['/api/scalars?runs=0&x=step', 400, 'the parameter tag is missing'],
  ['/api/scalars?tag=a&runs=0&x=z', 400, 'the parameter x must be one of step, relative, wall'],
  ['/api/scalars?tag=a&runs=0&x=step&width=1e9', 400, 'the parameter width must be a number from 0 to 8192, got 1e9'],
  ['/api/csv?tag=b&run=0', 404, 'the run has no such tag'],
  ['/api/csv?tag=a&run=9', 404, 'there is no such run'],
  [
    '/api/pr-curves?tag=a&runs=0&step=x',
    400,
    `the parameter step must be a number from ${-Number.MAX_VALUE} to ${Number.MAX_VALUE}, got x`,
  ],
  ['/api/graph?run=0', 404, 'the run has no graph'],
  ['/../../package.json', 404, 'there is no such page'],
  ['/constructor', 404, 'there is no such page'],
])('%s is refused with the reason', async (path, status, error) => {
  const got = await get(path);
  expect([got.status, JSON.parse(got.text)]).toEqual([status, { error }]);
});
test('what is no address is refused', async () => {
  expect(await statusAs({}, 'GET', '//')).toBe(400);
});
test('a page whose files are gone is an error that is told', async () => {
  const bare = await serveBoard(folder, { page: folder, port: 0 });
  const { status } = await fetch(bare.url);
  await bare.close();
  expect(status).toBe(500);
});

describe('the port', () => {
  test('that is asked for but taken is an error', async () => {
    const port = Number(new URL(board.url).port);
    await expect(serveBoard(folder, { page, port })).rejects.toThrow(/EADDRINUSE/);
  });
  test('is the next free one from 6006 on where none is asked for', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.once('error', () => resolve()).listen(6006, '127.0.0.1', resolve));
    const next = await serveBoard(folder, { page });
    expect(Number(new URL(next.url).port)).toBeGreaterThan(6006);
    await next.close();
    other.close();
  });
});

describe('a logdir', () => {
  test('that is not there is waited for, also when it goes again', async () => {
    const logdir = join(folder, 'later/runs');
    const waiting = await serveBoard(logdir, { page, port: 0, interval: 5 });
    try {
      const state = async () => (await (await fetch(new URL('/api/state', waiting.url))).json()) as State;
      const until = async (isMissing: boolean, runs: number) => {
        for (;;) {
          const { version, ...now } = await state();
          if (now.isMissing === isMissing && now.runs.length === runs) return { version, problem: now.problem };
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      };
      const first = await until(true, 0);
      expect(first.problem).toBeNull();
      mkdirSync(logdir, { recursive: true });
      const second = await until(false, 0);
      writeEvents(join(logdir, 'a/events.out.tfevents.1'), bytesOf(scalar('a', 0, 1)));
      const third = await until(false, 1);
      rmSync(logdir, { recursive: true });
      const fourth = await until(true, 0);
      const versions = [first, second, third, fourth].map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      expect(fourth.problem).toBeNull();
    } finally {
      await waiting.close();
    }
  });
  test('that is a file is an error, which names the folder where that helps', async () => {
    const file = join(folder, 'events.out.tfevents.1');
    await expect(serveBoard(file, { page, port: 0 })).rejects.toThrow(
      `board: LOGDIR ${file} is an event file: give the folder that it is in, ${folder}`,
    );
    await expect(serveBoard(__filename, { page, port: 0 })).rejects.toThrow(
      `board: LOGDIR ${__filename} is a file, not a folder of event files`,
    );
    await expect(serveBoard(join(file, 'below'), { page, port: 0 })).rejects.toThrow(/ENOTDIR/);
  });
});
