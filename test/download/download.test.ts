// Downloads against a server of our own: what arrives is complete and checked, or it is not there.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Download, downloadFile } from '../../lib/download/index.js';
import { CressetError } from '../../lib/errors.js';
import { arrival, errorOf, forgetProxies, serving, sha256, TestServer } from './server.js';

const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => (7 * i) % 251));
const digits = sha256(bytes);
const server = new TestServer(serving(bytes));
const root = join(__dirname, '../..');

let folder: string;
let url: string;
let path: string;
beforeAll(async () => {
  forgetProxies();
  await server.open();
  url = `${server.origin}/file.bin`;
});
afterAll(() => server.close());
beforeEach(async () => {
  server.reset();
  folder = await mkdtemp(join(tmpdir(), 'cresset-download-'));
  path = join(folder, 'file.bin');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const hash = { algorithm: 'sha256', digits } as const;
const fetchFile = (options: Partial<Download> = {}) =>
  downloadFile({ url, path, hash, progress: false, pauseMs: 1, ...options });
const files = async () => (await readdir(folder)).sort();

/** Sends the file up to `end`, as if all of it came. */
async function sendUntil(response: ServerResponse, end: number, from = 0): Promise<void> {
  if (from === 0) response.writeHead(200, { 'content-length': bytes.length });
  else
    response.writeHead(206, {
      'content-length': bytes.length - from,
      'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
    });
  response.write(bytes.subarray(from, end));
  await arrival(folder, end);
}

describe('what is fetched', () => {
  test.each<[string, Partial<Download>]>([
    ['a SHA-256', {}],
    ['the beginning of a SHA-256', { hash: { algorithm: 'sha256', digits: digits.slice(0, 8).toUpperCase() } }],
    ['no hash', { hash: undefined }],
  ])('%s', async (_, options) => {
    await fetchFile(options);
    expect(await readFile(path)).toEqual(bytes);
    expect(await files()).toEqual(['file.bin']);
  });

  test('a file that has the hash stays, any other is replaced', async () => {
    await writeFile(path, bytes);
    await fetchFile();
    expect(server.ranges).toEqual([]);
    await writeFile(path, 'another');
    await fetchFile();
    expect(await readFile(path)).toEqual(bytes);
  });

  test('without a hash a file is fetched anew, unless it may stay', async () => {
    await writeFile(path, 'old');
    await fetchFile({ hash: undefined, keep: true });
    expect([await readFile(path, 'utf8'), server.ranges]).toEqual(['old', []]);
    await fetchFile({ hash: undefined });
    expect(await readFile(path)).toEqual(bytes);
  });

  test('folders are made', async () => {
    path = join(folder, 'a/b/file.bin');
    await fetchFile();
    expect(await readFile(path)).toEqual(bytes);
  });

  test('redirects lead to other hosts', async () => {
    const other = await new TestServer(serving(bytes)).open();
    const target = `http://localhost:${new URL(other.origin).port}/moved`;
    server.handler = (request, response) =>
      response
        .writeHead(request.url === '/file.bin' ? 302 : 301, {
          location: request.url === '/file.bin' ? '/next' : target,
        })
        .end();
    try {
      await fetchFile();
    } finally {
      await other.close();
    }
    expect(await readFile(path)).toEqual(bytes);
    expect([server.ranges.length, other.ranges.length]).toEqual([2, 1]);
  });
});

test('what no file can take the place of is refused before anything is fetched', async () => {
  await mkdir(path);
  expect((await errorOf(fetchFile())).message).toBe(`download: ${path} is there, and is no regular file`);
  expect(server.ranges).toEqual([]);
});

describe('broken connections', () => {
  test('go on as long as bytes arrive', async () => {
    const pieces = 8;
    server.handler = async (_, response, count) => {
      const step = bytes.length / pieces;
      await sendUntil(response, count * step, (count - 1) * step);
      if (count < pieces) response.destroy();
      else response.end();
    };
    await fetchFile();
    expect(await readFile(path)).toEqual(bytes);
    expect(server.ranges).toHaveLength(pieces);
  });

  test('a server that falls silent is asked again for the rest', async () => {
    server.handler = async (request, response, count) => {
      if (count === 1) await sendUntil(response, 1000);
      else serving(bytes)(request, response, count);
    };
    await fetchFile({ patienceMs: 100 });
    expect(await readFile(path)).toEqual(bytes);
    expect(server.ranges).toEqual([undefined, 'bytes=1000-']);
  });

  test.each<[string, Partial<Download>, object]>([
    ['a hash', {}, {}],
    ['the server', { hash: undefined }, { etag: '"1"' }],
  ])('a server that gives less than was asked for is asked again where %s tells what fits', async (_, options, tag) => {
    server.handler = (request, response) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      const range = `bytes ${from}-${from + 1999}/${bytes.length}`;
      response.writeHead(206, { 'content-range': range, ...tag }).end(bytes.subarray(from, from + 2000));
    };
    await fetchFile(options);
    expect(await readFile(path)).toEqual(bytes);
    expect(server.ranges).toEqual([undefined, 'bytes=2000-', 'bytes=4000-']);
  });

  test('where nothing tells what fits, the file is fetched from the beginning', async () => {
    server.handler = async (request, response, count) => {
      if (count > 1) return serving(bytes)(request, response, count);
      await sendUntil(response, 1000);
      response.destroy();
    };
    await fetchFile({ hash: undefined });
    expect(await readFile(path)).toEqual(bytes);
    expect(server.ranges).toEqual([undefined, undefined]);
  });

  test('a server that has less than it said, or more, is not believed', async () => {
    server.handler = async (request, response) => {
      if (request.headers.range !== undefined)
        return response.writeHead(416, { 'content-range': 'bytes */1000' }).end();
      await sendUntil(response, 1000);
      response.destroy();
    };
    expect((await errorOf(fetchFile())).message).toMatch(
      /asked for bytes from 1000 on, got the range "bytes \*\/1000"/,
    );
    server.handler = (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end(bytes);
    expect((await errorOf(fetchFile())).message).toBe(`download: ${url}: got 5000 of 10 bytes (4 attempts)`);
    expect(await files()).toEqual([]);
  });

  test('a server that never answers', async () => {
    server.handler = () => {};
    const error = await errorOf(fetchFile({ patienceMs: 20 }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toBe(`download: ${url}: the server sent nothing for 0.02 s (4 attempts)`);
    expect(await files()).toEqual([]);
  });

  test('a slow server is waited for', async () => {
    server.handler = async (_, response) => {
      await sendUntil(response, 10);
      for (let at = 10; at < 15; at++) {
        await delay(40);
        response.write(bytes.subarray(at, at + 1));
      }
      response.end(bytes.subarray(15));
    };
    // Longer than this in all, but never at a stretch.
    await fetchFile({ patienceMs: 150 });
    expect(server.ranges).toEqual([undefined]);
  });

  test('what changes on the server meanwhile is not mixed', async () => {
    const newer = Buffer.alloc(6000, 9);
    const conditions: unknown[] = [];
    server.handler = async (request, response, count) => {
      conditions.push(request.headers['if-range']);
      if (count === 1) {
        response.setHeader('etag', '"old"');
        await sendUntil(response, 1000);
        return response.destroy();
      }
      response.writeHead(200, { etag: '"new"' }).end(newer);
    };
    await fetchFile({ hash: undefined });
    expect(await readFile(path)).toEqual(newer);
    expect(conditions).toEqual([undefined, '"old"']);
  });

  test.each([500, 503, 408, 429])('status %d is asked again', async (status) => {
    server.handler = (request, response, count) =>
      count < 4 ? response.writeHead(status).end('later') : serving(bytes)(request, response, count);
    await fetchFile();
    expect(await readFile(path)).toEqual(bytes);
    expect(server.ranges).toHaveLength(4);
  });

  test.each([
    [404, 'Not Found', 1],
    [403, 'Forbidden', 1],
    [502, 'Bad Gateway', 4],
  ])('status %d ends it in the end', async (status, text, attempts) => {
    server.handler = (_, response) => response.writeHead(status).end();
    const error = await errorOf(fetchFile());
    const times = attempts > 1 ? ` (${attempts} attempts)` : '';
    expect(error.message).toBe(`download: ${url}: HTTP status ${status} (${text}), expected 200${times}`);
    expect(server.ranges).toHaveLength(attempts);
    expect(await files()).toEqual([]);
  });
});

describe('what is not kept', () => {
  test.each<[string, Download['hash'], string]>([
    ['SHA-256', { algorithm: 'sha256', digits: '0123' }, 'one that begins with 0123'],
    ['MD5', { algorithm: 'md5', digits: '0'.repeat(32) }, '0'.repeat(32)],
  ])('a file with another %s', async (title, wanted, expected) => {
    const error = await errorOf(fetchFile({ hash: wanted }));
    const found = title === 'MD5' ? '[0-9a-f]{32}' : digits;
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(new RegExp(`^download: ${url} has the ${title} ${found}, expected ${expected}$`));
    expect(await files()).toEqual([]);
  });

  test.each([
    ['with a hash stays for the next call', hash, ['file.bin.part'], ['bytes=1000-']],
    ['without a hash goes', undefined, [], [undefined]],
  ])('what has arrived %s when it is aborted', async (_, wanted, left, ranges) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    server.handler = async (_request, response) => {
      await sendUntil(response, 1000);
      controller.abort(reason);
    };
    expect(await errorOf(fetchFile({ hash: wanted, signal: controller.signal }))).toBe(reason);
    expect(await files()).toEqual(left);
    server.reset();
    await fetchFile({ hash: wanted });
    expect(server.ranges).toEqual(ranges);
    expect(await readFile(path)).toEqual(bytes);
  });

  test.each(['where a file is checked first', 'where there is none'])('aborting at once, %s', async (where) => {
    if (where === 'where a file is checked first') await writeFile(path, 'old');
    const controller = new AbortController();
    const reason = new Error('enough');
    const failure = errorOf(fetchFile({ signal: controller.signal }));
    controller.abort(reason);
    expect(await failure).toBe(reason);
    expect(server.ranges).toEqual([]);
  });

  test.each<[Partial<Download>, string]>([
    [{ url: 'file:///etc/hosts' }, 'the URL must begin with http:// or https://, got "file:///etc/hosts"'],
    [{ url: 'nonsense' }, 'the URL must begin with http:// or https://, got "nonsense"'],
    [
      { hash: { algorithm: 'sha256', digits: 'xyz' } },
      'the SHA-256 must be 1 to 64 hexadecimal digits, the first of it, got "xyz"',
    ],
  ])('%p', async (options, message) => {
    expect((await errorOf(fetchFile(options))).message).toBe(`download: ${message}`);
  });
});

describe('several downloads of a file', () => {
  test('in one process become one', async () => {
    await Promise.all([fetchFile(), fetchFile(), fetchFile()]);
    expect(server.ranges).toHaveLength(1);
  });

  test('one that waits for another can be aborted', async () => {
    const controller = new AbortController();
    let release = () => {};
    server.handler = async (request, response, count) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      serving(bytes)(request, response, count);
    };
    const first = fetchFile();
    const second = errorOf(fetchFile({ signal: controller.signal }));
    const reason = new Error('no');
    controller.abort(reason);
    expect(await second).toBe(reason);
    while (server.ranges.length === 0) await delay(2);
    release();
    await first;
    expect(await readFile(path)).toEqual(bytes);
  });

  // Fetches by the built library, as another process does.
  const program = (before = '') => `
    import { hub } from ${JSON.stringify(join(root, 'dist/index.js'))};
    ${before}
    await hub.downloadUrlToFile(${JSON.stringify(url)}, ${JSON.stringify(path)}, { hashPrefix: '${digits}', progress: false })
      .catch((error) => console.log(error.code, error.message));
  `;
  const node = (code: string) => spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });

  test('in two processes at once do not meet', async () => {
    const waiting: (() => void)[] = [];
    server.handler = async (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 2000));
      // Both are in the middle before either goes on.
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) for (const go of waiting) go();
      });
      response.end(bytes.subarray(2000));
    };
    const child = node(program());
    await Promise.all([once(child, 'exit'), fetchFile()]);
    expect(server.ranges).toEqual([undefined, undefined]);
    expect(await readFile(path)).toEqual(bytes);
    expect(await files()).toEqual(['file.bin']);
  });

  test('a process that is killed leaves its part to the next', async () => {
    const child = node(program());
    server.handler = async (_, response) => {
      await sendUntil(response, 3000);
      child.kill('SIGKILL');
    };
    await once(child, 'exit');
    expect(await files()).toEqual([expect.stringMatching(/^file\.bin\..+-\d+-[0-9a-f]{8}\.part$/)]);
    server.reset();
    await fetchFile();
    expect(server.ranges).toEqual(['bytes=3000-']);
    expect(await readFile(path)).toEqual(bytes);
    expect(await files()).toEqual(['file.bin']);
  });

  test('a full disk is an error that names the file, and what has arrived stays', async () => {
    // A limit on the size of files, in blocks of 1024 bytes, ends a write as a full disk does.
    const command = `trap '' XFSZ; ulimit -f 2; exec "${process.execPath}" --input-type=module -e "$CODE"`;
    await writeFile(path, 'old');
    const env = { ...process.env, CODE: program() };
    const { stdout } = await promisify(execFile)('bash', ['-c', command], { env });
    expect(stdout).toMatch(/^EFBIG .*file\.bin could not be written: EFBIG/);
    expect(await files()).toEqual(['file.bin', 'file.bin.part']);
    expect([await readFile(path, 'utf8'), await readFile(`${path}.part`)]).toEqual(['old', bytes.subarray(0, 2048)]);
    server.reset();
    await fetchFile();
    expect(server.ranges).toEqual(['bytes=2048-']);
    expect(await readFile(path)).toEqual(bytes);
  });
});
