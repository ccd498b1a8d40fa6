// What the page computes before it draws: bins, scopes of a graph, Markdown.
import { describe, expect, test } from '@jest/globals';
import type { GraphNode } from '../../lib/board/api.js';
import { rangeOf, rebin, roundValues } from '../../lib/board/page/bins.js';
import { clocks, number, span, tick } from '../../lib/board/page/format.js';
import { blocksOf, inlinesOf } from '../../lib/board/page/markdown.js';
import { givenNames, lengthOf, titleOf, treeOf, visible } from '../../lib/board/page/scopes.js';

const histogram = (min: number | null, max: number | null, limits: (number | null)[], counts: number[]) => {
  return { step: 0, wall: 0, min, max, num: 0, sum: 0, limits, counts };
};

describe('histograms over common bins', () => {
  test('counts are spread over what their bin covers, up to the least and greatest value', () => {
    expect(rebin(histogram(0, 4, [2, Number.MAX_VALUE], [8, 4]), 0, 4, 4)).toEqual([4, 4, 2, 2]);
    expect(rebin(histogram(1, 3, [2, 10], [2, 6]), 0, 4, 4)).toEqual([0, 2, 6, 0]);
  });
  test('one value alone lies in its bin; nothing is lost', () => {
    expect(rebin(histogram(2, 2, [1, 2, 3], [0, 5, 0]), 0, 4, 4)).toEqual([0, 0, 5, 0]);
    const counts = rebin(histogram(-1, 1, [-0.3, 0.1, 0.7, 1], [3, 5, 7, 2]), -1, 1, 7);
    expect(counts.reduce((a, b) => a + b, 0)).toBeCloseTo(17, 9);
  });
  test('the range of all, with room around one value', () => {
    expect(rangeOf([histogram(-1, 2, [], []), histogram(0, 3, [], [])])).toEqual([-1, 3]);
    expect(rangeOf([histogram(5, 5, [], [])])).toEqual([4.5, 5.5]);
  });
  test('with values that are not finite, the edges of what is counted', () => {
    const broken = histogram(null, null, [-6, -5, 2, 3, null], [0, 1, 0, 1, 0]);
    expect(rangeOf([broken])).toEqual([-6, 3]);
    expect(rebin(broken, -6, 3, 9)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(rangeOf([histogram(null, null, [], []), histogram(5, -5, [1], [1])])).toEqual([0, 1]);
  });
  test('numbers as large as there are have a distance all the same', () => {
    const huge = histogram(-Number.MAX_VALUE, Number.MAX_VALUE, [-Number.MAX_VALUE, 0, Number.MAX_VALUE], [0, 3, 4]);
    const [low, high] = rangeOf([huge]);
    expect(Number.isFinite(high - low)).toBe(true);
    expect(rebin(huge, low, high, 2)).toEqual([3, 4]);
  });
  test('round values between', () => {
    expect(roundValues(-3.97, 3.65)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    expect(roundValues(0, 0.05)).toEqual([0, 0.01, 0.02, 0.03, 0.04, 0.05]);
    expect(roundValues(1, 1)).toEqual([]);
  });
});

const node = (name: string, op: string, ...inputs: string[]): GraphNode => {
  return { name, op, inputs, attributes: [], shape: op === 'x' ? '[2]' : '' };
};

describe('a graph', () => {
  const nodes = [
    node('input/x', 'x'),
    node('Net/Linear[a]/weight/weight.1', 'prim::GetAttr'),
    node('Net/Linear[a]/1', 'prim::Constant'),
    node('Net/Linear[a]/2', 'prim::ListConstruct', 'Net/Linear[a]/1'),
    node('Net/Linear[a]/3', 'aten::linear', 'input/x', 'Net/Linear[a]/weight/weight.1', 'Net/Linear[a]/2'),
    node('Net/Linear[a]/4', 'aten::relu', 'Net/Linear[a]/3'),
    node('Net', 'aten::add', 'Net/Linear[a]/4:1', '^Net/Linear[a]/3'),
  ];
  const { root, places } = treeOf(nodes);
  const seen = (open: string[], hidden: ReadonlySet<string> = new Set()) => {
    const { items, edges } = visible(root, places, new Set(open), hidden);
    return [
      [...items].map(([id, { kind, parent }]) => `${id} ${kind} in ${parent}`),
      edges.map(({ from, to, count, shapes }) => `${from} -> ${to} ${count} ${[...shapes]}`),
    ];
  };

  test('folded: scopes with the edges between them; a scope around one node is that node', () => {
    expect(root.children.get('Net')!.size).toBe(6);
    expect(seen([])).toEqual([['input/x node in null', 'Net folded in null'], ['input/x -> Net 1 [2]']]);
  });
  test('unfolded: what is in it, a node of its own name too', () => {
    expect(seen(['Net'])).toEqual([
      ['input/x node in null', 'Net unfolded in null', 'Net/Linear[a] folded in Net', 'Net/(Net) node in Net'],
      ['input/x -> Net/Linear[a] 1 [2]', 'Net/Linear[a] -> Net/(Net) 2 '],
    ]);
  });
  test('without what is given beforehand', () => {
    const given = givenNames(nodes);
    expect([...given]).toEqual(['Net/Linear[a]/weight/weight.1', 'Net/Linear[a]/1', 'Net/Linear[a]/2']);
    expect(seen(['Net', 'Net/Linear[a]'], given)[0]).toEqual([
      'input/x node in null',
      'Net unfolded in null',
      'Net/Linear[a] unfolded in Net',
      'Net/Linear[a]/3 node in Net/Linear[a]',
      'Net/Linear[a]/4 node in Net/Linear[a]',
      'Net/(Net) node in Net',
    ]);
  });
  test('of very many neighbours, each hundred is a scope, in as many steps as it takes', () => {
    const chain = (count: number) =>
      treeOf(Array.from({ length: count }, (_, i) => node(`Net/n${i}`, 'x', ...(i > 0 ? [`Net/n${i - 1}`] : []))));
    expect(chain(400).root.children.get('Net')!.children.size).toBe(400);
    const flat = chain(1050);
    const shown = (...open: string[]) => visible(flat.root, flat.places, new Set(open), new Set());
    const { items, edges } = shown('Net');
    expect([...items.keys()].slice(0, 3)).toEqual(['Net', 'Net//1–100', 'Net//101–200']);
    expect([...items].at(-1)).toEqual(['Net//1001–1050', expect.objectContaining({ kind: 'folded', parent: 'Net' })]);
    expect([items.size, edges.length, items.get('Net//1–100')!.scope.size]).toEqual([12, 10, 100]);
    const unfolded = shown('Net', 'Net//101–200');
    expect(unfolded.items.get('Net/n100')).toMatchObject({ kind: 'node', parent: 'Net//101–200' });
    expect(unfolded.edges).toContainEqual(expect.objectContaining({ from: 'Net//1–100', to: 'Net/n100' }));
    // What is left over alone needs no scope around it.
    const large = chain(40_100);
    const around = (name: string): string[] => {
      const ids: string[] = [];
      for (let scope = large.places.get(name)!; scope.parent !== null; scope = scope.parent) ids.push(scope.id);
      return ids;
    };
    expect(around('Net/n205')).toEqual(['Net/n205', 'Net//201–300', 'Net//1–10000', 'Net']);
    expect(around('Net/n40099')).toEqual(['Net/n40099', 'Net//40001–40100', 'Net']);
    expect([...chain(501).root.children.get('Net')!.children.values()].at(-1)!.id).toBe('Net/n500');
  });
  test('what its edges cross is counted before it is laid out, also round in circles', () => {
    const length = (...list: GraphNode[]) => {
      const tree = treeOf(list);
      return lengthOf(visible(tree.root, tree.places, new Set(), new Set()));
    };
    expect(length(node('a', 'x'), node('b', 'x', 'a'), node('c', 'x', 'b', 'a'))).toBe(1 + 1 + 2);
    expect(length(node('a', 'x', 'b'), node('b', 'x', 'a'))).toBe(2);
    const names = Array.from({ length: 200 }, (_, i) => `n${i}`);
    expect(length(...names.map((name, i) => node(name, 'x', ...names.slice(0, i))))).toBeGreaterThan(1e6);
  });
  test('titles', () => {
    expect(titleOf(root.children.get('Net')!.children.get('Linear[a]')!)).toEqual({ title: 'a', kind: 'Linear' });
    expect(titleOf(places.get('Net/Linear[a]/4')!)).toEqual({ title: 'relu', kind: '4' });
  });
  test('a name of many thousand parts is no deeper than what can be walked', () => {
    const deep = treeOf([node('a/'.repeat(20_000), 'x')]);
    expect(visible(deep.root, deep.places, new Set(), new Set()).items.size).toBe(1);
  });
});

describe('Markdown', () => {
  test('in blocks', () => {
    const text =
      '# Title\n\nOne\ntwo\n\n- a\n- b\n\n1. c\n\n| h | i |\n|---|:-:|\n| 1 | 2 |\n\n> q\n\n```\n# code\n```\n---\n    indented';
    expect(blocksOf(text)).toEqual([
      { kind: 'heading', level: 1, content: 'Title' },
      { kind: 'paragraph', content: 'One\ntwo' },
      { kind: 'list', ordered: false, items: ['a', 'b'] },
      { kind: 'list', ordered: true, items: ['c'] },
      {
        kind: 'table',
        rows: [
          ['h', 'i'],
          ['1', '2'],
        ],
      },
      { kind: 'quote', content: 'q' },
      { kind: 'code', content: '# code' },
      { kind: 'rule' },
      { kind: 'code', content: 'indented' },
    ]);
  });
  test('in a line; HTML and links are text', () => {
    expect(inlinesOf('a **b** _c_ `*d*` <b>x</b> [l](javascript:1) snake_case_name 2*3*4')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'strong', text: 'b' },
      { kind: 'text', text: ' ' },
      { kind: 'em', text: 'c' },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: '*d*' },
      { kind: 'text', text: ' <b>x</b> [l](javascript:1) snake_case_name 2' },
      { kind: 'em', text: '3' },
      { kind: 'text', text: '4' },
    ]);
  });
  test('is read in one pass, whatever stands there', () => {
    const backticks = '`'.repeat(250_000);
    expect(inlinesOf(`${backticks} \`\`a\`\` \`\`b\``)).toEqual([
      { kind: 'text', text: `${backticks} ` },
      { kind: 'code', text: 'a' },
      { kind: 'text', text: ' ``b`' },
    ]);
    const dashes = `a|b\n${'-'.repeat(250_000)}x`;
    expect(blocksOf(dashes)).toEqual([{ kind: 'paragraph', content: dashes }]);
  });
});

test('times on an axis', () => {
  const at = (text: string) => new Date(text).getTime() / 1000;
  expect(clocks([at('2026-01-01T22:00:00'), at('2026-01-01T23:00:00'), at('2026-01-02T00:00:00')])).toEqual([
    '22:00\n2026-01-01',
    '23:00',
    '00:00\n2026-01-02',
  ]);
  expect(clocks([at('2026-01-01T00:00:00'), at('2026-01-02T00:00:00')])).toEqual(['2026-01-01', '2026-01-02']);
});

test('numbers and spans of time', () => {
  expect([1234567, 0.1234567, 1e-7, -2e12, Number.NaN, null].map(number)).toEqual([
    '1,234,567',
    '0.12346',
    '1.000e-7',
    '-2,000,000,000,000',
    'NaN',
    '–',
  ]);
  expect([tick(0.30000000000000004, 0.1), tick(20_000, 1000), tick(2.5e6, 1e5), tick(2e-7, 1e-7)]).toEqual([
    '0.3',
    '20k',
    '2.5M',
    '2e-7',
  ]);
  expect([span(1.234), span(75), span(7260), span(-90_000)]).toEqual(['1.23 s', '1 min', '2 h 1 min', '-1 d 1 h']);
});
