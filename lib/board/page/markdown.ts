// What a text of Markdown is made of: paragraphs, headings, lists, tables, quotes, code, emphasis. Markup of HTML in it is text, and so are
// links, as the page asks nothing of the network.

/** What stands in a line. */
export type Inline = { kind: 'text' | 'code' | 'strong' | 'em'; text: string };

/** A part of a text. */
export type Block =
  | { kind: 'heading'; level: number; content: string }
  | { kind: 'paragraph' | 'quote'; content: string }
  | { kind: 'code'; content: string }
  | { kind: 'list'; ordered: boolean; items: string[] }
  | { kind: 'table'; rows: string[][] }
  | { kind: 'rule' };

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

// The line between the head of a table and its rows.
const isUnderHead = (line: string): boolean => /^[\s|:-]+$/.test(line) && line.includes('|') && line.includes('-');

const item = /^ {0,3}(?:[-*+]|(\d{1,9})[.)]) +(.*)$/;
const begins = /^ {0,3}(?:```|~~~|#{1,6} |> ?|(?:[-*_] *){3,}$)/;

/** The parts of `text`. */
export function blocksOf(text: string): Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const out: Block[] = [];
  let at = 0;
  const takeWhile = (fits: (line: string) => boolean): string[] => {
    const start = at;
    while (at < lines.length && fits(lines[at]!)) at++;
    return lines.slice(start, at);
  };
  while (at < lines.length) {
    const line = lines[at]!;
    const heading = /^ {0,3}(#{1,6}) +(.*)$/.exec(line);
    const first = item.exec(line);
    if (line.trim() === '') at++;
    else if (/^ {0,3}(```|~~~)/.test(line)) {
      at++;
      out.push({ kind: 'code', content: takeWhile((next) => !/^ {0,3}(```|~~~)/.test(next)).join('\n') });
      at++;
    } else if (heading !== null) {
      out.push({ kind: 'heading', level: heading[1]!.length, content: heading[2]! });
      at++;
    } else if (/^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$/.test(line)) {
      out.push({ kind: 'rule' });
      at++;
    } else if (/^ {0,3}>/.test(line))
      out.push({
        kind: 'quote',
        content: takeWhile((next) => /^ {0,3}>/.test(next))
          .map((quoted) => quoted.replace(/^ {0,3}> ?/, ''))
          .join('\n'),
      });
    else if (first !== null)
      out.push({
        kind: 'list',
        ordered: first[1] !== undefined,
        items: takeWhile((next) => item.test(next)).map((next) => item.exec(next)![2]!),
      });
    else if (line.includes('|') && isUnderHead(lines[at + 1] ?? ''))
      out.push({
        kind: 'table',
        rows: takeWhile((next) => next.includes('|'))
          .filter((_, i) => i !== 1)
          .map(cellsOf),
      });
    else if (/^ {4}\S/.test(line))
      out.push({
        kind: 'code',
        content: takeWhile((next) => /^ {4}/.test(next))
          .map((next) => next.slice(4))
          .join('\n'),
      });
    else {
      const start = at++;
      takeWhile((next) => next.trim() !== '' && !begins.test(next) && !item.test(next));
      out.push({ kind: 'paragraph', content: lines.slice(start, at).join('\n') });
    }
  }
  return out;
}

/** The parts of a line. In time that grows with its length alone: the pattern begins and ends at whole rows of backticks. */
export function inlinesOf(text: string): Inline[] {
  const out: Inline[] = [];
  let done = 0;
  for (const match of text.matchAll(
    /(?<!`)(`+)(?!`)([^`]+)\1(?!`)|\*\*([^*\n]+)\*\*|__([^_\n]+)__|\*([^*\s][^*\n]*)\*|\b_([^_\s][^_\n]*)_\b/g,
  )) {
    if (match.index > done) out.push({ kind: 'text', text: text.slice(done, match.index) });
    const [whole, , code, strong, strong2, em, em2] = match;
    if (code !== undefined) out.push({ kind: 'code', text: code });
    else if (strong !== undefined || strong2 !== undefined) out.push({ kind: 'strong', text: (strong ?? strong2)! });
    else out.push({ kind: 'em', text: (em ?? em2)! });
    done = match.index + whole.length;
  }
  if (done < text.length) out.push({ kind: 'text', text: text.slice(done) });
  return out;
}
