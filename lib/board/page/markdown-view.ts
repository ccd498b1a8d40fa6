// Markdown as elements.
import { h } from './dom.js';
import { type Block, blocksOf, inlinesOf } from './markdown.js';

const spans = (text: string): (Node | string)[] =>
  inlinesOf(text).map(({ kind, text: inside }) => (kind === 'text' ? inside : h(kind, {}, inside)));

function element(block: Block): HTMLElement {
  switch (block.kind) {
    case 'heading':
      return h(`h${Math.min(6, block.level + 2)}` as 'h3', {}, ...spans(block.content));
    case 'quote':
      return h('blockquote', {}, ...spans(block.content));
    case 'code':
      return h('pre', {}, block.content);
    case 'list':
      return h(block.ordered ? 'ol' : 'ul', {}, ...block.items.map((content) => h('li', {}, ...spans(content))));
    case 'table':
      return h(
        'table',
        {},
        ...block.rows.map((row, i) => h('tr', {}, ...row.map((cell) => h(i === 0 ? 'th' : 'td', {}, ...spans(cell))))),
      );
    case 'rule':
      return h('hr');
    default:
      return h('p', {}, ...spans(block.content));
  }
}

/** `text`, which is Markdown, as elements. */
export const markdown = (text: string): HTMLElement => h('div', { class: 'markdown' }, ...blocksOf(text).map(element));
