// Views of what stands in files by tag, run and step: a card for each tag of each run, loaded when it comes into sight.
import type { Kind, RunInfo } from '../api.js';
import { type App, pattern, type View } from './app.js';
import { h, put } from './dom.js';
import { many } from './format.js';

/** What a card shows of a tag of a run. */
export interface Card {
  element: HTMLElement;
  /** Loads anew. */
  load(): void;
}

/** A view of cards, grouped by tag, with a filter and what else `tools` are given. */
export function cardsView(
  app: App,
  signal: AbortSignal,
  kind: Exclude<Kind, 'scalars'>,
  make: (tag: string, run: RunInfo) => Card,
  nothing: () => HTMLElement,
  tools: readonly HTMLElement[] = [],
): View & { reload(): void } {
  const cards = new Map<string, Card & { visible: boolean; version: number }>();
  const folded = new Set<string>();
  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter tags',
    'aria-label': 'Filter tags by a regular expression',
    oninput: () => update(),
  });
  const wrong = h('p', { class: 'wrong', role: 'status' });
  const groups = h('div', { class: 'groups' });
  const byElement = new Map<Element, string>();
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const card = cards.get(byElement.get(target) ?? '');
        if (card === undefined) continue;
        card.visible = isIntersecting;
        refresh(card);
      }
    },
    { rootMargin: '200px' },
  );
  signal.addEventListener('abort', () => seen.disconnect());

  function refresh(card: Card & { visible: boolean; version: number }): void {
    const version = app.state?.version ?? 0;
    if (!card.visible || card.version === version) return;
    card.version = version;
    card.load();
  }

  function cardOf(tag: string, run: RunInfo): HTMLElement {
    const key = JSON.stringify([tag, run.id]);
    let card = cards.get(key);
    if (card === undefined) {
      card = { ...make(tag, run), visible: false, version: -1 };
      cards.set(key, card);
      byElement.set(card.element, key);
      seen.observe(card.element);
    }
    return card.element;
  }

  function group(tag: string, runs: readonly RunInfo[]): HTMLElement {
    const details = h(
      'details',
      {
        open: !folded.has(tag),
        ontoggle: () => {
          if (details.open) folded.delete(tag);
          else folded.add(tag);
        },
      },
      h('summary', {}, h('h2', {}, titleOf(tag)), h('small', {}, many(runs.length, 'run'))),
      h('div', { class: `grid ${kind}` }, ...runs.map((run) => cardOf(tag, run))),
    );
    return details;
  }

  let laidOut = '';
  function update(): void {
    const { matches, wrong: reason } = pattern(filter.value);
    put(wrong, reason !== null && `This is no regular expression: ${reason}`);
    filter.setAttribute('aria-invalid', String(reason !== null));
    const all = app.state?.tags[kind] ?? [];
    const shown = all
      .filter(([tag]) => matches(tag))
      .map(([tag, ids]) => [tag, app.shown(ids)] as const)
      .filter(([, runs]) => runs.length > 0);
    const key = JSON.stringify([app.isDark, shown.map(([tag, runs]) => [tag, runs.map(({ id }) => id)])]);
    if (key !== laidOut) {
      laidOut = key;
      const none =
        all.length === 0
          ? nothing()
          : h(
              'div',
              { class: 'empty' },
              h('h2', {}, 'Nothing is chosen'),
              h('p', {}, 'Choose runs on the left, or change the filter.'),
            );
      put(groups, ...shown.map(([tag, runs]) => group(tag, runs)), shown.length === 0 && none);
    }
    for (const card of cards.values()) refresh(card);
  }

  return {
    element: h('div', {}, h('div', { class: 'toolbar' }, filter, ...tools, wrong), groups),
    update,
    reload() {
      for (const card of cards.values()) {
        card.version = -1;
        refresh(card);
      }
    },
  };
}

// PyTorch's writer adds this to the tags of texts.
const titleOf = (tag: string): string => tag.replace(/\/text_summary$/, '');

/** The head of a card: its run, in its colour. */
export function cardHead(app: App, run: RunInfo, ...more: (Node | string)[]): HTMLElement {
  const swatch = h('i', { class: 'swatch' });
  swatch.style.background = app.color(run.id);
  return h('figcaption', { title: run.name }, swatch, h('span', {}, run.name), ...more);
}

/** A slider over steps that stays at the newest until it is moved; `show` is told of the row. */
export class StepSlider {
  readonly element: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #text = h('output');
  #steps: readonly number[] = [];
  #follows = true;

  constructor(
    name: string,
    private readonly show: (row: number) => void,
  ) {
    this.#slider = h('input', {
      type: 'range',
      min: 0,
      max: 0,
      value: 0,
      step: 1,
      'aria-label': `Step of ${name}`,
      oninput: () => this.#moved(),
    });
    this.element = h('div', { class: 'steps' }, this.#slider, this.#text);
  }

  get row(): number {
    return Number(this.#slider.value);
  }

  set steps(steps: readonly number[]) {
    this.#steps = steps;
    this.#slider.max = String(steps.length - 1);
    this.#slider.disabled = steps.length < 2;
    if (this.#follows) this.#slider.value = this.#slider.max;
    this.#told();
  }

  /** Goes to a row. */
  go(row: number): void {
    this.#slider.value = String(row);
    this.#moved();
  }

  #moved(): void {
    this.#follows = this.row === this.#steps.length - 1;
    this.#told();
  }

  #told(): void {
    const step = this.#steps[this.row];
    put(this.#text, step !== undefined && `step ${step.toLocaleString('en')}`);
    this.#slider.setAttribute('aria-valuetext', `step ${step}`);
    if (step !== undefined) this.show(this.row);
  }
}
