// `hub`: PyTorch's cache on disk, filled over the network where it must be.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CheckpointError, CressetError, hub, ones, save } from '../lib/index.js';
import { errorOf, forgetProxies, serving, sha256, TestServer } from './download/server.js';

let root: string;
let bytes: Buffer;
let digits: string;
const server = new TestServer((request, response, count) => serving(bytes)(request, response, count));

const { TORCH_HOME, XDG_CACHE_HOME } = process.env;
function setEnvironment(values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
}

beforeAll(async () => {
  forgetProxies();
  await server.open();
  root = await mkdtemp(join(tmpdir(), 'cresset-hub-'));
  await save({ weight: ones([2]) }, join(root, 'state.pth'));
  bytes = await readFile(join(root, 'state.pth'));
  digits = sha256(bytes).slice(0, 8);
});
afterAll(async () => {
  setEnvironment({ TORCH_HOME, XDG_CACHE_HOME });
  await server.close();
  await rm(root, { recursive: true });
});
let home: string;
beforeEach(async () => {
  server.reset();
  home = await mkdtemp(join(root, 'home-'));
  setEnvironment({ TORCH_HOME: home, XDG_CACHE_HOME: undefined });
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('the folder is PyTorch’s', () => {
  test.each([
    [{ TORCH_HOME: '/models', XDG_CACHE_HOME: '/cache' }, '/models/hub'],
    [{ TORCH_HOME: '~/models' }, join(homedir(), 'models/hub')],
    [{ XDG_CACHE_HOME: '/cache' }, '/cache/torch/hub'],
    [{}, join(homedir(), '.cache/torch/hub')],
  ])('%p', (values, folder) => {
    setEnvironment({ TORCH_HOME: undefined, ...values });
    expect(hub.getDir()).toBe(folder);
  });
});

describe('loadStateDictFromUrl', () => {
  const urlOf = (name: string) => `${server.origin}/models/${name}?v=1`;
  const load = (name: string, options: Parameters<typeof hub.loadStateDictFromUrl>[1] = {}) =>
    hub.loadStateDictFromUrl(urlOf(name), { progress: false, ...options });

  test('fetches once, into the cache', async () => {
    const name = `net-${digits}.pth`;
    for (let i = 0; i < 2; i++) expect((await load(name, { checkHash: true })).weight!.toArray()).toEqual([1, 1]);
    expect(server.ranges).toHaveLength(1);
    expect(await readdir(join(home, 'hub/checkpoints'))).toEqual([name]);
  });

  test('several at once fetch once', async () => {
    await Promise.all([load('net.pth'), load('net.pth'), load('net.pth')]);
    expect(server.ranges).toHaveLength(1);
  });

  test('takes a file that is there, whatever it holds and without asking anyone', async () => {
    await mkdir(join(home, 'hub/checkpoints'), { recursive: true });
    await save({ by: 'hand' }, join(home, 'hub/checkpoints/net-00000000.pth'));
    expect(await load('net-00000000.pth', { checkHash: true })).toEqual({ by: 'hand' });
    expect(server.ranges).toEqual([]);
  });

  test('other folders and names', async () => {
    await load('net.pth', { modelDir: join(home, 'own'), fileName: 'mine.pth' });
    expect(await readdir(join(home, 'own'))).toEqual(['mine.pth']);
  });

  test('a file with another hash than its name says does not stay', async () => {
    const error = await errorOf(load('net-01234567.pth', { checkHash: true }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toContain(`has the SHA-256 ${sha256(bytes)}, expected one that begins with 01234567`);
    expect(await readdir(join(home, 'hub/checkpoints'))).toEqual([]);
  });

  test('the hash counts where it is asked for', async () => {
    expect(Object.keys(await load('net-01234567.pth'))).toEqual(['weight']);
  });

  test('without a network the error says where a file can be put', async () => {
    const url = 'http://127.0.0.1:1/net.pth';
    const path = join(home, 'hub/checkpoints/net.pth');
    const error = await errorOf(hub.loadStateDictFromUrl(url, { progress: false }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(/^loadStateDictFromUrl: download: http:\/\/127.0.0.1:1\/net.pth: fetch failed: .*\S/);
    expect(error.message).toMatch(new RegExp(`; a file put at ${path} by hand is taken instead$`));
    await save({ by: 'hand' }, path);
    expect(await hub.loadStateDictFromUrl(url)).toEqual({ by: 'hand' });
  });

  test('what is no checkpoint', async () => {
    server.handler = (_, response) => response.end('<html>');
    expect(await errorOf(load('net.pth'))).toBeInstanceOf(CheckpointError);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['no URL', () => hub.loadStateDictFromUrl('net.pth'), 'loadStateDictFromUrl: "net.pth" is no URL'],
    [
      'no name',
      () => hub.loadStateDictFromUrl('http://x.test/'),
      'loadStateDictFromUrl: http://x.test/ names no file, so fileName must',
    ],
    ['no string', () => hub.loadStateDictFromUrl(3 as never), 'loadStateDictFromUrl: url must be a string, got 3'],
    ['checkHash', () => load('a.pth', { checkHash: 1 as never }), 'checkHash must be true or false, got 1'],
  ])('%s', async (_, misuse, message) => {
    expect((await errorOf(misuse())).message).toContain(message);
  });
});

describe('downloadUrlToFile', () => {
  test('fetches to a path; a file that fits the hash stays', async () => {
    const path = join(home, 'file.bin');
    await writeFile(path, 'old');
    const options = { hashPrefix: digits, progress: false };
    for (let i = 0; i < 2; i++) await hub.downloadUrlToFile(`${server.origin}/file`, path, options);
    expect(await readFile(path)).toEqual(bytes);
    expect(server.ranges).toHaveLength(1);
    await hub.downloadUrlToFile(`${server.origin}/file`, path, { progress: false });
    expect(server.ranges).toHaveLength(2);
  });

  test('can be aborted', async () => {
    const reason = new Error('no');
    const path = join(home, 'file.bin');
    const signal = AbortSignal.abort(reason);
    expect(await errorOf(hub.downloadUrlToFile(`${server.origin}/file`, path, { signal }))).toBe(reason);
    expect(existsSync(path)).toBe(false);
  });
});

test('setDir chooses for all that follows', () => {
  hub.setDir('~/own');
  expect(hub.getDir()).toBe(join(homedir(), 'own'));
  expect(() => hub.setDir(3 as never)).toThrow(new TypeError('setDir: dir must be a string, got 3'));
});
