// What every accumulating metric promises: updates wait for nothing, record nothing and keep nothing but their sums.
import { expect, jest } from '@jest/globals';
import { memory, tidy } from '../../lib/index.js';
import { native } from '../../lib/native.js';

/** Expects that `update` neither reads results back nor leaves tensors behind. */
export function expectFree(update: () => void): void {
  update();
  const reads = [jest.spyOn(native, 'item'), jest.spyOn(native, 'toTypedArray')];
  const before = memory.stats().handles;
  for (let i = 0; i < 20; i++) tidy(update);
  expect(memory.stats().handles).toBe(before);
  for (const read of reads) {
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  }
}
