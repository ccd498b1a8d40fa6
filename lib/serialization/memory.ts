// The memory of tensors, for what is read into it or written from it.
import { native } from '../native.js';
import type { Tensor } from '../tensor.js';

/** Lends the bytes of a contiguous tensor to `use`, which must be done with them when its promise settles. */
export async function withBytes<T>(tensor: Tensor, use: (bytes: Uint8Array) => Promise<T>): Promise<T> {
  const buffer = native.lendBytes(tensor.id);
  try {
    return await use(new Uint8Array(buffer));
  } finally {
    native.takeBack(buffer);
  }
}
