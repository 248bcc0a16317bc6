/**
 * Elements from values. Text stays text: nothing here takes HTML, wherever a name came from.
 */

type Child = Node | string | number | null;
type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null).map(nodeOf));
  return element;
}

function nodeOf(child: Node | string | number): Node {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

/** One in a list of its own stands over figures, which are set to the right. */
export type Head = string | readonly [string];

export function headClass(head: Head): string | false {
  return typeof head === 'string' ? false : 'n';
}

export function table(
  caption: string,
  heads: readonly Head[],
  body: HTMLTableSectionElement,
): HTMLElement {
  const row = h(
    'tr',
    {},
    ...heads.map((head) => h('th', { scope: 'col', class: headClass(head) }, String(head))),
  );
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', {}, h('caption', {}, caption), h('thead', {}, row), body),
  );
}

/**
 * Rows that keep their elements while their key lives, so that focus, selection and what is opened
 * stay where they are.
 */
export class Rows<T> {
  readonly body = h('tbody');
  readonly #keyOf: (item: T) => string;
  readonly #make: (item: T) => HTMLTableRowElement;
  readonly #update: (row: HTMLTableRowElement, item: T) => void;
  readonly #rows = new Map<string, HTMLTableRowElement>();

  constructor(parts: {
    keyOf: (item: T) => string;
    make: (item: T) => HTMLTableRowElement;
    update: (row: HTMLTableRowElement, item: T) => void;
  }) {
    this.#keyOf = parts.keyOf;
    this.#make = parts.make;
    this.#update = parts.update;
  }

  show(items: readonly T[]): void {
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    items.forEach((item, index) => {
      const key = this.#keyOf(item);
      const row = this.#rows.get(key) ?? this.#make(item);
      this.#rows.set(key, row);
      this.#update(row, item);
      if (this.body.children[index] !== row) {
        this.body.insertBefore(row, this.body.children[index] ?? null);
      }
    });
  }
}

/** Writes only what is new: a screen reader and a selection notice every change. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
