/**
 * Pieces of HTML that cannot be mistaken for text: what is put into one is escaped.
 *
 *     html`<td>${server.name}</td>`
 *
 * What a newcomer gets wrong: names of nodes, zones and clients come from the network. Only this
 * file makes an `Html`, so whatever is not one is text, wherever it came from.
 */

export class Html {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  toString(): string {
    return this.#source;
  }
}

type Value = Html | string | number | readonly Html[];

/** Attribute values need their quotes in the template; both kinds are escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let source = strings[0]!;
  values.forEach((value, index) => {
    source += sourceOf(value) + strings[index + 1]!;
  });
  return new Html(source);
}

function sourceOf(value: Value): string {
  if (value instanceof Html) return value.toString();
  return typeof value === 'object' ? value.join('') : escapeHtml(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * But for tabs and line ends, control characters have no place in HTML text (HTML 13.1.4) and would
 * be invisible besides.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (c) => ESCAPES[c]!)
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '\ufffd');
}
