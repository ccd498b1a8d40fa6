// Cards in groups that fold, with a filter of their tags. A card loads when it is in sight and what it shows has changed.
import { pattern, type View } from './app.js';
import { empty, h, put } from './dom.js';

/** What shows something of the logdir. */
export interface Card {
  element: HTMLElement;
  /** Another text when it would show something else. */
  version(): string;
  /** Loads anew. */
  load(): void;
  /** Ends it. */
  close?(): void;
}

/** A group: what it is called, how much is in it in words, and its cards, which are made when they are shown. */
export interface Group {
  name: string;
  size: string;
  cards: readonly { key: string; make(): Card }[];
}

/** What a view of groups shows. */
export interface Contents {
  /** The class of its grids. */
  kind: string;
  /** The groups whose tags match. */
  groups(matches: (tag: string) => boolean): Group[];
  /** What is shown where there is nothing at all; null where there is something. */
  nothing(): HTMLElement | null;
  /** What stands beside the filter. */
  tools?: readonly HTMLElement[];
}

// More cards than these are shown when they are asked for: a page of many thousand would take long.
const mostCards = 150;

/** A view of groups of cards. */
export function groupsView(signal: AbortSignal, { kind, groups, nothing, tools = [] }: Contents): View {
  const cards = new Map<string, { card: Card; isVisible: boolean; loaded: string }>();
  const keys = new WeakMap<Element, string>();
  // What someone folded or unfolded, and the groups that are shown whole.
  const folds = new Map<string, boolean>();
  const whole = new Set<string>();
  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter tags',
    'aria-label': 'Filter tags by a regular expression',
    oninput: () => update(),
  });
  const wrong = h('p', { class: 'wrong', role: 'status' });
  const content = h('div', { class: 'groups' });
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const key = keys.get(target)!;
        cards.get(key)!.isVisible = isIntersecting;
        refresh(key);
      }
    },
    { rootMargin: '200px' },
  );
  signal.addEventListener('abort', () => {
    seen.disconnect();
    for (const { card } of cards.values()) card.close?.();
  });

  function refresh(key: string): void {
    const shown = cards.get(key)!;
    if (!shown.isVisible || shown.loaded === shown.card.version()) return;
    shown.loaded = shown.card.version();
    shown.card.load();
  }

  function elementOf({ key, make }: Group['cards'][number]): HTMLElement {
    const known = cards.get(key);
    if (known !== undefined) return known.card.element;
    const card = make();
    cards.set(key, { card, isVisible: false, loaded: '' });
    keys.set(card.element, key);
    seen.observe(card.element);
    return card.element;
  }

  function group({ name, size, cards: inside }: Group, isOpen: boolean): HTMLElement {
    const grid = h('div', { class: `grid ${kind}` });
    const more = h(
      'button',
      {
        class: 'more',
        onclick: () => {
          whole.add(name);
          fill();
        },
      },
      `Show all ${inside.length.toLocaleString('en')}`,
    );
    const fill = (): void => {
      const shown = whole.has(name) ? inside : inside.slice(0, mostCards);
      put(grid, ...shown.map(elementOf));
      more.hidden = shown.length === inside.length;
    };
    const details = h(
      'details',
      {
        open: isOpen,
        ontoggle: () => {
          folds.set(name, details.open);
          if (details.open && grid.childElementCount === 0) fill();
        },
      },
      h('summary', {}, h('h2', {}, name), h('small', {}, size)),
      grid,
      more,
    );
    if (isOpen) fill();
    return details;
  }

  let laidOut = '';
  function update(): void {
    const { matches, wrong: reason } = pattern(filter.value);
    put(wrong, reason !== null && `This is no regular expression: ${reason}`);
    filter.setAttribute('aria-invalid', String(reason !== null));
    const all = groups(matches);
    const key = JSON.stringify(all.map(({ name, cards: inside }) => [name, inside.map((card) => card.key)]));
    if (key !== laidOut) {
      laidOut = key;
      let unfolded = 0;
      const elements = all.map((one) => {
        const isOpen = folds.get(one.name) ?? unfolded < mostCards;
        if (isOpen) unfolded += one.cards.length;
        return group(one, isOpen);
      });
      const none = nothing() ?? empty('Nothing is chosen', h('p', {}, 'Choose runs, or change the filter of tags.'));
      put(content, ...(all.length === 0 ? [none] : elements));
    }
    for (const shown of cards.keys()) refresh(shown);
  }

  return {
    element: h('div', {}, h('div', { class: 'toolbar' }, filter, ...tools, wrong), content),
    update,
  };
}
