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

const [varint, bits64, lengthDelimited, bits32] = [0, 1, 2, 5];
const kinds = { simple: 2, image: 4, histogram: 5, audio: 6, tensor: 8, metadata: 9 };

/** Reads events out of one buffer after the other. Throws RangeError for bytes that are no event. */
export class Scanner {
  readonly head: Head = { wallTime: 0, step: 0, status: 0, graphStart: 0, graphEnd: 0 };
  readonly #value: Outline = { tagStart: 0, tagEnd: 0, kind: 0, simple: 0, start: 0, end: 0, hasMetadata: false };
  #bytes: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  // Where the values of the event's summaries lie, in pairs.
  #summaries: number[] = [];

  /** The buffer that the next events lie in. */
  set bytes(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  // Numbers beyond 2^53 lose their last digits; negative ones come as 64 bits.
  #varint(): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 127) << shift;
      if (byte < 128) return low;
    }
    let high = 0n;
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      high |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, high | BigInt(low)));
    }
    throw new RangeError('a number has more than ten bytes');
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError('it ends within a field');
    return this.#bytes[this.#at++]!;
  }

  #skip(count: number): void {
    if (!(count >= 0 && count <= this.#end - this.#at)) throw new RangeError('a field is longer than what holds it');
    this.#at += count;
  }

  #pass(type: number): void {
    if (type === varint) this.#varint();
    else if (type === bits64) this.#skip(8);
    else if (type === lengthDelimited) this.#skip(this.#varint());
    else if (type === bits32) this.#skip(4);
    else throw new RangeError(`a field has the unknown type ${type}`);
  }

  // Calls `visit` with number and type of each field between the two places; what it leaves of the field is passed over.
  #fields(start: number, end: number, visit: (number: number, start: number, end: number) => void): void {
    const outer = this.#end;
    this.#at = start;
    this.#end = end;
    while (this.#at < end) {
      const tag = this.#varint();
      const type = tag & 7;
      let from = this.#at;
      this.#pass(type);
      const to = this.#at;
      if (type === lengthDelimited) {
        this.#at = from;
        this.#varint();
        from = this.#at;
        this.#at = to;
      }
      visit(tag >>> 3, from, to);
      this.#at = to;
    }
    this.#end = outer;
  }

  #numberAt(at: number): number {
    this.#at = at;
    return this.#varint();
  }

  readonly #headField = (number: number, start: number, end: number): void => {
    const { head } = this;
    if (number === 1 && end - start === 8) head.wallTime = this.#view.getFloat64(start, true);
    else if (number === 2) head.step = this.#numberAt(start);
    else if (number === 4) [head.graphStart, head.graphEnd] = [start, end];
    else if (number === 5) this.#summaries.push(start, end);
    else if (number === 7) this.#fields(start, end, this.#sessionField);
  };

  readonly #sessionField = (number: number, start: number): void => {
    if (number === 1) this.head.status = this.#numberAt(start);
  };

  readonly #valueField = (number: number, start: number, end: number): void => {
    const value = this.#value;
    if (number === 1) [value.tagStart, value.tagEnd] = [start, end];
    else if (number === kinds.metadata) value.hasMetadata = true;
    else if (number === kinds.simple && end - start === 4) {
      value.kind = number;
      value.simple = this.#view.getFloat32(start, true);
    } else if (number === kinds.image || number === kinds.histogram || number === kinds.audio || number === kinds.tensor)
      value.kind = number;
  };

  /** Reads the event between two places of the buffer, and gives each value of its summary to `visit`, in an object that it uses again. */
  event(start: number, end: number, visit: (value: Outline, head: Head) => void): Head {
    const { head } = this;
    head.wallTime = head.step = head.status = head.graphStart = head.graphEnd = 0;
    this.#summaries.length = 0;
    this.#end = end;
    this.#fields(start, end, this.#headField);
    for (let i = 0; i < this.#summaries.length; i += 2)
      this.#fields(this.#summaries[i]!, this.#summaries[i + 1]!, (number, from, to) => {
        if (number !== 1) return;
        const value = this.#value;
        value.tagStart = value.tagEnd = value.start = from;
        value.end = to;
        value.kind = 0;
        value.hasMetadata = false;
        this.#fields(from, to, this.#valueField);
        visit(value, head);
      });
    return head;
  }
}

export { kinds };
