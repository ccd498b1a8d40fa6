// Views of what stands in files by tag, run and step: a card for each tag of each run.
import type { Kind, RunInfo, Steps } from '../api.js';
import type { App, View } from './app.js';
import { address, ask, latest } from './client.js';
import { h, put } from './dom.js';
import { many } from './format.js';
import { type Card, groupsView } from './groups.js';

/** What a card shows of a tag of a run. */
export type RunCard = Pick<Card, 'element' | 'load'>;

/** A view of cards, grouped by tag; `look` tells what of the page's settings they show. */
export function cardsView(
  app: App,
  signal: AbortSignal,
  kind: Exclude<Kind, 'scalars' | 'prCurves'>,
  make: (tag: string, run: RunInfo) => RunCard,
  nothing: () => HTMLElement,
  { tools, look }: { tools?: readonly HTMLElement[]; look?: () => unknown } = {},
): View {
  const tags = () => app.state?.tags[kind] ?? [];
  const version = ({ id }: RunInfo): string => `${app.run(id)?.version} ${look?.()}`;
  return groupsView(signal, {
    kind,
    tools: tools ?? [],
    nothing: () => (tags().length === 0 ? nothing() : null),
    groups: (matches) =>
      tags()
        .filter(([tag]) => matches(tag))
        .map(([tag, ids]) => [tag, app.shown(ids)] as const)
        .filter(([, runs]) => runs.length > 0)
        .map(([tag, runs]) => ({
          name: titleOf(tag),
          size: many(runs.length, 'run'),
          cards: runs.map((run) => ({
            key: JSON.stringify([tag, run.id]),
            make: () => ({ ...make(tag, run), version: () => version(run) }),
          })),
        })),
  });
}

// PyTorch's writer adds this to the tags of texts.
const titleOf = (tag: string): string => tag.replace(/\/text_summary$/, '');

/** The head of a card: its run, in its colour. */
export const cardHead = (app: App, run: RunInfo, ...more: (Node | string)[]): HTMLElement =>
  h('figcaption', { title: run.name }, app.swatch(run.id), h('span', {}, run.name), ...more);

/** A button that has its card take all of the width, and `changed` called. */
export function widenButton(changed?: () => void): HTMLButtonElement {
  const button = h(
    'button',
    {
      'aria-pressed': false,
      onclick: () => {
        button.setAttribute('aria-pressed', String(button.closest('.card')!.classList.toggle('wide')));
        changed?.();
      },
    },
    'Widen',
  );
  return button;
}

/** One step of what is shown step by step: its time, and where it is to be had. */
export interface Shown {
  step: number;
  wall: number;
  address: string;
}

/** A card that shows, in `content` above `note`, the step of its slider; `show` is told which. */
export function stepCard(
  app: App,
  tag: string,
  run: RunInfo,
  [kind, path]: ['images', 'image'] | ['audio', 'audio'],
  parts: { tools?: HTMLElement[]; content: HTMLElement; note: HTMLElement },
  show: (at: Shown) => void,
): RunCard {
  const { tools = [], content, note } = parts;
  let steps: Steps = { steps: [], walls: [] };
  const slider = new StepSlider(`${tag}, ${run.name}`, (row) => {
    const [step, wall] = [steps.steps[row]!, steps.walls[row]!];
    // The step makes another address of what is another in the same row.
    show({ step, wall, address: address(path, { run: run.id, tag, row, step, wall }) });
  });
  const load = latest(async () => {
    try {
      steps = (await ask<Steps>('steps', { run: run.id, tag, kind }))!;
      slider.steps = steps.steps;
    } catch (error) {
      put(note, (error as Error).message);
    }
  });
  const element = h('figure', { class: `card ${path}` }, cardHead(app, run, ...tools), content, slider.element, note);
  return { element, load };
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
    const before = this.#steps[this.row];
    const { row } = this;
    this.#steps = steps;
    this.#slider.max = String(steps.length - 1);
    this.#slider.disabled = steps.length < 2;
    // Steps may have come or gone before the one that was chosen.
    if (this.#follows) this.#slider.value = this.#slider.max;
    else if (before !== undefined && steps[row] !== before)
      this.#slider.value = String(
        Math.max(
          0,
          steps.findLastIndex((step) => step <= before),
        ),
      );
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
