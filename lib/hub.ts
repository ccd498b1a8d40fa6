// `hub`: files from the network in PyTorch's own cache, so that what either side has fetched serves both.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { downloadFile } from './download/index.js';
import { CressetError } from './errors.js';
import { withHome } from './folder.js';
import { flag, optionsOf, wrongType } from './functional/check.js';
import type { StateDict } from './nn/index.js';
import { load } from './serialization/index.js';

/** How a file is fetched. */
export interface DownloadOptions {
  /** Show how far it is, on standard error; default true. */
  progress?: boolean;
  /** Aborts the download; what has arrived is used by the next one where a hash tells that it fits. */
  signal?: AbortSignal | undefined;
}

/** Options of `downloadUrlToFile`. */
export interface DownloadUrlOptions extends DownloadOptions {
  /** The first digits of the file's SHA-256, in hexadecimal. */
  hashPrefix?: string | null;
}

/** Options of `loadStateDictFromUrl`. */
export interface LoadUrlOptions extends DownloadOptions {
  /** The folder of the file; default `checkpoints` in `hub.getDir()`. */
  modelDir?: string;
  /** The name of the file; default that in the URL. */
  fileName?: string;
  /** Check the SHA-256 of what is fetched, of which the name holds the first digits: `name-DIGITS.ext`; default false. */
  checkHash?: boolean;
}

let chosen: string | null = null;

function textOf(value: string, op: string, name: string): string {
  if (typeof value !== 'string') wrongType(op, name, 'a string', value);
  return value;
}

/**
 * The folder of everything that is fetched: what `setDir` chose, else `hub` in `$TORCH_HOME`, which is `torch` in `$XDG_CACHE_HOME`
 * or `~/.cache` unless it is set. (`torch.hub.get_dir`)
 * @example
 * import { hub } from 'cresset';
 * hub.setDir('/data/models');
 * hub.getDir(); // '/data/models'
 */
export function getDir(): string {
  const { TORCH_HOME, XDG_CACHE_HOME = '~/.cache' } = process.env;
  return chosen ?? join(withHome(TORCH_HOME ?? join(XDG_CACHE_HOME, 'torch')), 'hub');
}

/**
 * Chooses another folder for what is fetched, for this process. (`torch.hub.set_dir`)
 * @throws TypeError where `dir` is no string.
 * @example
 * import { hub } from 'cresset';
 * hub.setDir('models');
 * hub.getDir(); // 'models'
 */
export function setDir(dir: string): void {
  chosen = withHome(textOf(dir, 'setDir', 'dir'));
}

/** Fetches `url`; whoever has no network learns where the file can be put. */
async function fetchTo(op: string, download: Parameters<typeof downloadFile>[0]): Promise<void> {
  try {
    await downloadFile(download);
  } catch (error) {
    if (!(error instanceof CressetError)) throw error;
    const message = `${op}: ${error.message}; a file put at ${download.path} by hand is taken instead`;
    throw new CressetError(message, { cause: error });
  }
}

/**
 * Fetches a file, which is complete or absent under its name; a broken connection is tried again from where it broke off. With `hashPrefix` a
 * file that is there and fits is left as it is. Proxies are those of HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, except for the hosts of NO_PROXY.
 * (`torch.hub.download_url_to_file`)
 * @throws CressetError that names the URL and the HTTP status, the network's error, or the hash found and expected; the signal's reason
 * when it aborts; the system's error where the file cannot be written.
 * @example
 * import { hub } from 'cresset';
 * const url = 'https://download.pytorch.org/models/vgg16-397923af.pth';
 * await hub.downloadUrlToFile(url, 'vgg16.pth', { hashPrefix: '397923af' });
 */
export async function downloadUrlToFile(url: string, path: string, options: DownloadUrlOptions = {}): Promise<void> {
  const op = 'downloadUrlToFile';
  const { hashPrefix = null, signal } = optionsOf(options, op, ['hashPrefix', 'progress', 'signal']);
  const progress = flag(options.progress, op, 'progress', true);
  const hash = hashPrefix === null ? undefined : ({ algorithm: 'sha256', digits: hashPrefix } as const);
  await downloadFile({ url: textOf(url, op, 'url'), path: textOf(path, op, 'path'), hash, progress, signal });
}

/**
 * The state dict, or whatever `load` reads, of the file at `url`, which is fetched unless it is in the folder. (`torch.hub.load_state_dict_from_url`)
 * @throws CressetError that names the URL, why it cannot be fetched, and the path where the file can be put by hand; CheckpointError for
 * what is no checkpoint; the signal's reason when it aborts.
 * @example
 * import { hub } from 'cresset';
 * const url = 'https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth';
 * const state = await hub.loadStateDictFromUrl(url, { checkHash: true });
 * state['classifier.1.bias'].shape; // [1000]
 */
export async function loadStateDictFromUrl<T = StateDict>(url: string, options: LoadUrlOptions = {}): Promise<T> {
  const op = 'loadStateDictFromUrl';
  const { modelDir = join(getDir(), 'checkpoints'), signal } = optionsOf(options, op, [
    'modelDir',
    'progress',
    'checkHash',
    'fileName',
    'signal',
  ]);
  if (!URL.canParse(textOf(url, op, 'url'))) throw new CressetError(`${op}: ${JSON.stringify(url)} is no URL`);
  const name = textOf(options.fileName ?? basename(new URL(url).pathname), op, 'fileName');
  if (name === '') throw new CressetError(`${op}: ${url} names no file, so fileName must`);
  const path = join(textOf(modelDir, op, 'modelDir'), name);
  const digits = flag(options.checkHash, op, 'checkHash') ? /-([a-f0-9]*)\./.exec(name)?.[1] : undefined;
  const progress = flag(options.progress, op, 'progress', true);
  signal?.throwIfAborted();
  if (!existsSync(path))
    await fetchTo(op, {
      url,
      path,
      hash: digits ? { algorithm: 'sha256', digits } : undefined,
      keep: true,
      progress,
      signal,
    });
  return load<T>(path);
}
