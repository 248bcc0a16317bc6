/**
 * Answers for `SetHandler backhand-handler`: the state of the cluster for people and for machines.
 *
 *     /backhand/                the page
 *     /backhand/status.json     the same as JSON      (also ?format=json, or Accept)
 *     /backhand/metrics         for Prometheus        (also ?format=prometheus)
 *     /backhand/app.HASH.js     the live half of the page, and its style
 *
 * What a newcomer gets wrong: nothing here is asked of the other nodes. It is what this node knows
 * and decides by, which is the point: two nodes that disagree show it.
 */
import type { Zone } from '../core/cluster/config.ts';
import { type Answer, bytesOf, errorBody, type LocalRequest } from '../proxy/answer.ts';
import type { LocalService } from '../proxy/parts.ts';
import { prometheusText } from './metrics.ts';
import { BUNDLE, type BundleFile } from './page-bundle.ts';
import { type StatusParts, statusOf } from './status.ts';
import { PAGE_POLICY, statusPage } from './status-html.ts';

export const FORMATS = ['html', 'json', 'prometheus'] as const;
export type Format = (typeof FORMATS)[number];

/** Below the zone's path, what there is. */
const FILES: Readonly<Record<string, Format | null>> = {
  '': null,
  'status.json': 'json',
  metrics: 'prometheus',
};

const PARTS: readonly BundleFile[] = Object.values(BUNDLE);

const NO_BODY = new Uint8Array(0);

const TEXT = 'Content-Type: text/plain; charset=utf-8\r\n';

/** Old by the time it is looked at again, and nobody else's business. */
const COMMON = 'Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n';

export class StatusPages implements LocalService {
  readonly #parts: StatusParts;
  readonly #bases: readonly string[];

  constructor(parts: StatusParts) {
    this.#parts = parts;
    this.#bases = parts.config.zones.flatMap(basesOf).toSorted((a, b) => b.length - a.length);
  }

  serve(request: LocalRequest, answer: Answer): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const body = errorBody(405, 'The status can only be read.');
      answer.send(405, `${TEXT}Allow: GET, HEAD\r\n`, body);
      return;
    }
    const { base, file } = this.#locate(request.path);
    const part = PARTS.find(({ name }) => name === file);
    if (part !== undefined) {
      sendPart(part, request, answer);
      return;
    }
    const format = formatOf(request, file);
    if (format === 'missing') {
      const body = errorBody(404, `There is ${base}, ${base}status.json and ${base}metrics.`);
      answer.send(404, TEXT, body);
    } else if (format === 'unknown') {
      const body = errorBody(400, `Known formats: ${FORMATS.join(', ')}.`);
      answer.send(400, TEXT, body);
    } else this.#send(format, { base, clientAddress: request.clientAddress }, answer);
  }

  #send(format: Format, page: { base: string; clientAddress: string }, answer: Answer): void {
    const status = statusOf(this.#parts);
    switch (format) {
      case 'html': {
        const fields = `Content-Type: text/html; charset=utf-8\r\n${PAGE_POLICY}Vary: Accept\r\n`;
        answer.send(200, fields + COMMON, bytesOf(statusPage(status, page)));
        return;
      }
      case 'json': {
        const fields = 'Content-Type: application/json\r\nVary: Accept\r\n';
        answer.send(200, fields + COMMON, bytesOf(`${JSON.stringify(status, null, 1)}\n`));
        return;
      }
      case 'prometheus': {
        const fields = 'Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n';
        answer.send(200, fields + COMMON, bytesOf(prometheusText(status)));
        return;
      }
    }
  }

  /** A zone given by a pattern has no path of its own: then the last segment names the file. */
  #locate(path: string): { base: string; file: string } {
    for (const base of this.#bases) {
      if (path.startsWith(base)) return { base, file: path.slice(base.length) };
      if (`${path}/` === base) return { base, file: '' };
    }
    const slash = path.lastIndexOf('/') + 1;
    const file = path.slice(slash);
    const known = Object.hasOwn(FILES, file) || PARTS.some(({ name }) => name === file);
    return { base: path.slice(0, slash), file: known ? file : '' };
  }
}

/** Named by its content, so it never changes under its name. */
function sendPart({ type, etag, coded }: BundleFile, request: LocalRequest, answer: Answer): void {
  const fields =
    `Content-Type: ${type}\r\nCache-Control: public, max-age=31536000, immutable\r\n` +
    `ETag: ${etag}\r\nVary: Accept-Encoding\r\nX-Content-Type-Options: nosniff\r\n`;
  if (request.field('if-none-match') === etag) {
    answer.send(304, fields, NO_BODY);
    return;
  }
  const { coding, bytes } = coded(request.field('accept-encoding') ?? '');
  const encoding = coding === null ? '' : `Content-Encoding: ${coding}\r\n`;
  answer.send(200, fields + encoding, bytes);
}

/** Where a status zone begins, with a slash at its end. */
function basesOf({ handler, scopes }: Zone): string[] {
  const scope = scopes.at(-1);
  if (handler !== 'status' || scope?.kind !== 'location') return [];
  return scope.match.kind === 'prefix' ? [`${scope.match.path.replace(/\/+$/, '')}/`] : [];
}

function formatOf({ target, field }: LocalRequest, file: string): Format | 'missing' | 'unknown' {
  if (!Object.hasOwn(FILES, file)) return 'missing';
  const asked = new URLSearchParams(/\?(.*)/s.exec(target)?.[1] ?? '').get('format');
  if (asked !== null) return FORMATS.find((format) => format === asked) ?? 'unknown';
  return FILES[file] ?? (prefersJson(field('accept') ?? '') ? 'json' : 'html');
}

/** JSON by name and HTML less liked, or not at all; wildcards get the page (RFC 9110 12.5.1). */
export function prefersJson(accept: string): boolean {
  let json = 0;
  let page = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const quality = weight === undefined ? 1 : Number(weight) || 0;
    if (type === 'application/json') json = Math.max(json, quality);
    if (type === 'text/html') page = Math.max(page, quality);
  }
  return json > page;
}
