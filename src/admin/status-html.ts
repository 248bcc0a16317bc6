/**
 * The status page: what `/backhand/` has shown since 2000, column by column, in today's clothes.
 * Above it, where scripts run, the cluster live (src/page).
 *
 * Columns and their order are the original's (mod_backhand 1.0.8), with the state as a word put in:
 * a colour alone is invisible to many. What a newcomer gets wrong: a figure that is not known is
 * the word "unknown". The original showed 0 there, and its users asked for years why they had none.
 */
import { createHash } from 'node:crypto';
import { OUTCOMES } from '../core/relay/outcome.ts';
import { headline, type ServerStatus, type State } from '../core/report/server-status.ts';
import { Html, html } from './html.ts';
import { REFRESH_S, SCRIPT, STYLE } from './page-assets.ts';
import { BUNDLE } from './page-bundle.ts';
import { type Status, socketText, type ZoneStatus } from './status.ts';
import { bytesText, countText, durationText } from './units.ts';

/** The page's own script and style are named by their hashes; nothing else may run or load. */
export const PAGE_POLICY = `Content-Security-Policy: ${[
  "default-src 'none'",
  `script-src 'self' '${hashOf(SCRIPT)}'`,
  `style-src 'self' '${hashOf(STYLE)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')}\r\nReferrer-Policy: no-referrer\r\n`;

function hashOf(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`;
}

export type PageOptions = {
  /** The zone's path, for links. */
  readonly base: string;
  readonly clientAddress: string;
};

export function statusPage(status: Status, { base, clientAddress }: PageOptions): string {
  const { node } = status;
  const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${node.name} – cluster status</title>
<noscript><meta http-equiv="refresh" content="${REFRESH_S}"></noscript>
<style>${new Html(STYLE)}</style>
<link rel="stylesheet" href="${base}${BUNDLE.style.name}">
<script type="module" src="${base}${BUNDLE.script.name}"></script>
</head>
<body>
<header><div>
<h1>${headline(status.servers)}<small>The cluster as ${node.name} sees it</small></h1>
${localMachine(status, clientAddress)}
</div></header>
<div id="cluster" data-base="${base}" hidden></div>
<main>
${serverSection(status.servers)}
${zoneSection(status.zones)}
${trafficSection(status)}
${outcomeSection(status)}
${announcementSection(status)}
</main>
<footer><div>
<p><span id="live" class="live" role="status">Refreshed every ${REFRESH_S} s.</span>
For programs: <a href="${base}status.json">status.json</a>, and
<a href="${base}metrics">metrics</a> for Prometheus.</p>
</div></footer>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return `<!DOCTYPE html>\n${page}`;
}

/** The original's box: who is talking, and to whom. */
function localMachine({ node, nowMs }: Status, clientAddress: string): Html {
  return html`<dl>
<dt>Local machine name</dt><dd>${node.name}</dd>
<dt>Software</dt><dd>${node.software}</dd>
<dt>Listens at</dt><dd>${node.listen.join(', ')}</dd>
<dt>Up for</dt><dd>${durationText(nowMs - node.startedMs)}</dd>
<dt>Your address</dt><dd>${clientAddress}</dd>
</dl>`;
}

/** Columns of figures are set to the right, so that their digits stand below each other. */
type Column = {
  readonly head: string;
  readonly numeric: boolean;
  readonly cell: (server: ServerStatus) => Html | string;
};

const UNKNOWN = html`<span class="unknown">unknown</span>`;

function orUnknown(value: number | null, write: (value: number) => string): Html | string {
  return value === null ? UNKNOWN : write(value);
}

/** The state stands where it is seen without scrolling; the rest are as they ever were. */
const COLUMNS: readonly Column[] = [
  text('State', ({ state }) => html`<span class="state">${state}</span>`),
  text('Age', ({ ageMs }) => durationText(ageMs), true),
  text('Address', ({ address, port }) => socketText(address, port)),
  text('Total Mem', ({ memoryTotalBytes }) => orUnknown(memoryTotalBytes, bytesText), true),
  text('Avail Mem', ({ memoryAvailableBytes }) => orUnknown(memoryAvailableBytes, bytesText), true),
  text('# ready servers/# total servers', serversText, true),
  text('~ms/req [#req]', turnaroundText, true),
  text('Arriba', ({ arriba }) => orUnknown(arriba, countText), true),
  text('# CPUs', ({ cpuCount }) => String(cpuCount), true),
  text('Load/HWM', ({ load, loadHwm }) => `${load.toFixed(2)}/${loadHwm}`, true),
  text('CPU Idle', ({ cpuIdleRatio }) => `${(cpuIdleRatio * 100).toFixed(1)} %`, true),
];

function text(head: string, cell: Column['cell'], numeric = false): Column {
  return { head, cell, numeric };
}

function serversText({ serversReady, serversTotal }: ServerStatus): Html | string {
  return serversTotal === null ? UNKNOWN : `${serversReady}/${serversTotal}`;
}

function turnaroundText({ turnaroundMs, requests }: ServerStatus): Html {
  const mean = orUnknown(turnaroundMs, (ms) => ms.toFixed(1));
  return html`${mean} [${countText(requests)}]`;
}

