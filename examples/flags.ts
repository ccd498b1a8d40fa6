// Command-line flags with checked values: what is wrong ends the program with one line, not a stack.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Ends the program with one line of what is wrong. */
export function stop(message: string): never {
  console.error(`${message}; --help lists the flags`);
  process.exit(2);
}

/** What a number must be. */
export interface Range {
  integer?: boolean;
  min?: number;
  /** The number must be more than this. */
  above?: number;
  max?: number;
}

/** The flags given, `string` ones with a value each; prints `help` for --help and ends the program for a flag that is not known. */
export function readFlags<S extends string, B extends string>(
  strings: readonly S[],
  booleans: readonly B[],
  help: string,
): Partial<Record<S, string>> & Partial<Record<B, boolean>> {
  const options = Object.fromEntries([
    ...strings.map((name) => [name, { type: 'string' as const }]),
    ...[...booleans, 'help'].map((name) => [name, { type: 'boolean' as const }]),
  ]);
  try {
    const values: Record<string, unknown> = parseArgs({ options }).values;
    if (values.help === undefined) return values as Partial<Record<S, string>> & Partial<Record<B, boolean>>;
  } catch (error) {
    stop((error as Error).message);
  }
  console.log(help);
  process.exit(0);
}

/** The number in the text of a flag, or `fallback` where it is not given; ends the program where it does not fit. */
export function readNumber(flag: string, text: string | undefined, fallback: number, range: Range): number {
  if (text === undefined) return fallback;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const { integer = false, min = -Infinity, above = -Infinity, max = Infinity } = range;
  if (
    value >= min &&
    value > above &&
    value <= max &&
    Number.isFinite(value) &&
    (!integer || Number.isSafeInteger(value))
  )
    return value;
  const bounds = [
    Number.isFinite(min) ? `of at least ${min}` : '',
    Number.isFinite(above) ? `above ${above}` : '',
    Number.isFinite(max) ? `of at most ${max}` : '',
  ].filter(Boolean);
  stop(
    `--${flag} must be ${integer ? 'a whole number' : 'a number'} ${bounds.join(' and ')}, got ${JSON.stringify(text)}`,
  );
}

/** Ends the program where `path` cannot become a file: better before the work than after it. */
export function requireWritable(flag: string, path: string): void {
  try {
    const folder = dirname(resolve(path));
    accessSync(folder, constants.W_OK);
    if (existsSync(path) && !statSync(path).isFile()) stop(`--${flag} must be a file, but ${path} is none`);
  } catch (error) {
    stop(`--${flag} must be a file that can be written: ${(error as Error).message}`);
  }
}
