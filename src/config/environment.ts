/**
 * What reading a configuration may know of the machine, as a value.
 *
 * Readers use only this, so the same files and the same environment give the same result in a
 * test, in `forehand check` on a laptop and in every worker thread of a node.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

export type DirectoryEntry = { readonly name: string; readonly kind: 'file' | 'directory' };

/** Synchronous: configuration is read before there is traffic, or in a thread that has none. */
export type FileSystem = {
  /** Throws what `node:fs` throws; its `code` ends up in the message. */
  readonly readFile: (path: string) => string;
  /** Entries of a directory, or null when it is none or may not be read. */
  readonly list: (path: string) => readonly DirectoryEntry[] | null;
};

/** What can be told to another thread: its file system is the same. */
export type MachineFacts = {
  readonly hostName: string;
  /** IP literals of this machine's interfaces. */
  readonly addresses: readonly string[];
  /** Names of this machine's interfaces; null where nobody can say. */
  readonly interfaces: readonly string[] | null;
  /** What `--node` asked for; null: find out. */
  readonly nodeName: string | null;
  /** Names that `<IfDefine>` finds, as with `httpd -D`. */
  readonly defines: readonly string[];
};

export type Environment = FileSystem & MachineFacts;

/** Far above any real configuration, far below what would exhaust a worker. */
const FILE_BYTES_MAX = 1_048_576;

export function systemEnvironment(asked: {
  readonly nodeName: string | null;
  readonly defines: readonly string[];
}): Environment {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address);
  // Of the kernel, as Node lists only those that have an address.
  const interfaces = list('/sys/class/net')?.map(({ name }) => name) ?? null;
  return { ...asked, hostName: hostname(), addresses, interfaces, readFile, list };
}

/** The same machine, as another thread has seen it. */
export function environmentOf(facts: MachineFacts): Environment {
  return { ...facts, readFile, list };
}

/**
 * Reads by pieces: of a device or a pipe no size is known beforehand, and `/dev/zero` has no end.
 */
function readFile(path: string): string {
  const bytes = Buffer.allocUnsafe(FILE_BYTES_MAX + 1);
  const fd = openSync(path, 'r');
  try {
    let length = 0;
    for (let count = -1; count !== 0; length += count) {
      if (length > FILE_BYTES_MAX) throw Object.assign(new Error(path), { code: 'EFBIG' });
      count = readSync(fd, bytes, length, bytes.length - length, null);
    }
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
}

function list(path: string): DirectoryEntry[] | null {
  try {
    // A link to a directory counts as a file, so that a walk can neither loop nor leave the tree.
    return readdirSync(path, { withFileTypes: true })
      .map((entry): DirectoryEntry => {
        return { name: entry.name, kind: entry.isDirectory() ? 'directory' : 'file' };
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return null;
  }
}

/** Why a file could not be read, in words: the part of errno(3) that users meet. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of its path is not a directory',
    EFBIG: 'it is larger than 1 MiB',
  };
  return reasons[code] ?? (code === '' ? String(error) : code);
}
