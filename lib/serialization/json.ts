// JSON as the headers of safetensors have it, where a key that stands twice would be read differently by different programs.
const utf8 = new TextDecoder('utf-8', { fatal: true });

// An object of objects of lists.
const maxNesting = 8;

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const parts = Object.values(value);
  return parts.reduce((sum: number, part) => sum + countKeys(part), Array.isArray(value) ? 0 : parts.length);
}

/**
 * The value of a JSON text whose objects have each key once.
 * @throws SyntaxError where it is none, or nested more than 8 deep, or not UTF-8.
 */
export function parseJson(bytes: Uint8Array): unknown {
  let [depth, keys, inString] = [0, 0, false];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x3a) keys++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    else if ((byte === 0x7b || byte === 0x5b) && ++depth > maxNesting)
      throw new SyntaxError(`it is nested more than ${maxNesting} deep`);
  }
  const value: unknown = JSON.parse(decode(bytes));
  if (countKeys(value) !== keys) throw new SyntaxError('a key stands there twice');
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new SyntaxError('it is not UTF-8');
    throw error;
  }
}
