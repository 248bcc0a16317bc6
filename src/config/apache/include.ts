/**
 * `Include`: which files a path, a directory or a shell pattern stands for, in Apache's order.
 *
 * A directory stands for all files below it; matches are read in the order of their names. What a
 * newcomer gets wrong: a pattern may have wildcards in every segment, as in `vhosts/*` +
 * `/zone.conf`.
 */
import { join, matchesGlob, parse } from 'node:path';
import type { DirectoryEntry, FileSystem } from '../environment.ts';

/** Files that include files; Apache allows 128, and nobody has more than three. */
export const INCLUDE_DEPTH_MAX = 16;

/** All files of one configuration together. */
export const FILES_MAX = 1_000;

const WILDCARDS = /[*?[]/;

/**
 * The files, at most `FILES_MAX` + 1 of them; a plain path is returned whether it exists or not.
 */
export function filesOf(path: string, files: FileSystem): string[] {
  const { root } = parse(path);
  const found: string[] = [];
  const segments = path.slice(root.length).split('/');
  for (const match of expand(root, segments, files)) {
    for (const file of filesBelow(match, files)) {
      found.push(file);
      if (found.length > FILES_MAX) return found;
    }
  }
  return found;
}

function* expand(base: string, segments: readonly string[], files: FileSystem): Generator<string> {
  const wild = segments.findIndex((segment) => WILDCARDS.test(segment));
  if (wild === -1) {
    yield join(base, ...segments);
    return;
  }
  const directory = join(base, ...segments.slice(0, wild));
  const rest = segments.slice(wild + 1);
  for (const entry of files.list(directory) ?? []) {
    if (!matchesGlob(entry.name, segments[wild]!)) continue;
    const path = join(directory, entry.name);
    if (rest.length === 0) yield path;
    else if (entry.kind === 'directory') yield* expand(path, rest, files);
  }
}

function* filesBelow(path: string, files: FileSystem, depth = 0): Generator<string> {
  const entries = files.list(path);
  if (entries === null) yield path;
  else if (depth < INCLUDE_DEPTH_MAX) {
    for (const entry of entries) yield* below(path, entry, files, depth);
  }
}

function* below(
  directory: string,
  entry: DirectoryEntry,
  files: FileSystem,
  depth: number,
): Generator<string> {
  const path = join(directory, entry.name);
  if (entry.kind === 'directory') yield* filesBelow(path, files, depth + 1);
  else yield path;
}