const ROW_CLASSES: Readonly<Record<State, string>> = {
  silent: 'gone',
  stale: 'gone',
  suspect: 'late',
  sick: 'late',
  draining: 'late',
  relaying: '',
  up: '',
};

function serverSection(servers: readonly ServerStatus[]): Html {
  const rows = servers.map((server) => {
    const cells = COLUMNS.map(({ cell, numeric }) => {
      return html`<td class="${numeric ? 'n' : ''}">${cell(server)}</td>`;
    });
    return html`<tr class="${ROW_CLASSES[server.state]}"><td class="n">${server.entry}</td>
<th scope="row"><span class="${server.self ? 'self' : ''}">${server.name}</span></th>${cells}</tr>
`;
  });
  const heads = COLUMNS.map(({ head, numeric }) => {
    return html`<th scope="col" class="${numeric ? 'n' : ''}">${head}</th>`;
  });
  const head = html`<th scope="col" class="n">Entry</th><th scope="col">Hostname</th>${heads}`;
  return section({
    title: 'Servers',
    text: `What every machine last announced. Stale: several announcements were missed. Silent: so
      many that it gets requests only when nobody else is left. Suspect: it took no connection.
      Relaying: it serves nothing itself.`,
    caption: 'Servers of the cluster with what they last announced',
    head,
    rows,
  });
}

function zoneSection(zones: readonly ZoneStatus[]): Html {
  const rows = zones.map(
    ({ name, chain, handler }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td class="wrap">${chainText(chain)}</td>
<td>${handler === 'status' ? 'this page' : handler === null ? '' : 'none'}</td></tr>
`,
  );
  return section({
    title: 'Zones',
    text: 'Parts of the site, and the candidacy functions that choose who serves them.',
    caption: 'Zones of the site with their chains',
    head: html`<th scope="col">Zone</th><th scope="col">Chain</th><th scope="col">Handler</th>`,
    rows: rows.length > 0 ? rows : [html`<tr><td colspan="3">None: all is served here.</td></tr>`],
  });
}

function chainText(chain: readonly string[] | null): string {
  if (chain === null) return '';
  return chain.length === 0 ? 'balancing off' : chain.join(' → ');
}

function trafficSection({ counters }: Status): Html {
  const { single, statuses } = counters;
  const tiles: readonly (readonly [string, string])[] = [
    ['Requests', countText(single.requests)],
    ['Under way', countText(single.requestsInFlight)],
    ['Clients connected', countText(single.clientsOpen)],
    ['Relayed to nodes', countText(single.deliveredProxy)],
    ['Served here', countText(single.deliveredLocal)],
    ['Redirected', countText(single.deliveredRedirect)],
    ['Sent again', countText(single.retries)],
    ['Mean time', meanText(counters)],
    ['Received', bytesText(single.bytesFromClients)],
    ['Sent', bytesText(single.bytesToClients)],
    ...Object.entries(statuses).map(([name, count]) => {
      return [`${name} answers`, countText(count)] as const;
    }),
  ];
  const items = tiles.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<section><h2>Traffic of this node</h2>
<p>Since it was started, over all of its workers.</p>
<dl class="tiles">${items}</dl></section>`;
}

function meanText({ single, latencies }: Status['counters']): string {
  const count = latencies.reduce((sum, amount) => sum + amount, 0);
  return count === 0 ? 'unknown' : `${(single.latencyMsSum / count).toFixed(1)} ms`;
}

function outcomeSection({ counters }: Status): Html {
  const rows = OUTCOMES.map(({ code, meaning, lookAt }) => {
    const count = counters.outcomes[code] ?? 0;
    return html`<tr class="${count === 0 ? 'zero' : ''}"><th scope="row"><code>${code}</code></th>
<td class="n">${countText(count)}</td><td class="wrap">${meaning}</td>
<td class="wrap">${lookAt}</td></tr>
`;
  });
  return section({
    title: 'How requests ended',
    text: 'Every request to this node ends in exactly one of these.',
    caption: 'Outcomes of requests with their meanings',
    head: html`<th scope="col">Outcome</th><th scope="col" class="n">Requests</th>
<th scope="col">Meaning</th><th scope="col">Look at</th>`,
    rows,
  });
}

function announcementSection({ announcements }: Status): Html {
  const tiles = Object.entries(announcements)
    .filter(([name, count]) => count > 0 || name === 'heard')
    .map(([name, count]) => html`<div><dt>${name}</dt><dd>${countText(count)}</dd></div>`);
  return html`<section><h2>Announcements</h2>
<p>Datagrams by what became of them; those ignored by the reason.</p>
<dl class="tiles">${tiles}</dl></section>`;
}

type Section = {
  readonly title: string;
  readonly text: string;
  readonly caption: string;
  readonly head: Html;
  readonly rows: readonly Html[];
};

/** Wide tables scroll inside of their section, by keyboard as well. */
function section({ title, text: about, caption, head, rows }: Section): Html {
  return html`<section><h2>${title}</h2><p>${about}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<caption>${caption}</caption><thead><tr>${head}</tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}
