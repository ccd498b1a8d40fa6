// The outline of an event: where its parts lie, without making objects, as a logdir may hold many millions of events.

/** A summary's value: its tag, and where the rest of it lies. */
export interface Outline {
  tagStart: number;
  tagEnd: number;
  /** What it holds: the number of its field in the message, 0 where there is none. */
  kind: number;
  /** The number of a plain scalar. */
  simple: number;
  /** The value as a whole. */
  start: number;
  end: number;
  hasMetadata: boolean;
}

/** What an event says beside its summary's values. */
export interface Head {
  wallTime: number;
  step: number;
  /** Of a session log; 0 where there is none. */
  status: number;
  graphStart: number;
  graphEnd: number;
}

const varint = 0;
const bits64 = 1;
const lengthDelimited = 2;
const bits32 = 5;
/** What a value may hold, by the numbers of its fields. */
export const kinds = { simple: 2, image: 4, histogram: 5, audio: 6, tensor: 8, metadata: 9 } as const;

// A time that is none would have no place on an axis.
const finite = (time: number): number => (Number.isFinite(time) ? time : 0);

/** Reads events out of one buffer after the other. Throws RangeError for bytes that are no event. */
export class Scanner {
  readonly head: Head = { wallTime: 0, step: 0, status: 0, graphStart: 0, graphEnd: 0 };
  readonly #value: Outline = { tagStart: 0, tagEnd: 0, kind: 0, simple: 0, start: 0, end: 0, hasMetadata: false };
  #bytes: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  // The field that was read last: its number, where its bytes lie, and what it is where it is a whole number.
  #number = 0;
  #from = 0;
  #to = 0;
  #whole = 0;

  /** The buffer that the next events lie in. */
  set bytes(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  // Numbers beyond 2^53 lose their last digits; negative ones come as 64 bits.
  #varint(end: number): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte(end);
      low |= (byte & 127) << shift;
      if (byte < 128) return low;
    }
    let high = 0n;
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte(end);
      high |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, high | BigInt(low)));
    }
    throw new RangeError('a number has more than ten bytes');
  }

  #byte(end: number): number {
    if (this.#at >= end) throw new RangeError('it ends within a field');
    return this.#bytes[this.#at++]!;
  }

  /** Reads the next field of what ends at `end`; false where there is none. */
  #next(end: number): boolean {
    if (this.#at >= end) return false;
    const tag = this.#varint(end);
    const type = tag & 7;
    this.#number = tag >>> 3;
    this.#from = this.#at;
    if (type === varint) this.#whole = this.#varint(end);
    else if (type === lengthDelimited) {
      const length = this.#varint(end);
      this.#from = this.#at;
      this.#pass(length, end);
    } else if (type === bits64) this.#pass(8, end);
    else if (type === bits32) this.#pass(4, end);
    else throw new RangeError(`a field has the unknown type ${type}`);
    this.#to = this.#at;
    return true;
  }

  #pass(count: number, end: number): void {
    if (!(count >= 0 && count <= end - this.#at)) throw new RangeError('a field is longer than what holds it');
    this.#at += count;
  }

  /**
   * Reads the event between two places of the buffer, and gives each value of its summary to `visit`, in objects that it uses again.
   * Writers put the time and the step before the summary, so that these are known then.
   */
  event(start: number, end: number, visit: (value: Outline, head: Head) => void): Head {
    const { head } = this;
    head.wallTime = head.step = head.status = head.graphStart = head.graphEnd = 0;
    this.#at = start;
    while (this.#next(end)) {
      const after = this.#at;
      const from = this.#from;
      const number = this.#number;
      switch (number) {
        case 1:
          if (after - from === 8) head.wallTime = finite(this.#view.getFloat64(from, true));
          break;
        case 2:
          head.step = this.#whole;
          break;
        case 4:
          head.graphStart = from;
          head.graphEnd = after;
          break;
        case 5:
          this.#at = from;
          while (this.#next(after)) if (this.#number === 1) this.#readValue(visit);
          break;
        case 7:
          this.#at = from;
          while (this.#next(after)) if (this.#number === 1) head.status = this.#whole;
          break;
      }
      this.#at = after;
    }
    return head;
  }

  #readValue(visit: (value: Outline, head: Head) => void): void {
    const value = this.#value;
    const [start, end] = [this.#from, this.#to];
    value.tagStart = value.tagEnd = value.start = start;
    value.end = end;
    value.kind = 0;
    value.hasMetadata = false;
    this.#at = start;
    while (this.#next(end))
      switch (this.#number) {
        case 1:
          value.tagStart = this.#from;
          value.tagEnd = this.#to;
          break;
        case kinds.metadata:
          value.hasMetadata = true;
          break;
        case kinds.simple:
          if (this.#to - this.#from !== 4) break;
          value.kind = kinds.simple;
          value.simple = this.#view.getFloat32(this.#from, true);
          break;
        case kinds.image:
        case kinds.histogram:
        case kinds.audio:
        case kinds.tensor:
          value.kind = this.#number;
          break;
      }
    this.#at = end;
    visit(value, this.head);
  }
}
