// Precision-recall curves: a card for each tag, with its runs at the step of its slider.
import type { PrCurves, PrSteps } from '../api.js';
import type { App, View } from './app.js';
import { StepSlider, widenButton } from './cards.js';
import { ask, latest } from './client.js';
import { empty, h, put } from './dom.js';
import { many, number } from './format.js';
import { type Card, groupsView } from './groups.js';
import { drawing } from './pr-chart.js';
import { atThreshold, nearestPoint, type Point, placed } from './pr-points.js';
import { groupOf, titleIn } from './scalars.js';

const mostInTip = 8;
const columns = ['TP', 'FP', 'TN', 'FN'];

function prCard(app: App, tag: string, title: string, ids: () => readonly number[]): Card {
  let steps: PrSteps = [];
  let curves: PrCurves = [];
  let points: Point[][] = [];
  // The threshold at the cursor.
  let threshold: number | null = null;
  const tip = h('div', { class: 'tip', hidden: true });
  const note = h('p', { class: 'chart-notes' });
  const plot = h('div', {
    class: 'plot pr-plot',
    tabindex: 0,
    role: 'img',
    onkeydown: key,
    onblur: () => point(null),
    onmouseleave: () => point(null),
    onmousemove: (event: MouseEvent) => {
      const { left, top } = plot.getBoundingClientRect();
      const near = nearestPoint(points.flat(), event.clientX - left, event.clientY - top);
      point(near === undefined ? null : near.curve.thresholds[near.at]!);
    },
  });
  const runs = () =>
    app
      .shown(ids())
      .map(({ id }) => id)
      .join();
  const nameOf = (run: number): string => app.run(run)?.name ?? '';

  function draw(): void {
    const width = plot.clientWidth || 400;
    points = placed(curves, width);
    const marked = threshold === null ? [] : atThreshold(points, threshold);
    put(
      plot,
      drawing(points, marked, width, (run) => app.color(run)),
    );
    fillTip(marked);
  }

  function fillTip(marked: readonly Point[]): void {
    tip.hidden = marked.length === 0;
    if (tip.hidden) return;
    const shown = marked.slice(0, mostInTip);
    put(
      tip,
      h('strong', {}, `threshold ${number(threshold)}`),
      h(
        'table',
        {},
        h('tr', {}, h('th'), ...['precision', 'recall', ...columns, 'step'].map((text) => h('th', {}, text))),
        ...shown.map(({ curve: { run, rows, step }, at }) =>
          h(
            'tr',
            {},
            h('td', {}, app.swatch(run), nameOf(run)),
            ...[4, 5, 0, 1, 2, 3].map((row) => h('td', {}, number(rows[row]![at]))),
            h('td', { class: 'faint' }, number(step)),
          ),
        ),
      ),
      marked.length > shown.length && h('small', {}, `and ${many(marked.length - shown.length, 'run')} more`),
    );
    // Below the plot, or above where the window ends, as it would cover the curves.
    const room = plot.parentElement!.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(8, Math.min(room, marked[0]!.x - tip.offsetWidth / 2))}px`;
    const fits = plot.getBoundingClientRect().bottom + tip.offsetHeight < innerHeight;
    tip.style.top = `${plot.offsetTop + (fits ? plot.offsetHeight - 4 : -tip.offsetHeight)}px`;
  }

  function point(at: number | null): void {
    if (at === threshold) return;
    threshold = at;
    draw();
  }

  // Along the thresholds of the curve that has most of them: to the right the recall rises, so that the threshold falls.
  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [all = []] = curves.map(({ thresholds }) => thresholds).sort((a, b) => b.length - a.length);
    const now = threshold === null ? null : all.findLastIndex((value) => value <= threshold!);
    const by = event.shiftKey ? 10 : 1;
    const last = all.length - 1;
    const places: Record<string, number> = {
      ArrowRight: now === null ? last : now - by,
      ArrowLeft: now === null ? 0 : now + by,
      Home: last,
      End: 0,
    };
    const next = places[event.key];
    if (next === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    point(next === undefined ? null : (all[Math.max(0, Math.min(last, next))] ?? null));
  }

  const show = latest(async () => {
    const step = steps[slider.row];
    if (step === undefined) return;
    try {
      curves = (await ask<PrCurves>('pr-curves', { tag, runs: runs(), step }))!;
    } catch (error) {
      put(note, (error as Error).message);
      return;
    }
    const drawn = curves.filter(({ problem }) => problem === null);
    plot.setAttribute(
      'aria-label',
      `${tag}: precision over recall of ${many(drawn.length, 'run')} at step ${number(step)}. Arrow keys go along the thresholds.`,
    );
    const notes = curves.flatMap(({ run, problem, total, thresholds }) =>
      problem !== null
        ? [`${nameOf(run)}: ${problem}`]
        : total > thresholds.length
          ? [`${nameOf(run)}: ${number(thresholds.length)} of ${number(total)} thresholds`]
          : [],
    );
    put(note, notes.join('. '));
    draw();
  });
  const slider = new StepSlider(tag, () => show());
  const load = latest(async () => {
    try {
      steps = (await ask<PrSteps>('pr-steps', { tag, runs: runs() }))!;
      slider.steps = steps;
    } catch (error) {
      put(note, (error as Error).message);
    }
  });
  const resized = new ResizeObserver(() => curves.length > 0 && draw());
  resized.observe(plot);
  return {
    element: h(
      'figure',
      { class: 'card pr' },
      h('figcaption', { title: tag }, h('span', {}, title), widenButton()),
      plot,
      tip,
      slider.element,
      note,
    ),
    version: () => JSON.stringify(app.shown(ids()).map(({ id, version }) => [id, version])),
    load,
    close: () => resized.disconnect(),
  };
}

/** The view of precision-recall curves. */
export function prCurvesView(app: App, signal: AbortSignal): View {
  // By tag, the runs that have it.
  let runs = new Map<string, number[]>();
  return groupsView(signal, {
    kind: 'pr-curves',
    groups(matches) {
      runs = new Map(app.state?.tags.prCurves);
      const tags = [...runs].filter(([tag, ids]) => matches(tag) && app.shown(ids).length > 0).map(([tag]) => tag);
      return [...Map.groupBy(tags, groupOf)].map(([name, inside]) => ({
        name,
        size: many(inside.length, 'tag'),
        cards: inside.map((tag) => ({
          key: tag,
          make: () => prCard(app, tag, titleIn(name, tag), () => runs.get(tag) ?? []),
        })),
      }));
    },
    nothing: () =>
      runs.size > 0
        ? null
        : empty(
            'No precision-recall curves',
            h('p', {}, 'They come from ', h('code', {}, "writer.addPrCurve('curve', labels, predictions, step)"), '.'),
          ),
  });
}
