/** The machines of the cluster, with what can be told to them. */
import { FRESH_MS, type NodePicture } from '../core/report/cluster-picture.ts';
import { type Head, h, headClass, Rows, setText, table } from './dom.ts';
import { ageText, msText, numberText } from './words.ts';

const HEADS: readonly Head[] = [
  'Node',
  'State',
  ['Announced'],
  ['Load'],
  ['Idle'],
  ['In flight'],
  ['Requests/s'],
  ['Failed/s'],
  ['p50'],
  ['p95'],
  'Holds',
  'Order',
];

export type NodeOrder = (command: 'drain' | 'resume', node: string) => void;

export class Nodes {
  readonly element: HTMLElement;
  readonly #rows: Rows<NodePicture>;

  constructor(onOrder: NodeOrder) {
    this.#rows = new Rows({
      keyOf: ({ name }) => name,
      make: (node) => makeRow(node, onOrder),
      update: updateRow,
    });
    this.element = table('Nodes of the cluster', HEADS, this.#rows.body);
  }

  show(nodes: readonly NodePicture[]): void {
    this.#rows.show(nodes);
  }
}

function makeRow({ name, self }: NodePicture, onOrder: NodeOrder): HTMLTableRowElement {
  const title = h('th', { scope: 'row' }, name, self ? h('small', {}, ' this node') : null);
  const cells = HEADS.slice(2).map((head) => h('td', { class: headClass(head) }));
  const button = h('button', { type: 'button', click: () => onOrder(orderOf(button), name) });
  cells.at(-1)!.append(button);
  return h('tr', {}, title, h('td', {}, h('span', { class: 'state' })), ...cells);
}

function orderOf({ dataset }: HTMLElement): 'drain' | 'resume' {
  return dataset['order'] === 'resume' ? 'resume' : 'drain';
}

function updateRow(row: HTMLTableRowElement, node: NodePicture): void {
  const { name, state, ageMs, reportAgeMs, server, seconds, inFlight, holding } = node;
  const fresh = reportAgeMs !== null && reportAgeMs <= FRESH_MS;
  const second = fresh ? seconds.at(-1) : undefined;
  const [, stateCell, ...cells] = row.children;
  setText(stateCell!.firstElementChild!, state);
  row.className = ['up', 'relaying'].includes(state)
    ? ''
    : ['silent', 'stale', 'unknown'].includes(state)
      ? 'gone'
      : 'late';
  const texts = [
    ageMs === null ? '–' : `${ageText(ageMs)} ago`,
    numberText(server?.load ?? null, 2),
    server === null ? '–' : `${Math.round(server.cpuIdleRatio * 100)} %`,
    numberText(inFlight),
    numberText(second?.requests ?? null),
    numberText(second?.failed ?? null),
    msText(second?.p50Ms ?? null),
    msText(second?.p95Ms ?? null),
    holding === null ? '–' : holding.toSorted().join(' ') || 'none',
  ];
  texts.forEach((text, i) => {
    setText(cells[i]!, text);
  });
  const button = row.querySelector('button')!;
  const command = state === 'draining' ? 'resume' : 'drain';
  button.dataset['order'] = command;
  setText(button, command === 'drain' ? 'Drain' : 'Resume');
  button.setAttribute('aria-label', `${button.textContent} ${name}`);
  button.hidden = state === 'unknown' || state === 'silent';
}
