// What a file may ask for at most. Files of PyTorch stay far below; what goes beyond is made to harm.

/** How deep values may lie in one another, in files that are read and in those that are written. */
export const maxDepth = 1000;

/** How many modules a whole model may have, counted at each place where one stands. */
export const maxModules = 100_000;

/** Keys of dicts and sets that are numbers of the file's choice: a Map's hashes of those can be made to fall together. */
export const maxNumericKeys = 3000;

/** The characters of all names under which `inspect` and `convert` list what a file holds. */
export const maxNames = 1 << 25;

/** The bytes of memory that the values of a pickle of `length` bytes may take. */
export const memoryFor = (length: number): number => (16 << 20) + 36 * length;

/** About what values take in memory when they are read and restored, in bytes. */
export const cost = {
  list: 256,
  dict: 512,
  entry: 96,
  item: 32,
  memo: 96,
  bytes: 640,
  tensor: 1024,
  object: 2048,
} as const;
