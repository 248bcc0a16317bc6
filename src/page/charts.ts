/**
 * The last minutes of each node, drawn: requests per second, and how long they took.
 *
 * What a newcomer gets wrong: a node that is not heard has a gap, not a line at zero. Where clocks
 * differ, the picture has moved the seconds to that of the node which is asked.
 */
import uPlot from 'uplot';
import type { NodePicture } from '../core/report/cluster-picture.ts';
import type { SecondRow } from '../core/report/node-report.ts';
import { h } from './dom.ts';
import { timeText } from './words.ts';

const SECONDS = 120;
const HEIGHT = 150;

/** As the style has it, in px. */
const GAP = 16;

/** From here on the two stand side by side. */
const WIDE = 760;

/** `14:03:30` has room. */
const LABEL_SPACE = 90;

const DARK = matchMedia('(prefers-color-scheme: dark)');

/** Told apart also by their dashes; the legend names them. */
const STROKES = ['#4a6fd4', '#2a9d5c', '#d07a1c', '#a64ac9', '#c2394b', '#1c9aa8', '#8a7a1c'];
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 2, 2, 2]];

export class Charts {
  readonly element = h('div', { class: 'charts' });
  readonly #seconds = new Map<string, Map<number, SecondRow>>();
  #names: string | null = null;
  #plots: { readonly plot: uPlot; readonly value: (row: SecondRow) => number | null }[] = [];

  constructor() {
    new ResizeObserver(() => this.#resize()).observe(this.element);
    // Its ink is that of the style, read when a plot is made.
    DARK.addEventListener('change', () => {
      this.#names = null;
    });
  }

  show(nodes: readonly NodePicture[], nowMs: number): void {
    const drawn = nodes.filter(({ seconds, server }) => seconds.length > 0 || server !== null);
    for (const { name, seconds } of drawn) this.#keep(name, seconds);
    const names = drawn.map(({ name }) => name);
    if (names.join() !== this.#names) this.#make(names);
    const endS = Math.floor(nowMs / 1_000) - 1;
    const times = Array.from({ length: SECONDS }, (_, i) => endS - SECONDS + 1 + i);
    for (const { plot, value } of this.#plots) {
      const lines = names.map((name) => {
        const rows = this.#seconds.get(name);
        return times.map((at) => {
          const row = rows?.get(at);
          return row === undefined ? null : value(row);
        });
      });
      plot.setData([times, ...lines]);
    }
  }

  #keep(name: string, seconds: readonly SecondRow[]): void {
    const rows = this.#seconds.get(name) ?? new Map<number, SecondRow>();
    this.#seconds.set(name, rows);
    for (const row of seconds) rows.set(Math.floor(row.atMs / 1_000), row);
    const oldest = Math.max(...rows.keys()) - 2 * SECONDS;
    for (const at of rows.keys()) if (at < oldest) rows.delete(at);
  }

  #make(names: readonly string[]): void {
    this.#names = names.join();
    for (const { plot } of this.#plots) plot.destroy();
    this.element.replaceChildren();
    this.#plots = [
      this.#plot('Requests per second', names, (row) => row.requests),
      this.#plot('95th percentile, ms', names, (row) => row.p95Ms),
    ];
  }

  #plot(title: string, names: readonly string[], value: (row: SecondRow) => number | null) {
    const ink = getComputedStyle(this.element).color;
    const grid = { stroke: 'rgba(128, 128, 128, 0.2)' };
    const axis = { stroke: ink, grid, ticks: { show: false }, font: '11px system-ui' };
    const times = (_: uPlot, ats: readonly number[]) => ats.map((at) => timeText(at * 1_000));
    const holder = h('figure', {}, h('figcaption', {}, title));
    this.element.append(holder);
    const options: uPlot.Options = {
      width: this.#width,
      height: HEIGHT,
      legend: { live: false },
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
      axes: [
        { ...axis, space: LABEL_SPACE, size: 26, values: times },
        { ...axis, size: 48 },
      ],
      series: [
        {},
        ...names.map((name, i) => ({
          label: name,
          stroke: STROKES[i % STROKES.length]!,
          dash: [...DASHES[Math.floor(i / STROKES.length) % DASHES.length]!],
          width: 1.5,
          points: { show: false },
        })),
      ],
    };
    const plot = new uPlot(options, [[], ...names.map(() => [])], holder);
    return { plot, value };
  }

  get #width(): number {
    const width = this.element.clientWidth;
    return Math.max(260, Math.floor(width > WIDE ? (width - GAP) / 2 : width));
  }

  #resize(): void {
    for (const { plot } of this.#plots) plot.setSize({ width: this.#width, height: HEIGHT });
  }
}
