// Elements made of data: texts only ever become text, as they come from files of others.

type Child = Node | string | number | null | undefined | false;
type Properties = Record<string, unknown>;

function fill(element: Element, properties: Properties, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  put(element, ...children);
}

/** Puts `children` in the place of all that `element` has. */
export function put(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(
    ...children.flatMap((child) =>
      child === null || child === undefined || child === false ? [] : [child instanceof Node ? child : String(child)],
    ),
  );
}

/** An HTML element; properties that are functions (`onclick`) listen. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, properties, children);
  return element;
}

/** An element of SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  fill(element, properties, children);
  return element;
}

let ids = 0;
/** A name that no other element has. */
export const newId = (): string => `e${ids++}`;

/** A label with what it is of. */
export const labelled = (text: string, control: Element): HTMLLabelElement =>
  h('label', { class: 'control' }, h('span', {}, text), control);

/** One of several values, as buttons side by side. */
export function choice<T extends string>(
  name: string,
  values: readonly (readonly [T, string])[],
  chosen: T,
  change: (value: T) => void,
): HTMLElement {
  const group = newId();
  const inputs = values.map(([value, text]) =>
    h(
      'label',
      {},
      h('input', { type: 'radio', name: group, checked: value === chosen, onchange: () => change(value) }),
      h('span', {}, text),
    ),
  );
  return h('fieldset', { class: 'choice' }, h('legend', {}, name), ...inputs);
}

/** What a view shows that has nothing to show. */
export const empty = (title: string, ...children: Child[]): HTMLElement =>
  h('div', { class: 'empty' }, h('h2', {}, title), ...children);
