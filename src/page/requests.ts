/**
 * The live log of requests, and why one of them, or one that is made up, goes where it goes.
 *
 * What a newcomer gets wrong: only the requests of the node that is asked are here, and of a busy
 * one only the newest of each second.
 */
import type { RequestRecord } from '../core/report/request-record.ts';
import { type Head, h, Rows, setText, table } from './dom.ts';
import { instantText, msText } from './words.ts';

const HEADS: readonly Head[] = [
  'Time',
  'Client',
  'Request',
  'Served by',
  'Status',
  ['Took'],
  'Why',
];
const SHOWN = 15;

export class Requests {
  readonly element: HTMLElement;
  readonly #base: string;
  readonly #rows: Rows<RequestRecord>;
  readonly #answer = h('pre', { class: 'why', role: 'status', 'aria-live': 'polite' });
  readonly #none: HTMLElement;
  #records: readonly RequestRecord[] = [];

  constructor(base: string) {
    this.#base = base;
    this.#rows = new Rows({
      keyOf: ({ id }) => id,
      make: (record) => this.#makeRow(record),
      update: () => {},
    });
    this.#answer.hidden = true;
    this.#none = h('p', { class: 'note' }, 'No request has been seen yet.');
    this.element = h(
      'div',
      {},
      this.#form(),
      this.#answer,
      this.#none,
      table('The last requests of this node', HEADS, this.#rows.body),
    );
  }

  /** What was served before the page was opened. */
  async begin(): Promise<void> {
    try {
      const response = await fetch(`${this.#base}api/requests?n=${SHOWN}`);
      if (response.ok) this.add((await response.json()) as readonly RequestRecord[]);
    } catch {
      // What is lost is said where everything is: by the age of the picture.
    }
  }

  /** Newest last. */
  add(records: readonly RequestRecord[]): void {
    const known = new Set(this.#records.map(({ id }) => id));
    const news = records.filter(({ id }) => !known.has(id));
    this.#records = [...news, ...this.#records].toSorted((a, b) => b.atMs - a.atMs).slice(0, SHOWN);
    // Under a pointer or a keyboard's focus nothing may move away.
    if (!this.#rows.body.matches(':hover, :focus-within')) this.#rows.show(this.#records);
    this.#none.hidden = this.#records.length > 0;
  }

  #makeRow(record: RequestRecord): HTMLTableRowElement {
    const { id, atMs, client, method, target, server, way, status, outcome, totalMs } = record;
    const ask = (): void => void this.#ask(new URLSearchParams({ id }));
    const button = h('button', { type: 'button', click: ask, 'aria-label': `Why ${id}` }, 'Why');
    return h(
      'tr',
      { class: status === 0 || status >= 500 ? 'gone' : '' },
      h('td', {}, instantText(atMs)),
      h('td', {}, client),
      h('td', { class: 'cut', title: target }, `${method} ${target}`),
      h('td', {}, server ?? way),
      h('td', {}, outcome === 'DONE' ? status : `${status} ${outcome}`),
      h('td', { class: 'n' }, msText(totalMs)),
      h('td', {}, button),
    );
  }

  #form(): HTMLElement {
    const target = h('input', { name: 'target', required: true, value: '/', size: '24' });
    const field = h('input', { name: 'field', placeholder: 'Cookie: id=...', size: '24' });
    const submit = (event: Event): void => {
      event.preventDefault();
      const query = new URLSearchParams({ method: 'GET', target: target.value });
      if (field.value.includes(':')) query.set('field', field.value.replace(/:\s*/, ':'));
      void this.#ask(query);
    };
    return h(
      'form',
      { class: 'bar', submit },
      h('label', {}, 'Where would a request for this go: ', target),
      h('label', {}, ' with the field ', field),
      h('button', { type: 'submit' }, 'Ask'),
    );
  }

  async #ask(query: URLSearchParams): Promise<void> {
    this.#answer.hidden = false;
    try {
      const response = await fetch(`${this.#base}api/why?${query}`);
      const { text } = (await response.json()) as { readonly text?: string };
      setText(this.#answer, text ?? `the answer is ${response.status}`);
    } catch {
      setText(this.#answer, 'this node does not answer');
    }
  }
}
