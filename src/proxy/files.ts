/**
 * Files below the document root, as answers.
 *
 * There is no way out of the root: the path comes decoded and without dot segments, names that
 * begin with a dot are not served (`.htaccess`, `.git`), and a symbolic link is followed only to
 * what is below the root itself.
 *
 * What a newcomer gets wrong: reading is synchronous, as in Apache and nginx by default. A file in
 * the page cache costs microseconds; a slow disk holds up the worker, so put the pictures of a busy
 * site where memory can keep them.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { mediaType } from '../core/static/media-type.ts';
import { ifRangeHolds, preconditionStatus } from '../core/static/preconditions.ts';
import { byteRange } from '../core/static/range.ts';
import { type Answer, errorBody, type LocalRequest } from './answer.ts';
import type { LocalService } from './parts.ts';

/** One read: the size at which fewer calls stop to pay. */
const CHUNK_BYTES = 65_536;

/** Chunks in one go, after which others get their turn: at most about 0.2 ms. */
const CHUNKS_PER_TURN = 8;

const TEXT = 'Content-Type: text/plain; charset=utf-8\r\n';
const NO_BODY = new Uint8Array(0);

export type FilesOptions = {
  readonly documentRoot: string;
  /** Names tried in order when a directory is asked for. */
  readonly directoryIndex: readonly string[];
};

export class Files implements LocalService {
  readonly #root: string;
  readonly #index: readonly string[];
  /** One for all: it is filled and handed to the kernel within one callback. */
  readonly #chunk = new Uint8Array(CHUNK_BYTES);

  /** Throws what `realpath` throws when there is no such directory. */
  constructor({ documentRoot, directoryIndex }: FilesOptions) {
    this.#root = realpathSync(documentRoot);
    this.#index = directoryIndex;
  }

