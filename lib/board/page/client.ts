// Questions to the board's server.
import type { Curves } from '../api.js';

const query = (parameters: Record<string, string | number | null>): string =>
  new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  ).toString();

/** The address of an answer. */
export const address = (path: string, parameters: Record<string, string | number | null> = {}): string =>
  `api/${path}?${query(parameters)}`;

async function response(path: string, parameters: Record<string, string | number | null>): Promise<Response> {
  const got = await fetch(address(path, parameters));
  if (got.ok) return got;
  const { error } = await got.json().catch(() => ({ error: got.statusText }));
  throw new Error(error);
}

/** An answer in JSON; null where nothing changed. */
export async function ask<T>(path: string, parameters: Record<string, string | number | null> = {}): Promise<T | null> {
  const got = await response(path, parameters);
  return got.status === 204 ? null : ((await got.json()) as T);
}

/** The points of a curve, side by side. */
export interface CurveData {
  x: Float64Array;
  smoothed: Float64Array[];
  raws: Float64Array[];
}

/** Curves, as api.ts lays them out. */
export async function askCurves(parameters: Record<string, string | number | null>): Promise<Curves & CurveData> {
  const bytes = await (await response('scalars', parameters)).arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const head: Curves = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const start = Math.ceil((4 + length) / 8) * 8;
  const column = (i: number) => new Float64Array(bytes, start + i * head.count * 8, head.count);
  const perCurve = head.raw ? 2 : 1;
  return {
    ...head,
    x: column(0),
    smoothed: head.curves.map((_, i) => column(1 + i * perCurve)),
    raws: head.raw ? head.curves.map((_, i) => column(2 + i * perCurve)) : [],
  };
}

/** Has `work` run again and again, once at a time: a call while it runs has it run once more afterwards. */
export function latest(work: () => Promise<void>): () => void {
  let [running, again] = [false, false];
  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await work();
    } while (again);
    running = false;
  };
  return () => void run();
}
