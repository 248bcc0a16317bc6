/**
 * What happened in the cluster, newest first, with who asked for it.
 *
 * What a newcomer gets wrong: a sequence is of one life of a node, so it is no key by itself.
 */
import type { NodeEvent } from '../core/report/cluster-picture.ts';
import { h, Rows, table } from './dom.ts';
import { timeText } from './words.ts';

const HEADS = ['Time', 'Node', 'What', 'Asked for by'];
const SHOWN = 12;

export class Events {
  readonly element: HTMLElement;
  readonly #rows = new Rows<NodeEvent>({
    keyOf: ({ node, sequence, text }) => `${node} ${sequence} ${text}`,
    make: ({ atMs, node, text, origin }) =>
      h(
        'tr',
        {},
        h('td', {}, timeText(atMs)),
        h('td', {}, node),
        h('td', { class: 'wrap' }, text),
        h('td', {}, origin ?? '–'),
      ),
    update: () => {},
  });

  constructor() {
    this.element = table('What happened, newest first', HEADS, this.#rows.body);
  }

  show(events: readonly NodeEvent[]): void {
    this.#rows.show(events.slice(-SHOWN).reverse());
  }
}
