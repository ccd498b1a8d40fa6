// The results as text and as Markdown.
import { cpus, totalmem } from 'node:os';

export function machine() {
  const [{ model }] = cpus();
  return `${model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

/** The middle value. */
export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Half the distance between the quartiles, as a share of the median. */
function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (p) => sorted[Math.floor((sorted.length - 1) * p)];
  return (at(0.75) - at(0.25)) / 2 / median(values);
}

function duration(seconds) {
  for (const [unit, size] of [
    ['s', 1],
    ['ms', 1e-3],
    ['µs', 1e-6],
  ])
    if (seconds >= size) return `${(seconds / size).toPrecision(3)} ${unit}`;
  return `${(seconds * 1e9).toPrecision(3)} ns`;
}

const size = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** Each row's cells: our time on the most threads, its rate, and how many times as long each peer takes at its better thread count. */
function cells({ threads, peers, peak, results }) {
  const most = threads.at(-1);
  const [us, ...others] = peers;
  return results.map(({ group, name, gflop, perCall = 1, unit, times }) => {
    const text = unit === 'bytes' ? size : duration;
    const own = times[`${us.name}/${most}`];
    const time = median(own);
    const rate = gflop === undefined ? null : gflop / time;
    const ratios = others.map((peer) => {
      const measured = threads.map((n) => times[`${peer.name}/${n}`]).filter(Boolean);
      return measured.length > 0 ? Math.min(...measured.map(median)) / time : null;
    });
    const single = median(times[`${us.name}/${threads[0]}`]);
    return {
      group,
      name,
      single: text(single / perCall),
      time: text(time / perCall),
      spread: `±${(100 * spread(own)).toFixed(0)} %`,
      rate: rate === null ? '' : `${rate.toFixed(0)}`,
      share: rate === null ? '' : `${((100 * rate) / peak[most]).toFixed(0)} %`,
      ratios,
    };
  });
}

const geometricMean = (values) => Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
const ratioText = (ratio) => (ratio === null ? '' : ratio.toFixed(2));

/** A table for each group: the columns in which it has a value, rows of text, and the means of the ratios. */
function grouped(report) {
  const others = report.peers.slice(1);
  const one = report.threads.length === 1;
  const head = [report.threads[0], ...(one ? [] : [report.threads.at(-1)])].map(
    (n) => `${n} thread${n > 1 ? 's' : ''}`,
  );
  const columns = [...head, 'spread', 'GFLOP/s', 'of peak', ...others.map(({ name }) => `${name} / ours`)];
  return [...groupBy(cells(report))].map(([group, rows]) => {
    const lines = rows.map(({ name, single, time, spread, rate, share, ratios }) => [
      name,
      single,
      ...(one ? [] : [time]),
      spread,
      rate,
      share,
      ...ratios.map(ratioText),
    ]);
    const means = others.map((_, i) => {
      const ratios = rows.map((row) => row.ratios[i]).filter((ratio) => ratio !== null);
      return ratios.length > 1 ? geometricMean(ratios).toFixed(2) : '';
    });
    if (means.some(Boolean)) lines.push(['geometric mean', ...Array(columns.length - means.length).fill(''), ...means]);
    const used = [group, ...columns].map((_, i) => lines.some((line) => line[i] !== ''));
    return [[group, ...columns], ...lines].map((line) => line.filter((_, i) => used[i]));
  });
}

function groupBy(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return groups;
}

const title = ({ machine, peak, threads, peers }) =>
  `${machine}; multiply-add peak ${threads.map((n) => `${peak[n].toFixed(0)} GFLOP/s on ${n}`).join(', ')}; ${peers.map(({ name, version }) => `${name} ${version}`).join(', ')}`;

/** Lines for a terminal. */
export function table(report) {
  const lines = [title(report)];
  for (const rows of grouped(report)) {
    const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
    const line = (row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd();
    lines.push('', ...rows.map(line));
  }
  return lines.join('\n');
}

/** The same as Markdown. */
export function markdown(report) {
  const line = (row) => `| ${row.join(' | ')} |`;
  const lines = [
    '# Bench',
    '',
    `${title(report)}. Medians; a ratio is the peer's median time, at its better thread count, over ours on all threads.`,
  ];
  for (const [head, ...rows] of grouped(report))
    lines.push('', line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line));
  return `${lines.join('\n')}\n`;
}
