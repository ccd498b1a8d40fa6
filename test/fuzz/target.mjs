// Reads one input by all public ways, and says what of it is not as promised.
import * as fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { safetensorsOf } from './safetensors.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Limits of a single input. */
const mostMilliseconds = 1000;
const mostMemory = 64 << 20;

/** What an input did that it may not. */
export class Finding extends Error {}

// The kernel's own high-water mark of the process's memory, begun anew for each input.
const mark = fs.openSync('/proc/self/clear_refs', 'w');

// Reading without a thread's hop for each part is several times as fast: the files of `paths` answer at once.
function answerAtOnce(paths) {
  const { open, readFile } = promises;
  promises.open = async (path, flags) => {
    if (!paths.includes(path)) return open(path, flags);
    const fd = fs.openSync(path, 'r');
    return {
      fd,
      stat: async () => fs.fstatSync(fd),
      read: async (buffer, offset, length, position) => ({
        bytesRead: fs.readSync(fd, buffer, offset, length, position),
        buffer,
      }),
      close: async () => fs.closeSync(fd),
    };
  };
  promises.readFile = async (path, options) =>
    paths.includes(path) ? fs.readFileSync(path, options) : readFile(path, options);
  syncBuiltinESMExports();
}

/** Reads inputs through the library's public ways. */
export class Target {
  slowest = 0;
  largest = 0;
  outcomes = new Map();
  #input;
  #runs = 0;
  #before = 0;

  constructor(folder, library, { inspectCheckpoint, convertCheckpoint }) {
    fs.mkdirSync(folder, { recursive: true });
    Object.assign(this, { folder, library, inspectCheckpoint, convertCheckpoint });
    [this.path, this.index] = [join(folder, 'input'), join(folder, 'input.index.json')];
    const shard = join(folder, 'shard.safetensors');
    this.#input = fs.openSync(this.path, 'w+');
    fs.symlinkSync(this.path, this.index);
    fs.writeFileSync(shard, safetensorsOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', Buffer.alloc(4)));
    answerAtOnce([this.path, this.index, shard]);
    class Net extends library.nn.Module {
      forward = (x) => x;
    }
    this.classes = { Net };
  }

  /** Counts what came of it, without names and numbers. */
  #count(outcome) {
    const kind = outcome.replace(/[^ ]*[^a-z ,:][^ ]*/g, '_').slice(0, 60);
    this.news = !this.outcomes.has(kind);
    this.outcomes.set(kind, (this.outcomes.get(kind) ?? 0) + 1);
  }

  async #attempt(what, read) {
    try {
      const value = await read();
      this.#count(`${what}: read`);
      return value;
    } catch (error) {
      const { CheckpointError, OutOfMemoryError } = this.library;
      // The files of an index may be missing.
      if (what === 'index' && ['ENOENT', 'ENAMETOOLONG'].includes(error.code))
        return this.#count(`${what}: ${error.code}`);
      if (!(error instanceof CheckpointError || error instanceof OutOfMemoryError))
        throw new Finding(`${what} rejects with what is not promised: ${error?.stack}`);
      // The engine's own limits are not the reader's, and come after the harm.
      if (
        /call stack|Invalid (array|string|typed array)|allocation failed|out of range|Cannot create/.test(error.message)
      )
        throw new Finding(`${what} meets the engine's limits: ${error.message.slice(0, 300)}`);
      if (error.message.length > 3000) throw new Finding(`${what}: a message of ${error.message.length} characters`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
      if (/[\u0000-\u001f\u007f-\u009f]/.test(error.message))
        throw new Finding(`${what}: a message with control characters`);
      this.#count(`${what}: ${error.message.slice(`${error.path}: ${error.where}: `.length)}`);
      return undefined;
    }
  }

  /** Whatever a file gives must be good for use: every tensor is read, every module printed. */
  #use(value) {
    const { Tensor, nn } = this.library;
    const seen = new Set();
    const open = [value];
    while (open.length > 0) {
      const item = open.pop();
      if ((typeof item !== 'object' && typeof item !== 'function') || item === null || seen.has(item)) continue;
      seen.add(item);
      if (item instanceof Tensor) {
        String(item);
        if (item.numel() < 10_000) item.toArray();
      } else if (item instanceof nn.Module) {
        String(item);
        open.push(item.stateDict());
      } else if (item instanceof Map) for (const pair of item) open.push(pair[0], pair[1]);
      else if (Array.isArray(item) || item instanceof Set) for (const part of item) open.push(part);
      else if (!ArrayBuffer.isView(item)) for (const part of Object.values(item)) open.push(part);
    }
  }

  async #read(bytes, thorough) {
    const { load, safetensorsMetadata } = this.library;
    if (bytes[0] === 0x7b) return void (await this.#attempt('index', () => load(this.index)));
    const value = await this.#attempt('load', () => load(this.path, { classes: this.classes }));
    const { news } = this;
    if (value !== undefined) this.#use(value);
    if (bytes[8] === 0x7b) await this.#attempt('metadata', () => safetensorsMetadata(this.path));
    if (!thorough) return;
    const inspected = await this.#attempt('inspect', () => this.inspectCheckpoint(this.path));
    if (inspected !== undefined) {
      JSON.stringify(inspected.items.map(({ name, text }) => [name, text]));
      const output = `${this.path}${bytes.length % 2 === 0 ? '.pth' : '.safetensors'}`;
      const count = await this.#attempt('convert', () => this.convertCheckpoint(this.path, output));
      if (count !== undefined && Object.keys(await load(output)).length !== count)
        throw new Finding('what convert wrote holds another number of tensors');
    }
    this.news ||= news;
  }

  /** Milliseconds, and the bytes by which the process was ever larger than at its last `begin`. */
  async #measure(bytes, thorough) {
    const start = performance.now();
    await this.#read(bytes, thorough);
    const time = performance.now() - start;
    return { time, memory: process.resourceUsage().maxRSS * 1024 - this.#before };
  }

  #begin() {
    fs.writeSync(mark, '5');
    this.#before = process.resourceUsage().maxRSS * 1024;
  }

  /** Runs one input; true where its outcome is of a new kind. Throws a Finding, or what the library should not have thrown. */
  async run(bytes, thorough = false) {
    fs.ftruncateSync(this.#input, 0);
    fs.writeSync(this.#input, bytes, 0, bytes.length, 0);
    // What many have used together is looked at one by one below.
    if (this.#runs++ % 64 === 0) this.#begin();
    let { time, memory } = await this.#measure(bytes, thorough);
    const { news } = this;
    const most = bytes.length + mostMemory;
    // What happens once may be the machine's or the collector's doing.
    for (let i = 0; i < 2 && (time > mostMilliseconds || memory > most); i++) {
      collect();
      this.#begin();
      const again = await this.#measure(bytes, thorough);
      time = Math.min(time, again.time);
      memory = Math.min(memory, again.memory);
    }
    this.slowest = Math.max(this.slowest, time);
    this.largest = Math.max(this.largest, memory);
    if (time > mostMilliseconds) throw new Finding(`it takes ${time.toFixed(0)} ms`);
    if (memory > most)
      throw new Finding(`it takes ${(memory / 2 ** 20).toFixed(0)} MB for a file of ${bytes.length} bytes`);
    return news;
  }

  /** Throws a Finding where tensors of earlier inputs still live. */
  async checkLeft() {
    for (let i = 0; i < 3; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { liveBytes, handles } = this.library.memory.stats();
    if (liveBytes > 1 << 20) throw new Finding(`${liveBytes} bytes of tensors and ${handles} handles are left`);
  }
}
