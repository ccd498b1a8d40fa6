// What the views share: the state of the logdir, which runs are chosen, settings that are kept, colours.
import type { RunInfo, State } from '../api.js';
import { ask } from './client.js';

const every = 1500;

/** Settings by name, kept by the browser. */
export function setting<T extends string | number | boolean>(name: string, otherwise: T): { value: T } {
  const key = `cresset.board.${name}`;
  let value = otherwise;
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    if (typeof kept === typeof otherwise) value = kept as T;
  } catch {
    // A browser that keeps nothing, or something of another's.
  }
  return {
    get value() {
      return value;
    },
    set value(next: T) {
      value = next;
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // As above.
      }
    },
  };
}

const hues = [255, 45, 155, 350, 295, 85, 205, 22, 125, 320];

/** The page's state; `changed` is told of every change. */
export class App {
  state: State | null = null;
  /** Why the server does not answer; null while it does. */
  failure: string | null = null;
  /** Ids of runs that are not shown. */
  readonly hidden = new Set<number>();
  readonly theme = setting<string>('theme', 'auto');
  readonly changed = new EventTarget();
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.#dark.addEventListener('change', () => this.applyTheme());
    this.applyTheme();
  }

  get isDark(): boolean {
    return this.theme.value === 'dark' || (this.theme.value === 'auto' && this.#dark.matches);
  }

  applyTheme(): void {
    document.documentElement.dataset.theme = this.isDark ? 'dark' : 'light';
    this.tell('theme');
  }

  tell(what: 'state' | 'runs' | 'theme'): void {
    this.changed.dispatchEvent(new Event(what));
  }

  on(what: 'state' | 'runs' | 'theme', listener: () => void, signal?: AbortSignal): void {
    this.changed.addEventListener(what, listener, signal === undefined ? {} : { signal });
  }

  get runs(): RunInfo[] {
    return this.state?.runs ?? [];
  }

  /** The runs that are shown, of those with these ids. */
  shown(ids: readonly number[]): RunInfo[] {
    const wanted = new Set(ids);
    return this.runs.filter(({ id }) => wanted.has(id) && !this.hidden.has(id));
  }

  run(id: number): RunInfo | undefined {
    return this.runs.find((run) => run.id === id);
  }

  /** The colour of a run, the same in all views: ten that differ well, then darker and lighter ones between them. */
  color(id: number): string {
    const round = Math.floor(id / hues.length);
    const hue = (hues[id % hues.length]! + 18 * round) % 360;
    const lightness = (this.isDark ? [0.74, 0.57, 0.87] : [0.58, 0.43, 0.72])[round % 3]!;
    return `oklch(${lightness} ${round % 3 === 0 ? 0.15 : 0.11} ${hue})`;
  }

  /** Asks what is new, for ever; while the page is not looked at, nothing. */
  async watch(): Promise<never> {
    for (;;) {
      if (!document.hidden) await this.#look();
      await new Promise((resolve) => setTimeout(resolve, every));
    }
  }

  async #look(): Promise<void> {
    const failed = this.failure !== null;
    try {
      const state = await ask<State>('state', { since: this.state?.version ?? -1 });
      this.failure = null;
      if (state !== null) this.state = state;
      if (state !== null || failed) this.tell('state');
    } catch (error) {
      this.failure = (error as Error).message;
      this.tell('state');
    }
  }
}

/** A regular expression of what someone types; null and a message where it is none. */
export function pattern(text: string): { matches: (name: string) => boolean; wrong: string | null } {
  try {
    const expression = new RegExp(text, 'i');
    return { matches: (name) => expression.test(name), wrong: null };
  } catch (error) {
    return { matches: () => true, wrong: (error as Error).message };
  }
}

/** A view: its element, what updates it, and what ends it. */
export interface View {
  element: HTMLElement;
  update(): void;
}
