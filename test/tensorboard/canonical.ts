// A graph as lines that depend on what it says and not on how PyTorch numbers its nodes.
import type { Node } from './reader.js';

const scopeOf = (name: string): string => name.slice(0, name.lastIndexOf('/'));

/**
 * One line for each op, from the inputs to the output: its scope, kind, arguments and shape. Arguments are other ops by their line, lists,
 * constants by their values, parameters and inputs by name.
 */
export function canonical(nodes: readonly Node[]): string[] {
  const byName = new Map(nodes.map((node) => [node[0], node]));
  const lines: string[] = [];
  const texts = new Map<string, string>();
  const textOf = (name: string): string => {
    const known = texts.get(name);
    if (known !== undefined) return known;
    const [, op, inputs, attr, shape] = byName.get(name)!;
    let text: string;
    if (op === 'prim::Constant') text = attr.replace(/ : /, ': ');
    // Its input is the module, which is no node.
    else if (op === 'prim::GetAttr') text = `${scopeOf(name)} ${attr}`;
    else if (op === 'prim::ListConstruct') text = `${scopeOf(name)}[${inputs.map(textOf).join(', ')}]`;
    else if (op === 'IO Node' && inputs.length === 0) text = `${name.replace(/\.\d+$/, '')} [${shape}]`;
    else {
      const scope = op === 'IO Node' ? name : scopeOf(name);
      const line = `${scope}: ${op}(${inputs.map(textOf).join(', ')}) -> ${JSON.stringify(shape)}`;
      text = `%${lines.push(line)}`;
    }
    texts.set(name, text);
    return text;
  };
  for (const [name] of nodes.filter(([, op, inputs]) => op === 'IO Node' && inputs.length > 0)) textOf(name);
  return lines;
}

/** How many nodes there are of each kind. */
export function kindsOf(nodes: readonly Node[]): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [, op] of nodes) out[op] = (out[op] ?? 0) + 1;
  return out;
}

/** The scopes of all nodes. */
export const scopesOf = (nodes: readonly Node[]): string[] => [...new Set(nodes.map(([name]) => scopeOf(name)))].sort();
