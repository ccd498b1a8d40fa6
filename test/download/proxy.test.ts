// Downloads through a proxy of our own, as the environment says.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { downloadFile } from '../../lib/download/index.js';
import { errorOf, forgetProxies, serving, TestServer } from './server.js';

const bytes = Buffer.from('what is fetched');
const server = new TestServer(serving(bytes));

// A proxy for both ways: it forwards requests for whole URLs, and connects to hosts. No name leaves the machine.
let seen: string[];
const proxy = createServer((request, response) => {
  seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
  const { port, pathname } = new URL(request.url!);
  const forwarded = send({ port, path: pathname, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  forwarded.end();
}).on('connect', (request, socket) => {
  seen.push(`CONNECT ${request.url}`);
  const [host, port] = request.url!.split(':');
  if (host === 'refused.test') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  const target = connect(Number(port), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    socket.pipe(target).pipe(socket);
  });
  for (const end of [socket, target]) end.on('error', () => {});
});
const portOf = (listener: { address(): unknown }) => (listener.address() as AddressInfo).port;
const listening = (listener: typeof proxy) => new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));

let secure: ReturnType<typeof createSecureServer>;
let address: string;
let folder: string;
beforeAll(async () => {
  const pem = await readFile(join(__dirname, 'localhost.pem'));
  secure = createSecureServer({ key: pem, cert: pem }, (_, response) => response.end(bytes));
  await Promise.all([server.open(), listening(proxy), listening(secure)]);
  address = `http://127.0.0.1:${portOf(proxy)}`;
});
afterAll(async () => {
  for (const open of [proxy, secure]) open.closeAllConnections();
  await Promise.all([server.close(), ...[proxy, secure].map((open) => new Promise((done) => open.close(done)))]);
});
beforeEach(async () => {
  forgetProxies();
  server.reset();
  seen = [];
  folder = await mkdtemp(join(tmpdir(), 'cresset-proxy-'));
});
afterEach(() => {
  forgetProxies();
  return rm(folder, { recursive: true });
});

async function fetched(url: string): Promise<Buffer> {
  const path = join(folder, 'file');
  await downloadFile({ url, path, progress: false, pauseMs: 1 });
  return readFile(path);
}
const portOfServer = () => new URL(server.origin).port;

test.each(['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'])('%s is gone through', async (name) => {
  process.env[name] = address;
  const url = `http://models.test:${portOfServer()}/file`;
  expect(await fetched(url)).toEqual(bytes);
  expect(seen).toEqual([`GET ${url}`]);
});

test('a proxy needs no http://, and may have a name and a password', async () => {
  process.env.http_proxy = address.replace('http://', 'me:secret@');
  const url = `http://models.test:${portOfServer()}/file`;
  expect(await fetched(url)).toEqual(bytes);
  expect(seen).toEqual([`GET ${url} Basic ${btoa('me:secret')}`]);
});

test('the name in lower case counts first', async () => {
  process.env.HTTP_PROXY = 'http://127.0.0.1:1';
  process.env.http_proxy = address;
  expect(await fetched(`http://models.test:${portOfServer()}/file`)).toEqual(bytes);
  expect(seen).toHaveLength(1);
});

test.each([
  ['NO_PROXY', 'example.org, 127.0.0.1'],
  ['no_proxy', '127.0.0.1'],
  ['no_proxy', '*'],
])('%s=%s is gone past', async (name, hosts) => {
  process.env.HTTP_PROXY = address;
  process.env[name] = hosts;
  expect(await fetched(`${server.origin}/file`)).toEqual(bytes);
  expect(seen).toEqual([]);
});

test.each(['https_proxy', 'ALL_PROXY'])('%s makes a tunnel', async (name) => {
  const code = `
    import { hub } from ${JSON.stringify(join(__dirname, '../../dist/index.js'))};
    await hub.downloadUrlToFile(process.env.FROM, process.env.TO, { progress: false });
  `;
  const url = `https://localhost:${portOf(secure)}/file`;
  const [path, certificate] = [join(folder, 'file'), join(__dirname, 'localhost.pem')];
  const env = { ...process.env, [name]: address, FROM: url, TO: path, NODE_EXTRA_CA_CERTS: certificate };
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { env });
  expect(await readFile(path)).toEqual(bytes);
  expect(seen).toEqual([`CONNECT localhost:${portOf(secure)}`]);
});

test('a proxy that refuses or is not there ends it in the end', async () => {
  process.env.HTTPS_PROXY = address;
  expect((await errorOf(fetched('https://refused.test/file'))).message).toMatch(
    /^download: https:\/\/refused\.test\/file: .*(403|[Pp]roxy).* \(4 attempts\)$/,
  );
  expect(seen.every((line) => line === 'CONNECT refused.test:443')).toBe(true);
  process.env.HTTP_PROXY = 'http://127.0.0.1:1';
  expect((await errorOf(fetched('http://models.test/file'))).message).toMatch(/ECONNREFUSED.*\(4 attempts\)$/);
});

test.each(['ftp://127.0.0.1:21', 'http://'])('a proxy that is %s is refused', async (value) => {
  process.env.HTTP_PROXY = value;
  expect((await errorOf(fetched('http://models.test/file'))).message).toBe(
    `download: the proxy must be a http, https or socks5 URL, got http_proxy=${value}`,
  );
});
