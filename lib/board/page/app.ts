// What the views share: the state of the logdir, which runs are chosen, settings that are kept, colours.
import type { RunInfo, State } from '../api.js';
import { ask } from './client.js';
import { h } from './dom.js';

// How often the server is asked until it tells how often it looks itself.
const every = 1000;

/** Settings by name, kept by the browser, for all boards or for this tab alone. */
export function setting<T extends string | number | boolean>(
  name: string,
  otherwise: T,
  kept: 'localStorage' | 'sessionStorage' = 'localStorage',
): { value: T } {
  const key = `cresset.board.${name}`;
  let value = otherwise;
  try {
    const found: unknown = JSON.parse(window[kept].getItem(key) ?? 'null');
    if (typeof found === typeof otherwise) value = found as T;
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
        window[kept].setItem(key, JSON.stringify(next));
      } catch {
        // As above.
      }
    },
  };
}

const hues = [255, 45, 155, 350, 295, 85, 205, 22, 125, 320];

function colorOf(id: number, isDark: boolean): string {
  const round = Math.floor(id / hues.length);
  const hue = (hues[id % hues.length]! + 18 * round) % 360;
  const lightness = (isDark ? [0.74, 0.57, 0.87] : [0.58, 0.43, 0.68])[round % 3]!;
  return `oklch(${lightness} ${round % 3 === 0 ? 0.15 : 0.11} ${hue})`;
}

/** The page's state; `changed` is told of every change. */
export class App {
  state: State | null = null;
  /** Why the server does not answer; null while it does. */
  failure: string | null = null;
  // Names of runs that are not shown, line by line.
  readonly #hidden = setting<string>('hidden', '', 'sessionStorage');
  #hiddenNames = new Set(this.#hidden.value.split('\n'));
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
    return this.runs.filter((run) => wanted.has(run.id) && this.isShown(run));
  }

  isShown({ name }: RunInfo): boolean {
    return !this.#hiddenNames.has(name);
  }

  /** Has runs shown or not. */
  show(runs: readonly RunInfo[], shown: boolean): void {
    for (const { name } of runs)
      if (shown) this.#hiddenNames.delete(name);
      else this.#hiddenNames.add(name);
    this.#hidden.value = [...this.#hiddenNames].join('\n');
    this.tell('runs');
  }

  run(id: number): RunInfo | undefined {
    return this.runs.find((run) => run.id === id);
  }

  /** The colour of a run, the same in all views: ten that differ well, then darker and lighter ones between them. */
  color(id: number): string {
    return `light-dark(${colorOf(id, false)}, ${colorOf(id, true)})`;
  }

  /** The same as it is now, for what is painted. */
  paint(id: number): string {
    return colorOf(id, this.isDark);
  }

  /** A spot of the colour of a run. */
  swatch(id: number): HTMLElement {
    const spot = h('i', { class: 'swatch' });
    spot.style.background = this.color(id);
    return spot;
  }

  /** Asks what is new, for ever; while the page is not looked at, nothing. */
  async watch(): Promise<never> {
    for (;;) {
      if (!document.hidden) await this.#look();
      await new Promise((resolve) => setTimeout(resolve, this.state?.interval ?? every));
    }
  }

  async #look(): Promise<void> {
    const failed = this.failure !== null;
    try {
      const state = await ask<State>('state', { since: this.state?.version ?? -1 });
      this.failure = null;
      // Another board, at the address of the one before: its runs have other numbers.
      if (state !== null && this.state !== null && state.started !== this.state.started) location.reload();
      if (state !== null) this.state = state;
      if (state !== null || failed) this.tell('state');
    } catch (error) {
      this.failure = (error as Error).message;
      this.tell('state');
    }
  }
}

/** What matches the regular expression that someone types; where it is none, everything, and `wrong` says why. */
export function pattern(text: string): { matches: (name: string) => boolean; wrong: string | null } {
  try {
    const expression = new RegExp(text, 'i');
    return { matches: (name) => expression.test(name), wrong: null };
  } catch (error) {
    return { matches: () => true, wrong: (error as Error).message };
  }
}

/** A view: its element, and what updates it. */
export interface View {
  element: HTMLElement;
  update(): void;
}
