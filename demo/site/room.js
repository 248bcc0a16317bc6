/**
 * The page with the power switches: draws what it is told once a second.
 *
 * What a newcomer gets wrong: when nothing is told any more, the page says so; an old picture that
 * looks well would be a lie.
 */
// @ts-check

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 170;

/** Below the bars: what was switched, in lines of their own so that they stay readable. */
const MARK_LINES = 3;
const MARK_HEIGHT = 13;
const SHOWN = 120;
const SILENT_MS = 3_000;

/** Requests of these last seconds are still under way. */
const OPEN = 1;

const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
let lastMs = 0;
/** The last that was told, to draw it anew when the window has changed. */
let told = null;

const source = new EventSource('/live');
source.addEventListener('message', ({ data }) => {
  lastMs = performance.now();
  told = JSON.parse(data);
  show(told);
});
new ResizeObserver(() => told !== null && drawGraph(told)).observe(byId('graph'));
setInterval(() => {
  if (performance.now() - lastMs < SILENT_MS) return;
  summary('No news any more: the demo has ended, or this page has lost it.', true);
}, 1_000);

function show(news) {
  const bad = news.seconds.slice(-SHOWN).some(({ failed }) => failed > 0);
  const parts = [
    `${news.totals.sent.toLocaleString()} requests`,
    `${news.totals.failed.toLocaleString()} failed`,
    `${news.totals.slow} took longer than a second`,
    `${news.totals.retried} were sent again`,
  ];
  summary(parts.join(', '), bad);
  setText(byId('warnings'), news.warnings.join(' · '));
  drawGraph(news);
  drawMachines(news.machines);
  drawAddresses(news.addresses);
  setText(byId('kind'), news.kind);
  const status = /** @type {HTMLAnchorElement} */ (byId('status'));
  status.hidden = news.status === null;
  if (news.status !== null) status.href = news.status;
}

function summary(text, bad) {
  const line = byId('summary');
  setText(line, text);
  line.className = bad ? 'bad' : '';
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function drawGraph({ seconds, switched, nowMs }) {
  const graph = byId('graph');
  const wide = Math.max(200, graph.clientWidth);
  const endMs = Math.floor(nowMs / 1_000) * 1_000 - OPEN * 1_000;
  const startMs = endMs - SHOWN * 1_000;
  const most = Math.max(1, ...seconds.map(({ sent }) => sent));
  const width = wide / SHOWN;
  const base = { class: 'base', x1: 0, x2: wide, y1: HEIGHT, y2: HEIGHT };
  const parts = [element('text', { x: 0, y: 10 }, `${most}/s`), element('line', base)];
  for (const second of seconds) {
    if (second.atMs < startMs || second.atMs >= endMs) continue;
    const x = ((second.atMs - startMs) / 1_000) * width;
    let y = HEIGHT;
    for (const kind of ['ok', 'slow', 'failed']) {
      if (second[kind] === 0) continue;
      const height = Math.max(1.5, (second[kind] / most) * (HEIGHT - 14));
      y -= height;
      const bar = { class: kind, x, y, width: width * 0.85, height };
      parts.push(element('rect', bar));
    }
  }
  switched.forEach(({ atMs, what }, index) => {
    if (atMs < startMs) return;
    const x = Math.min(((atMs - startMs) / 1_000) * width, wide);
    const y = HEIGHT + MARK_HEIGHT * (1 + (index % MARK_LINES));
    parts.push(element('line', { x1: x, x2: x, y1: 0, y2: y - 9 }));
    parts.push(element('text', { x: Math.min(x + 2, wide - 76), y }, what));
  });
  graph.replaceChildren(...parts);
}

function element(name, attributes, text = '') {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}

function drawMachines(machines) {
  const room = byId('machines');
  for (const machine of machines) {
    const card = document.getElementById(`machine-${machine.name}`) ?? makeCard(machine.name);
    if (card.parentElement === null) room.append(card);
    card.className = machine.on ? 'machine' : 'machine off';
    const known = ['up', 'relaying', 'off', 'silent'].includes(machine.state);
    const [state, facts] = card.querySelectorAll('span, small');
    state.textContent = machine.state;
    state.className = `state ${known ? machine.state : 'other'}`;
    const load = machine.load === null ? '' : `load ${machine.load.toFixed(2)}`;
    const rate = machine.perSecond === null ? '' : `${machine.perSecond}/s`;
    facts.textContent = [load, rate].filter(Boolean).join(' · ') || machine.address;
    const button = /** @type {HTMLButtonElement} */ (card.querySelector('button'));
    button.textContent = machine.on ? 'Switch off' : 'Switch on';
    button.setAttribute('aria-label', `${button.textContent} ${machine.name}`);
    button.dataset.on = String(!machine.on);
    button.disabled = false;
  }
}

function makeCard(name) {
  const card = document.createElement('div');
  card.id = `machine-${name}`;
  const title = document.createElement('b');
  title.append(name);
  const state = document.createElement('span');
  title.append(state);
  const button = document.createElement('button');
  button.type = 'button';
  button.addEventListener('click', async () => {
    button.disabled = true;
    const body = JSON.stringify({ name, on: button.dataset.on === 'true' });
    await fetch('/power', { method: 'POST', headers: { 'x-control-room': '1' }, body });
  });
  card.append(title, document.createElement('small'), button);
  return card;
}

function drawAddresses(addresses) {
  const rows = addresses.map(({ address, url, holders, why }) => {
    const row = document.createElement('tr');
    const link = document.createElement('a');
    link.href = url;
    link.textContent = address;
    const cells = [link, holders.join(' and ') || 'nobody that is known', why].map((content) => {
      const cell = document.createElement('td');
      cell.append(content);
      return cell;
    });
    if (holders.length === 0) cells[1].className = 'nobody';
    row.append(...cells);
    return row;
  });
  byId('addresses').replaceChildren(...rows);
}
