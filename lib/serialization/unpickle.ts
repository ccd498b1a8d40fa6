// Reads Python pickles of protocols 2 to 5 as data: an interpreter of an allow-list that never runs code.
import { Buildable, type CallContext, findGlobal, type GlobalFinder, GlobalRef, StorageView } from './globals.js';
import { cost, maxNumericKeys, memoryFor } from './limits.js';
import { everyObject } from './parts.js';
import { PythonObject } from './python.js';
import { OrderedDict } from './stored.js';

/** What the surroundings of a pickle provide. */
export interface UnpickleHost {
  /** Throws the error for byte `at` of the pickle. */
  fail(what: string, at: number): never;
  /** The storage that a persistent id names. */
  storage(id: readonly unknown[], context: CallContext): StorageView;
  /** The class that a persistent id ('module', class, ...) names, where the format has such. */
  container?(id: readonly unknown[], context: CallContext): GlobalRef;
  /** The allow-list; default that of checkpoints. */
  findGlobal?: GlobalFinder;
  /** The most opcodes that a file of this kind can need; default as many as there are bytes. */
  maxOperations?: number;
}

/** How the message begins where a pickle goes on beyond the bytes that are there. */
export const endsInTheMiddle = 'it ends in the middle';

type Operation = (machine: Machine) => void;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Machine implements CallContext {
  readonly view: DataView;
  readonly stack: unknown[] = [];
  readonly marks: number[] = [];
  readonly memo = new Map<number, unknown>();
  at = 0;
  start = 0;
  #budget: number;
  #numericKeys = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly host: UnpickleHost,
    from: number,
  ) {
    this.at = from;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#budget = memoryFor(bytes.length - from);
  }

  fail(what: string): never {
    return this.host.fail(what, this.start);
  }

  spend(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget < 0) this.fail('it repeats its contents too often to be a checkpoint');
  }

  spendEntry(key: unknown): void {
    this.spend(cost.entry);
    const chosen =
      typeof key === 'bigint' ||
      (typeof key === 'number' && !(Number.isInteger(key) && Math.abs(key) <= this.bytes.length));
    if (chosen && ++this.#numericKeys > maxNumericKeys)
      this.fail(`more than ${maxNumericKeys} keys that are large or broken numbers`);
  }

  /** The place of the next `length` bytes, after which reading goes on. */
  take(length: number): number {
    const from = this.at;
    if (!(length >= 0) || length > this.bytes.length - from)
      this.fail(`${endsInTheMiddle}: ${length} bytes wanted, ${this.bytes.length - from} left`);
    this.at = from + length;
    return from;
  }

  u8 = () => this.view.getUint8(this.take(1));
  u16 = () => this.view.getUint16(this.take(2), true);
  i32 = () => this.view.getInt32(this.take(4), true);
  u32 = () => this.view.getUint32(this.take(4), true);
  // Lengths beyond 2^53 lose digits, but are refused by `take` all the same.
  u64 = () => Number(this.view.getBigUint64(this.take(8), true));

  slice(length: number): Uint8Array {
    const from = this.take(length);
    return this.bytes.subarray(from, from + length);
  }

  text(length: number): string {
    try {
      return utf8.decode(this.slice(length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
        this.fail('a string is not UTF-8');
      throw error;
    }
  }

  latin1(length: number): string {
    const { buffer, byteOffset } = this.slice(length);
    return Buffer.from(buffer, byteOffset, length).toString('latin1');
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) this.fail(`${endsInTheMiddle} of a line`);
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  long(length: number): number | bigint {
    if (length > 1024) this.fail(`an integer of ${length} bytes`);
    const bytes = this.slice(length);
    if (length === 0) return 0;
    const value = BigInt.asIntN(length * 8, BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`));
    return integer(value);
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  /** Pushes a value that takes so much more memory than the bytes that make it. */
  pushNew(value: unknown, bytes: number): void {
    this.spend(bytes);
    this.push(value);
  }

  pop(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) this.fail('it takes a value from an empty stack');
    return this.stack.pop();
  }

  top(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) this.fail('it reads a value from an empty stack');
    return this.stack.at(-1);
  }

  popMark(): unknown[] {
    const mark = this.marks.pop();
    if (mark === undefined) this.fail('a mark is missing');
    return this.stack.splice(mark);
  }

  get(index: number): void {
    if (!this.memo.has(index)) this.fail(`memo ${index} is empty`);
    this.push(this.memo.get(index));
  }

  put(index: number): void {
    if (index > this.bytes.length) this.fail(`memo ${index} in a pickle of ${this.bytes.length} bytes`);
    this.spend(cost.memo);
    this.memo.set(index, this.top());
  }

  tuple(length: number): void {
    if (this.stack.length - length < (this.marks.at(-1) ?? 0)) this.fail('it takes a value from an empty stack');
    this.pushNew(this.stack.splice(-length), cost.list);
  }

  append(values: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) this.fail('it appends to something that is no list');
    this.spend(values.length * cost.item);
    // Made as long as needed at once: growing step by step takes twice the memory.
    const from = list.length;
    list.length += values.length;
    for (let i = 0; i < values.length; i++) list[from + i] = values[i];
  }

  setItems(items: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) this.fail('it sets an item of something that is no dict');
    if (items.length % 2 !== 0) this.fail('a dict has a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      this.spendEntry(items[i]);
      dict.set(items[i], items[i + 1]);
    }
  }

  addItems(items: readonly unknown[]): void {
    const set = this.top();
    if (!(set instanceof Set)) this.fail('it adds to something that is no set');
    for (const item of items) {
      this.spendEntry(item);
      set.add(item);
    }
  }

  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!(callee instanceof GlobalRef)) this.fail('it calls something that is no allowed function');
    if (callee.global.call === undefined) this.fail(`it calls ${callee.global.name}, which is no allowed function`);
    if (!Array.isArray(args)) this.fail(`the arguments of ${callee.global.name} are no tuple`);
    this.push(callee.global.call(args, this));
  }

  /** cls.__new__(cls, *args): for classes that are called, the same as calling them. */
  newObject(): void {
    const args = this.pop();
    const callee = this.top();
    if (!(callee instanceof GlobalRef) || callee.global.create === undefined) {
      this.push(args);
      this.reduce();
      return;
    }
    this.pop();
    if (!Array.isArray(args) || args.length > 0) this.fail(`an object of ${callee.global.name} is made with arguments`);
    this.pushNew(callee.global.create(), cost.object);
  }

  global(module: string, name: string): void {
    this.push((this.host.findGlobal ?? findGlobal)(module, name, this));
  }

  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof Buildable) {
      target.setState(state, this);
      return;
    }
    if (!(target instanceof OrderedDict)) this.fail('it sets the attributes of something that has none');
    if (!(state instanceof Map)) this.fail('the attributes of an OrderedDict are no dict');
    if (state.has('_metadata')) target._metadata = state.get('_metadata');
  }

  persistent(): void {
    const id = this.pop();
    if (!Array.isArray(id)) this.fail('a persistent id is no tuple');
    const isContainer = id[0] === 'module' && this.host.container !== undefined;
    this.push(isContainer ? this.host.container!(id, this) : this.host.storage(id, this));
  }
}

const integer = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

function literalInteger(m: Machine): number | bigint | boolean {
  const text = m.line();
  if (text === '00' || text === '01') return text === '01';
  if (!/^[+-]?\d{1,300}L?$/.test(text)) m.fail('a malformed integer');
  return integer(BigInt(text.replace(/L$/, '').replace(/^\+/, '')));
}

// By opcode, named as in Python's pickletools.
const operations: (Operation | undefined)[] = [];
function define(code: string | number, operation: Operation): void {
  operations[typeof code === 'string' ? code.charCodeAt(0) : code] = operation;
}
define(0x80, (m) => {
  const protocol = m.u8();
  if (protocol < 2 || protocol > 5) m.fail(`pickle protocol ${protocol} (2 to 5 are supported)`);
});
define(0x95, (m) => void m.take(8)); // FRAME only announces a length
define('(', (m) => void m.marks.push(m.stack.length));
define('0', (m) => {
  if (m.marks.at(-1) === m.stack.length) m.marks.pop();
  else m.pop();
});
define('1', (m) => void m.popMark());
define('2', (m) => m.push(m.top()));
define('N', (m) => m.push(null));
define(0x88, (m) => m.push(true));
define(0x89, (m) => m.push(false));
define('I', (m) => m.push(literalInteger(m)));
define('L', (m) => m.push(literalInteger(m)));
define('J', (m) => m.push(m.i32()));
define('K', (m) => m.push(m.u8()));
define('M', (m) => m.push(m.u16()));
define(0x8a, (m) => m.push(m.long(m.u8())));
define(0x8b, (m) => m.push(m.long(m.u32())));
define('G', (m) => m.push(m.view.getFloat64(m.take(8), false)));
define('U', (m) => m.push(m.latin1(m.u8())));
define('T', (m) => m.push(m.latin1(m.u32())));
define('X', (m) => m.push(m.text(m.u32())));
define(0x8c, (m) => m.push(m.text(m.u8())));
define(0x8d, (m) => m.push(m.text(m.u64())));
define('C', (m) => m.pushNew(m.slice(m.u8()).slice(), cost.bytes));
define('B', (m) => m.pushNew(m.slice(m.u32()).slice(), cost.bytes));
define(0x8e, (m) => m.pushNew(m.slice(m.u64()).slice(), cost.bytes));
define(0x96, (m) => m.pushNew(m.slice(m.u64()).slice(), cost.bytes));
define(']', (m) => m.pushNew([], cost.list));
define('a', (m) => m.append([m.pop()]));
define('e', (m) => m.append(m.popMark()));
define('l', (m) => m.pushNew(m.popMark(), cost.list));
define(')', (m) => m.pushNew([], cost.list));
define(0x85, (m) => m.tuple(1));
define(0x86, (m) => m.tuple(2));
define(0x87, (m) => m.tuple(3));
define('t', (m) => m.pushNew(m.popMark(), cost.list));
define('}', (m) => m.pushNew(new Map(), cost.dict));
define('d', (m) => {
  const items = m.popMark();
  m.pushNew(new Map(), cost.dict);
  m.setItems(items);
});
define('s', (m) => {
  const value = m.pop();
  m.setItems([m.pop(), value]);
});
define('u', (m) => m.setItems(m.popMark()));
define(0x8f, (m) => m.pushNew(new Set(), cost.dict));
define(0x90, (m) => m.addItems(m.popMark()));
define(0x91, (m) => {
  const items = m.popMark();
  m.pushNew(new Set(), cost.dict);
  m.addItems(items);
});
define('h', (m) => m.get(m.u8()));
define('j', (m) => m.get(m.u32()));
define('q', (m) => m.put(m.u8()));
define('r', (m) => m.put(m.u32()));
define(0x94, (m) => m.put(m.memo.size));
define('c', (m) => m.global(m.line(), m.line()));
define(0x93, (m) => {
  const name = m.pop();
  const module = m.pop();
  if (typeof module !== 'string' || typeof name !== 'string') return m.fail('the name of a global is no string');
  m.global(module, name);
});
define('R', (m) => m.reduce());
define(0x81, (m) => m.newObject());
define('b', (m) => m.build());
define('Q', (m) => m.persistent());

const STOP = 0x2e;

// Opcodes of text, of registered extensions and of instances, which checkpoints do not use.
const refused: Readonly<Record<number, string>> = {
  70: 'FLOAT',
  80: 'PERSID',
  83: 'STRING',
  86: 'UNICODE',
  103: 'GET',
  105: 'INST',
  111: 'OBJ',
  112: 'PUT',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  146: 'NEWOBJ_EX',
  151: 'NEXT_BUFFER',
  152: 'READONLY_BUFFER',
};

function refuse(code: number, machine: Machine): never {
  const name = refused[code];
  return machine.fail(
    name === undefined
      ? `opcode 0x${code.toString(16)} is unknown`
      : `the opcode ${name} is not allowed in a checkpoint`,
  );
}

function run(machine: Machine): unknown {
  const most = machine.host.maxOperations ?? machine.bytes.length;
  for (let count = 0; ; count++) {
    machine.start = machine.at;
    if (count > most) machine.fail(`it has more than ${most} opcodes, which no file of its kind needs`);
    const code = machine.u8();
    if (code === STOP) break;
    const operation = operations[code] ?? refuse(code, machine);
    operation(machine);
  }
  const result = machine.pop();
  if (machine.stack.length > 0) machine.fail('values are left over at its end');
  return result;
}

// Functions and storages are no data: where one is left in the result, the file means something else than it says.
function checkData(result: unknown, machine: Machine): void {
  for (const [part, holder] of everyObject(result)) {
    // Classes among the attributes of an object are what it was made of, and mean nothing here.
    const means = part instanceof GlobalRef && !(holder instanceof PythonObject && part.global.create !== undefined);
    if (means) machine.fail(`it holds ${part.global.name} itself, which is no data`);
    if (part instanceof StorageView) machine.fail('it holds a bare storage; only tensors are supported');
  }
}

/** What a pickle describes, and where the byte after its end lies. */
export interface Unpickled {
  value: unknown;
  end: number;
}

/**
 * The value that a pickle, which begins at byte `from`, describes: Map for dict, OrderedDict, Array for list and tuple, Set, Uint8Array for
 * bytes, number (bigint beyond 2^53), string, boolean, null, StoredTensor and what the allow-list of `host` makes. Work and memory are
 * bounded by the length of `bytes`. Whatever else it mentions ends in `host.fail`.
 */
export function unpickleFrom(bytes: Uint8Array, from: number, host: UnpickleHost): Unpickled {
  const machine = new Machine(bytes, host, from);
  const value = run(machine);
  checkData(value, machine);
  return { value, end: machine.at };
}

/** The value of a pickle that stands alone. */
export const unpickle = (bytes: Uint8Array, host: UnpickleHost): unknown => unpickleFrom(bytes, 0, host).value;
