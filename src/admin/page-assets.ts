/**
 * The look of the status page, and the script that keeps it fresh: inline, so that the page needs
 * nothing from anywhere.
 *
 * What a newcomer gets wrong: the script draws nothing. It fetches the page again and puts what
 * changed into place, so the page looks the same with and without it, and nobody must keep two
 * renderings alike. Only changed text and attributes are touched: nothing flickers, and what the
 * reader has selected or focused stays.
 */

/** About as often as there is news: nodes announce once a second. */
export const REFRESH_S = 2;

/** The whole page is made anew each time, and what matters is above it, a second old. */
const REFRESH_LIVE_S = 5;

export const STYLE = `
:root { color-scheme: light dark; --ink: #1b2330; --soft: #5a6577; --line: #d8dee8;
  --paper: #f5f7fa; --card: #fff; --head: #e9e7f6; --accent: #4a3fb5; --ok: #14713f;
  --warn: #8a5300; --warn-bg: #fff3d9; --bad: #a11421; --bad-bg: #fde4e4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa5b7; --line: #303948;
  --paper: #12161d; --card: #1a202a; --head: #262a42; --accent: #a9a1ff; --ok: #6fd29b;
  --warn: #f0bd6a; --warn-bg: #382b12; --bad: #ff9b9b; --bad-bg: #451d22 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif }
main, header > div, footer > div { max-width: 84rem; margin: 0 auto; padding: 0 1.25rem }
header { background: var(--card); border-bottom: 1px solid var(--line) }
header > div { display: flex; flex-wrap: wrap; gap: .75rem 3rem; align-items: center;
  justify-content: space-between; padding-block: 1rem }
h1 { font-size: 1.35rem; margin: 0; letter-spacing: -.01em }
h1 small { display: block; font-size: .85rem; font-weight: 400; color: var(--soft);
  letter-spacing: 0 }
h2 { font-size: 1.05rem; margin: 0 }
section { margin: 1.5rem 0; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; overflow: hidden }
section > h2, section > p { padding: .8rem 1rem 0; margin: 0 }
section > p { padding-top: .2rem; color: var(--soft); font-size: .88rem; max-width: 62rem }
dl { display: grid; grid-template-columns: auto auto; gap: .1rem .9rem; margin: 0;
  font-size: .86rem }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
.scroll { overflow-x: auto; margin-top: .7rem; border-top: 1px solid var(--line) }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px }
table { border-collapse: collapse; width: 100%; font-size: .93rem;
  font-variant-numeric: tabular-nums }
caption { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
th, td { padding: .45rem .55rem; text-align: left; white-space: nowrap;
  border-bottom: 1px solid var(--line); vertical-align: baseline }
thead th { background: var(--head); font-size: .78rem; font-weight: 600; white-space: normal;
  vertical-align: bottom; text-wrap: balance }
tbody th { font-weight: 600 }
tbody tr:last-child > * { border-bottom: 0 }
.n { text-align: right } .wrap { white-space: normal; min-width: 15rem }
.unknown, .zero { color: var(--soft) } .unknown { font-style: italic }
.self::after { content: "this machine"; display: block; color: var(--soft); font-weight: 400;
  font-size: .8rem; line-height: 1 }
.state { font-weight: 600; color: var(--ok) }
tr.late > * { background: var(--warn-bg) } tr.late .state { color: var(--warn) }
tr.gone > * { background: var(--bad-bg) } tr.gone .state { color: var(--bad) }
tr.zero > th { font-weight: 400 }
code { font: .9em ui-monospace, monospace } a { color: var(--accent) }
footer { color: var(--soft); font-size: .86rem; margin: 1.5rem 0 2rem }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr));
  gap: 1px; border-top: 1px solid var(--line); margin-top: .7rem }
.tiles div { box-shadow: 0 0 0 1px var(--line); padding: .6rem 1rem }
.tiles dt { font-size: .8rem } .tiles dd { font-size: 1.15rem; font-weight: 600 }
.live { font-size: .86rem; color: var(--soft) }
.live[data-lost] { color: var(--bad); font-weight: 600 }
@media (max-width: 40rem) { main, header > div, footer > div { padding-inline: .7rem }
  th, td { padding: .4rem .55rem } .wrap { min-width: 13rem } }
`;

export const SCRIPT = `
'use strict';
const live = document.getElementById('live');
const cluster = document.getElementById('cluster');
const everyS = () => cluster.hidden ? ${REFRESH_S} : ${REFRESH_LIVE_S};
function patch(now, next) {
  if (now.nodeName !== next.nodeName
    || now.childNodes.length !== next.childNodes.length) return now.replaceWith(next);
  if (now.nodeType === Node.TEXT_NODE) {
    if (now.data !== next.data) now.data = next.data;
    return;
  }
  for (const { name } of [...now.attributes ?? []])
    if (!next.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of next.attributes ?? [])
    if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  const children = [...next.childNodes];
  [...now.childNodes].forEach((child, index) => patch(child, children[index]));
}
async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' },
      signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of ['header', 'main'])
      patch(document.querySelector(part), next.querySelector(part));
    document.title = next.title;
    live.textContent = 'Live: refreshed every ' + everyS() + ' s.';
    delete live.dataset.lost;
  } catch {
    live.textContent = 'This node does not answer: the figures are those of its last answer.';
    live.dataset.lost = '';
  }
  setTimeout(refresh, everyS() * 1000);
}
setTimeout(refresh, ${REFRESH_S * 1_000});
`;
