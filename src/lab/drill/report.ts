/**
 * A drill's report: for the terminal, and as one HTML file with a graph that needs nothing else.
 */
import type { DrillResult } from './drill.ts';
import { type EventTally, hasFailed, SLOW_MS, seconds } from './tally.ts';

/** More of them are more of the same. */
const FAILURES_LISTED_MAX = 50;

export function reportText(result: DrillResult): string {
  const { events, targets, requests } = result;
  const heads = ['AT', 'EVENT', 'SENT', 'FAILED', 'ON WAY', 'RETRIED', 'SLOWEST', 'GAP', 'VERDICT'];
  const rows = events.map((event) => cellsOf(event, targets));
  const widths = heads.map((head, i) => {
    return Math.max(head.length, ...rows.map((row) => row[i]!.length));
  });
  const lines = [heads, ...rows].map((row) =>
    row.map((cell, i) =>
      i === 1 || i === 8 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
    ),
  );
  const failed = requests.filter(hasFailed).length;
  const bad = events.filter(({ verdict }) => verdict !== null).length;
  const end = `${requests.length} requests, ${failed} failed, ${bad} of ${events.length} verdicts bad`;
  const table = lines.map((row) => row.join('  ').trimEnd());
  return `${[...table, ...failuresOf(result).map(failureText), end].join('\n')}\n`;
}

export type Failure = {
  /** From the beginning of the load. */
  readonly atS: number;
  readonly target: string;
  /** The status, or why there was none. */
  readonly what: string;
  readonly tookMs: number;
  readonly tries: number;
  /** Who answered; `-`: nobody. */
  readonly server: string;
};

/** The first of those that failed, to be looked for in the logs. */
export function failuresOf({ requests, targets, startMs }: DrillResult): readonly Failure[] {
  return requests
    .filter(hasFailed)
    .slice(0, FAILURES_LISTED_MAX)
    .map(({ beganMs, target, error, status, tookMs, tries, server }) => ({
      atS: (beganMs - startMs) / 1_000,
      target: targets[target]!,
      what: error ?? String(status),
      tookMs,
      tries,
      server,
    }));
}

function failureText({ atS, target, what, tookMs, tries, server }: Failure): string {
  const again = tries === 0 ? '' : `, asked again ${tries}`;
  const by = server === '-' ? '' : ` by ${server}`;
  return `failed: begun at ${atS.toFixed(2)} s, ${target}: ${what}${by} after ${Math.round(tookMs)} ms${again}`;
}

function cellsOf(event: EventTally, targets: readonly string[]): string[] {
  const worst = Math.max(...event.gapsMs);
  const where = new URL(targets[event.gapsMs.indexOf(worst)]!).hostname;
  const errors = Object.entries(event.errors).map(([name, count]) => `${name} ${count}`);
  return [
    `${event.atS.toFixed(1)} s`,
    event.what,
    String(event.sent),
    String(event.failed),
    String(event.failedOnTheirWay),
    String(event.retried),
    `${Math.round(event.slowestMs)} ms`,
    `${worst} ms (${where})`,
    event.verdict === null ? 'ok' : `${event.verdict} (${errors.join(', ')})`,
  ];
}

const WIDTH = 960;
const HEIGHT = 240;
const MARGIN = 36;

/** @param title what was drilled */
export function reportHtml(title: string, result: DrillResult): string {
  const rows = result.events.map((event) => {
    const cells = cellsOf(event, result.targets).map((cell) => `<td>${escaped(cell)}</td>`);
    return `<tr class="${event.verdict === null ? 'ok' : 'bad'}">${cells.join('')}</tr>`;
  });
  const heads = ['At', 'Event', 'Sent', 'Failed', 'On their way', 'Retried', 'Slowest', 'Gap', ''];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; --ok: #2a9d5c; --slow: #d99a1c; --bad: #d03b3b; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; height: auto; overflow: visible; }
svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td, th { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #8884; }
.bad td:last-child { color: var(--bad); font-weight: 600; }
.key span { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em; }
</style>
<h1>${escaped(title)}</h1>
<p class="key">${result.requests.length} requests from ${new Date(result.startMs).toISOString()}.
<span style="background: var(--ok)"></span>answered
<span style="background: var(--slow)"></span>answered after ${SLOW_MS / 1_000} s
<span style="background: var(--bad)"></span>failed</p>
${graph(result)}
<table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
${failuresOf(result)
  .map((failure) => `<p class="bad">${escaped(failureText(failure))}</p>`)
  .join('\n')}
</html>
`;
}

/** Stacked bars, one a second, with a mark for each event. */
function graph({ requests, startMs, endMs, events }: DrillResult): string {
  const rows = seconds(requests, startMs, endMs);
  const most = Math.max(1, ...rows.map(({ ok, slow, failed }) => ok + slow + failed));
  const width = (WIDTH - MARGIN) / rows.length;
  const bars = rows.map((row, index) => {
    const x = MARGIN + index * width;
    let y = HEIGHT;
    return (['ok', 'slow', 'failed'] as const)
      .map((kind) => {
        const height = (row[kind] / most) * HEIGHT;
        y -= height;
        const colour = kind === 'failed' ? 'bad' : kind;
        if (height === 0) return '';
        return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(width * 0.9).toFixed(1)}" height="${Math.max(1.5, height).toFixed(1)}" fill="var(--${colour})"/>`;
      })
      .join('');
  });
  const marks = events.slice(1).map(({ atS, what }, index) => {
    const x = MARGIN + (atS / rows.length) * (WIDTH - MARGIN);
    const y = HEIGHT + 14 + (index % 3) * 13;
    return `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="0" y2="${y - 9}" stroke="currentColor" stroke-dasharray="2 3" opacity=".5"/><text x="${x.toFixed(1)}" y="${y}">${escaped(what)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 48}" role="img" aria-label="requests per second">
<text x="0" y="10">${most}/s</text><text x="0" y="${HEIGHT}">0</text>
${bars.join('\n')}
${marks.join('\n')}
</svg>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
