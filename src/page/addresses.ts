/** Who holds each shared address, why, and why each other node does not. */
import {
  type AddressPicture,
  type ClusterPicture,
  ENGINE_NAMES,
  FRESH_MS,
} from '../core/report/cluster-picture.ts';
import { h, Rows, setText, table } from './dom.ts';
import { ageText } from './words.ts';

const HEADS = ['Address', 'Held by', 'Why', 'Why not the others'];

export class Addresses {
  readonly element: HTMLElement;
  /** Who carries the group, where that is not ours alone. */
  readonly engines = h('p', { class: 'notes' });
  readonly #rows: Rows<AddressPicture>;

  constructor() {
    this.#rows = new Rows({
      keyOf: ({ group }) => group,
      make: ({ group }) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, group),
          h('td'),
          h('td', { class: 'wrap' }),
          h('td', {}, h('details', {}, h('summary'), h('ul'))),
        ),
      update: updateRow,
    });
    this.element = table('Shared addresses', HEADS, this.#rows.body);
  }

  show({ addresses, engines }: Pick<ClusterPicture, 'addresses' | 'engines'>): void {
    this.#rows.show(addresses);
    const names = [...new Set(engines.map(({ kind }) => ENGINE_NAMES[kind]))];
    setText(this.engines, names.length === 0 ? '' : `Agreed on over ${names.join(' and ')}.`);
  }
}

function updateRow(row: HTMLTableRowElement, address: AddressPicture): void {
  const { holders, unknown, heir, why, others, ageMs, saidBy, stranger } = address;
  const [, held, reason, rest] = row.children;
  const maybe = unknown.length === 0 ? '' : ` (or ${unknown.join(', ')}, not heard)`;
  const moving = heir === null ? '' : `, moving to ${heir}`;
  setText(held!, `${holders.join(' and ') || 'nobody that is known'}${moving}${maybe}`);
  row.className = holders.length === 1 || heir !== null ? '' : 'gone';
  const old = ageMs > FRESH_MS ? `, as ${saidBy} said ${ageText(ageMs)} ago` : '';
  setText(reason!, stranger ? `a stranger answers for it${old}` : `${why}${old}`);
  const details = rest!.firstElementChild!;
  const count = others.length === 1 ? 'one other' : `${others.length} others`;
  setText(details.firstElementChild!, count);
  const lines = others.map((other) => `${other.name}: ${other.why}`);
  const list = details.lastElementChild!;
  details.toggleAttribute('hidden', others.length === 0);
  if (list.textContent !== lines.join('')) {
    list.replaceChildren(...lines.map((line) => h('li', {}, line)));
  }
}
