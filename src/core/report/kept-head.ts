/**
 * A request head as text, read back from what was kept of it (record-layout.ts).
 *
 * The relay has read it strictly before, so this asks no questions. What a newcomer gets wrong: a
 * head may end in the middle, and of a refused request there is no more than a first line, which
 * may be anything.
 */

export type KeptHead = {
  readonly method: string;
  /** Path and query, also of a URL; as candidacy functions see it. */
  readonly target: string;
  readonly host: string;
  readonly protocol: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
};

/** @param text Latin-1 */
export function readKeptHead(text: string): KeptHead {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line !== '' && line !== '\r');
  const [method = '', written = '', protocol = ''] = withoutCr(lines[first] ?? '').split(' ');
  const fields: [string, string][] = [];
  for (let i = first + 1; i < lines.length; i++) {
    const line = lines[i]!;
    const colon = line.indexOf(':');
    if (colon > 0) fields.push([line.slice(0, colon), trimmed(line, colon + 1)]);
  }
  const named = fields.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  const url = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(written);
  if (url === null) return { method, target: written, host: named, protocol, fields };
  const [, host = '', path = ''] = url;
  const target = path.startsWith('/') ? path : `/${path}`;
  return { method, target, host, protocol, fields };
}

function withoutCr(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Without the OWS of RFC 9110 5.6.3 and the line's end; no other white space is anything. */
function trimmed(line: string, start: number): string {
  let from = start;
  let to = line.length;
  while (from < to && isBlank(line.charCodeAt(from))) from++;
  while (to > from && isBlank(line.charCodeAt(to - 1))) to--;
  return line.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}