  serve(request: LocalRequest, answer: Answer): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer.send(405, `${TEXT}Allow: GET, HEAD\r\n`, errorBody(405, 'Files can only be read.'));
      return;
    }
    const file = this.#open(request.path);
    switch (file.kind) {
      case 'missing':
        answer.send(404, TEXT, errorBody(404, `There is no ${request.path} here.`));
        return;
      case 'forbidden':
        answer.send(403, TEXT, errorBody(403, `${request.path} cannot be read.`));
        return;
      case 'directory': {
        // Relative links in the index would otherwise point one level too high.
        const query = request.target.indexOf('?');
        const rest = query < 0 ? '' : request.target.slice(query);
        // Two slashes in front would name another host (RFC 3986 4.2).
        const location = `${encodePath(request.path).replace(/^\/+/, '/')}/${rest}`;
        answer.send(301, `Location: ${location}\r\n`, NO_BODY);
        return;
      }
      case 'file':
        this.#answer(file, request, answer);
    }
  }

  #answer(file: OpenFile, request: LocalRequest, answer: Answer): void {
    const { size, modifiedMs, etag } = file;
    const { field } = request;
    const lastModified = new Date(modifiedMs).toUTCString();
    const validators = `ETag: ${etag}\r\nLast-Modified: ${lastModified}\r\n`;
    const conditions = {
      ifMatch: field('if-match'),
      ifNoneMatch: field('if-none-match'),
      ifModifiedSince: field('if-modified-since'),
      ifUnmodifiedSince: field('if-unmodified-since'),
    };
    const instead = preconditionStatus(conditions, { etag, modifiedMs });
    if (instead !== null) {
      closeSync(file.fd);
      answer.send(instead, validators, NO_BODY);
      return;
    }
    // RFC 9110 14.2: Range is for GET alone.
    const asked = request.method === 'GET' ? field('range') : null;
    const holds = ifRangeHolds(field('if-range'), { etag, modifiedMs });
    const range = byteRange(holds ? asked : null, size);
    const fields = `Content-Type: ${mediaType(file.name)}\r\nAccept-Ranges: bytes\r\n${validators}`;
    if (range.kind === 'unsatisfiable') {
      closeSync(file.fd);
      answer.send(
        416,
        `${TEXT}Content-Range: bytes */${size}\r\n`,
        errorBody(416, 'No such part.'),
      );
      return;
    }
    const part = range.kind === 'part';
    const start = part ? range.start : 0;
    const end = part ? range.end : size;
    const partly = part ? `Content-Range: bytes ${start}-${end - 1}/${size}\r\n` : '';
    answer.begin(part ? 206 : 200, fields + partly, end - start);
    if (answer.headOnly) {
      closeSync(file.fd);
      answer.end();
    } else this.#pump(file.fd, start, end, answer);
  }

  /** Sends bytes [start, end) of a file, as fast as the client takes them, and closes it. */
  #pump(fd: number, start: number, end: number, answer: Answer): void {
    let at = start;
    let open = true;
    const close = (): void => {
      if (open) closeSync(fd);
      open = false;
    };
    const send = (): void => {
      for (let chunks = 0; open && at < end; chunks++) {
        if (chunks === CHUNKS_PER_TURN) {
          setImmediate(send);
          return;
        }
        const size = readAt(fd, this.#chunk, Math.min(CHUNK_BYTES, end - at), at);
        at += size;
        if (size === 0) {
          // It has become shorter, or its disk is broken: what was promised cannot be kept.
          close();
          answer.abort();
          return;
        }
        if (!answer.write(this.#chunk, 0, size) && at < end) return;
      }
      if (!open) return;
      close();
      answer.end();
    };
    answer.onDrain = send;
    answer.onAbort = close;
    send();
  }

  #open(path: string): Found {
    // A name with a dot in front is for the machine, `.well-known` (RFC 8615) excepted.
    if (/\/\.(?!well-known(\/|$))/.test(path)) return { kind: 'missing' };
    const found = this.#openReal(path);
    if (!path.endsWith('/')) return found;
    if (found.kind === 'file') {
      // Nothing is below a file. Served all the same, it would escape the zones its name is in.
      closeSync(found.fd);
      return { kind: 'missing' };
    }
    if (found.kind !== 'directory') return found;
    for (const name of this.#index) {
      const index = this.#openReal(`${path}${name}`);
      if (index.kind === 'file') return index;
    }
    return { kind: 'forbidden' };
  }

  #openReal(path: string): Found {
    try {
      const real = realpathSync(join(this.#root, path));
      if (real !== this.#root && !real.startsWith(this.#root + sep)) return { kind: 'missing' };
      // Without O_NONBLOCK a named pipe in the tree would stop the worker until somebody writes.
      const fd = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK);
      const stats = fstatSync(fd, { bigint: true });
      if (stats.isFile()) return openFile(fd, real, stats);
      closeSync(fd);
      return stats.isDirectory() ? { kind: 'directory' } : { kind: 'forbidden' };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'EACCES' || code === 'EPERM' ? { kind: 'forbidden' } : { kind: 'missing' };
    }
  }
}

type OpenFile = {
  readonly kind: 'file';
  readonly fd: number;
  readonly name: string;
  readonly size: number;
  readonly modifiedMs: number;
  readonly etag: string;
};

type Found =
  | OpenFile
  | { readonly kind: 'directory' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'forbidden' };

function openFile(fd: number, name: string, stats: BigIntStats): OpenFile {
  // Nanoseconds: a file that is written twice within a second is two representations.
  const etag = `"${stats.size.toString(16)}-${stats.mtimeNs.toString(16)}"`;
  const modifiedMs = Number(stats.mtimeMs);
  return { kind: 'file', fd, name, size: Number(stats.size), modifiedMs, etag };
}

/** @returns bytes read; 0 at the end of the file, and where it cannot be read (EIO, ESTALE) */
function readAt(fd: number, bytes: Uint8Array, size: number, at: number): number {
  try {
    return readSync(fd, bytes, 0, size, at);
  } catch {
    return 0;
  }
}

/** Back to a form that may stand in a field. */
function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
