// The memory of tensors, for what is read into it or written from it.
import { native } from '../native.js';
import type { Tensor } from '../tensor.js';
import type { Place } from './chunks.js';

/** Lends pieces of a contiguous tensor's memory to `use`, which must be done with them when its promise settles. */
export async function withMemory(tensor: Tensor, use: (place: Place) => Promise<void>): Promise<void> {
  const loans: ArrayBuffer[] = [];
  try {
    await use((at, size) => {
      const buffer = native.lendBytes(tensor.id, at, size);
      loans.push(buffer);
      return new Uint8Array(buffer);
    });
  } finally {
    for (const buffer of loans) native.takeBack(buffer);
  }
}
