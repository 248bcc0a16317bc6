/**
 * The live page's script and style, as they are served: made by `scripts/bundle-page.ts` and
 * committed.
 *
 * Named by their content, so that a browser keeps each for ever and a new version is another name.
 * What a newcomer gets wrong: both are compressed when the first browser asks, once in each worker.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export type BundleFile = {
  /** `app.3f2a9c01.js` */
  readonly name: string;
  readonly type: string;
  readonly etag: string;
  readonly plain: Uint8Array;
  /** By what the client accepts. */
  readonly coded: (acceptEncoding: string) => { coding: 'br' | 'gzip' | null; bytes: Uint8Array };
};

const SCRIPT = bundled('app.js', 'text/javascript; charset=utf-8');
const STYLE = bundled('style.css', 'text/css; charset=utf-8');

export const BUNDLE = { script: SCRIPT, style: STYLE } as const;

function bundled(name: string, type: string): BundleFile {
  const plain = readFileSync(new URL(`page/${name}`, import.meta.url));
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 8);
  const made = new Map<string, Uint8Array>();
  const once = (coding: string, make: () => Uint8Array): Uint8Array => {
    const known = made.get(coding) ?? make();
    made.set(coding, known);
    return known;
  };
  return {
    name: name.replace('.', `.${hash}.`),
    type,
    etag: `"${hash}"`,
    plain,
    coded(acceptEncoding) {
      if (accepts(acceptEncoding, 'br')) {
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        return { coding: 'br', bytes: once('br', () => brotliCompressSync(plain, { params })) };
      }
      if (accepts(acceptEncoding, 'gzip')) {
        return { coding: 'gzip', bytes: once('gzip', () => gzipSync(plain)) };
      }
      return { coding: null, bytes: plain };
    },
  };
}

/** RFC 9110 12.5.3, without its preferences: whoever names a coding gets the smaller one. */
function accepts(header: string, coding: string): boolean {
  return header
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .some((part) => part.split(';')[0] === coding && !/;\s*q=0(\.0*)?$/.test(part));
}
