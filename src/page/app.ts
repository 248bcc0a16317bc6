/**
 * The live half of the status page: the whole cluster, as the node that is asked knows it.
 *
 *     server-sent events ─► picture ─► nodes, charts, addresses, events, warnings
 *                        └► requests ─► the live log
 *
 * The tables below it work without this script. What a newcomer gets wrong: silence is not "all is
 * well". When nothing has come for three seconds, everything here is marked as old.
 */
import type { ClusterPicture } from '../core/report/cluster-picture.ts';
import type { RequestRecord } from '../core/report/request-record.ts';
import { headline } from '../core/report/server-status.ts';
import { Addresses } from './addresses.ts';
import { Charts } from './charts.ts';
import { h, setText } from './dom.ts';
import { Events } from './events.ts';
import { Nodes } from './nodes.ts';
import { hasSecret, keepSecret, order } from './orders.ts';
import { Requests } from './requests.ts';
import { ageText } from './words.ts';

const SILENT_MS = 3_000;
const LOOK_MS = 500;

/** An answer of minutes ago is none to what is pressed now. */
const SAID_MS = 30_000;

/** When the browser has given up: a node that restarts refuses before it answers again. */
const AGAIN_MS = 2_000;

const root = document.getElementById('cluster')!;
const base = new URL(root.dataset['base'] ?? '/', location.href).pathname;
const title = document.querySelector('h1')!.firstChild as Text;
const summary = h('p', { class: 'summary', role: 'status', 'aria-live': 'polite' }, 'Connecting …');
const warnings = h('ul', { class: 'warnings', 'aria-label': 'What is wrong' });
const said = h('p', { class: 'said', role: 'status', 'aria-live': 'assertive' });
const nodes = new Nodes((command, node) => void tell(command, node));
const charts = new Charts();
const addresses = new Addresses();
const events = new Events();
const requests = new Requests(base);
const pool = section('Shared addresses', addresses.element, addresses.engines);
let lastMs = performance.now();
let picture: ClusterPicture | null = null;

root.append(
  h('section', { class: 'top' }, h('h2', {}, 'The cluster now'), summary, warnings, said),
  section('Nodes', nodes.element, secretForm(), charts.element),
  pool,
  section('What happened', events.element),
  section('Requests', requests.element),
);
root.hidden = false;
pool.hidden = true;

listen();
void requests.begin();
setInterval(judgeAge, LOOK_MS);

/** An answer that is no stream, of a node that ends, is the end of an EventSource for ever. */
function listen(): void {
  const source = new EventSource(`${base}api/live`);
  source.addEventListener('picture', ({ data }) => {
    lastMs = performance.now();
    picture = JSON.parse(data) as ClusterPicture;
    show(picture);
  });
  source.addEventListener('requests', ({ data }) => {
    requests.add(JSON.parse(data) as readonly RequestRecord[]);
  });
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
  });
}

function section(title: string, ...children: readonly Node[]): HTMLElement {
  return h('section', {}, h('h2', {}, title), ...children);
}

function show(news: ClusterPicture): void {
  nodes.show(news.nodes);
  charts.show(news.nodes, news.nowMs);
  pool.hidden = news.addresses.length === 0;
  addresses.show(news);
  events.show(news.events);
  showList(warnings, news.warnings);
  judgeAge();
}

function showList(list: HTMLElement, texts: readonly string[]): void {
  const now = [...list.children].map(({ textContent }) => textContent);
  if (now.join('\n') === texts.join('\n')) return;
  list.replaceChildren(...texts.map((text) => h('li', {}, text)));
}

function judgeAge(): void {
  const ageMs = performance.now() - lastMs;
  const silent = ageMs > SILENT_MS;
  document.body.classList.toggle('stale', silent);
  root.classList.toggle('old', silent);
  summary.classList.toggle('bad', silent || (picture?.warnings.length ?? 0) > 0);
  const head = silent || picture === null ? 'Lost sight of the cluster' : headline(picture.nodes);
  if (picture !== null && title.data !== head) title.data = head;
  if (silent) {
    const what = picture === null ? 'Nothing has come yet' : 'What is below is as it was';
    setText(summary, `${what}: this node has said nothing for ${ageText(ageMs)}.`);
  } else if (picture !== null) {
    const count = picture.warnings.length;
    const problems = count === 1 ? 'one thing is wrong' : `${count} things are wrong`;
    setText(
      summary,
      count === 0 ? 'Nothing is wrong that is known.' : `As far as known, ${problems}:`,
    );
  }
}

async function tell(command: 'drain' | 'resume', node: string): Promise<void> {
  if (!hasSecret()) {
    setText(said, 'First enter the secret of the cluster, below the table.');
    root.querySelector<HTMLInputElement>('#secret')?.focus();
    return;
  }
  setText(said, `${command} ${node} …`);
  const nowMs = picture === null ? Date.now() : picture.nowMs + performance.now() - lastMs;
  const done = await order(base, command, { body: { node }, nowMs });
  const text = done.ok ? done.text : `Not done: ${done.text}`;
  setText(said, text);
  setTimeout(() => {
    if (said.textContent === text) setText(said, '');
  }, SAID_MS);
}

/** Not a field of a login: nothing is sent when it is entered. */
function secretForm(): HTMLElement {
  const input = h('input', { id: 'secret', type: 'password', autocomplete: 'off', size: '20' });
  const keep = (event: Event): void => {
    event.preventDefault();
    keepSecret(input.value.trim());
    input.value = '';
    setText(said, hasSecret() ? 'The secret is kept for this tab.' : 'The secret is forgotten.');
  };
  return h(
    'form',
    { class: 'bar', submit: keep },
    h('label', {}, "To drain a node: the cluster's secret ", input),
    h('button', { type: 'submit' }, 'Keep for this tab'),
  );
}
