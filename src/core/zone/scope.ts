/**
 * Whether one section applies to one request, by Apache's rules for each kind of section.
 *
 *     <Directory "/srv/www">     the directory and all below it, by whole path components
 *     <Directory "/srv/*">       the same, a wildcard standing for one component
 *     <DirectoryMatch "...">     found anywhere in the file's directory, written with a final slash
 *     <Files "*.php">            the whole last component; a regular expression, anywhere in it
 *     <Location "/a">            /a and /a/b, but not /ab
 *     <Location "/a/">           /a/b, but not /a
 *     <Location "/a/*">          the whole path
 *
 * What a newcomer gets wrong: without a document root no URL maps to a file, so no section on
 * directories applies; `<Files>` then looks at the last component of the URL's path.
 */
import type { ZoneScope } from '../cluster/config.ts';
import { compileGlob, matchesGlob } from './glob.ts';

/** The request as sections see it. */
export type Mapped = {
  /** The decoded path of the URL. */
  readonly path: string;
  /** The file it maps to, or null where nothing says where files are. */
  readonly file: string | null;
};

export type Matcher = (mapped: Mapped) => boolean;

export function scopeMatcher({ kind, match }: ZoneScope): Matcher {
  if (match.kind === 'everything') return isOnDirectories(kind) ? hasFile : always;
  if (match.kind === 'regex') return regexMatcher(kind, new RegExp(match.source));
  const pattern = match.kind === 'prefix' ? match.path : match.pattern;
  if (isOnDirectories(kind)) return directoryMatcher(pattern, match.kind);
  return kind === 'files'
    ? filesMatcher(pattern, match.kind)
    : locationMatcher(pattern, match.kind);
}

/** How many components a directory's name has, by which Apache orders `<Directory>` sections. */
export function directoryDepth({ match }: ZoneScope): number {
  if (match.kind === 'everything') return 0;
  if (match.kind === 'regex') return Number.POSITIVE_INFINITY;
  return componentsOf(match.kind === 'prefix' ? match.path : match.pattern).length;
}

export function isOnDirectories(kind: ZoneScope['kind']): boolean {
  return kind === 'directory' || kind === 'directoryMatch' || kind === 'htaccess';
}

function always(): boolean {
  return true;
}

function hasFile({ file }: Mapped): boolean {
  return file !== null;
}

function regexMatcher(kind: ZoneScope['kind'], regex: RegExp): Matcher {
  if (kind === 'files') return (mapped) => regex.test(lastComponent(mapped));
  if (kind === 'location') return ({ path }) => regex.test(path);
  return ({ file }) => file !== null && regex.test(file.slice(0, file.lastIndexOf('/') + 1));
}

function directoryMatcher(pattern: string, kind: 'prefix' | 'glob'): Matcher {
  const wanted = componentsOf(pattern);
  if (kind === 'prefix') {
    return ({ file }) => {
      const have = file === null ? null : componentsOf(file);
      return have !== null && wanted.every((component, index) => component === have[index]);
    };
  }
  const globs = wanted.map(compileGlob);
  return ({ file }) => {
    const have = file === null ? null : componentsOf(file);
    if (have === null || have.length < globs.length) return false;
    return globs.every((glob, index) => matchesGlob(glob, have[index]!));
  };
}

function filesMatcher(pattern: string, kind: 'prefix' | 'glob'): Matcher {
  // A file has no parts to be a prefix of: literal text is the whole name.
  if (kind === 'prefix') return (mapped) => lastComponent(mapped) === pattern;
  const glob = compileGlob(pattern);
  return (mapped) => matchesGlob(glob, lastComponent(mapped));
}

function locationMatcher(pattern: string, kind: 'prefix' | 'glob'): Matcher {
  const merged = pattern.replace(/\/{2,}/g, '/');
  if (kind === 'glob') {
    const glob = compileGlob(merged);
    return ({ path }) => matchesGlob(glob, path);
  }
  return ({ path }) =>
    path.startsWith(merged) &&
    (merged.endsWith('/') || path.length === merged.length || path[merged.length] === '/');
}

function lastComponent({ path, file }: Mapped): string {
  const whole = file ?? path;
  return whole.slice(whole.lastIndexOf('/') + 1);
}

function componentsOf(path: string): string[] {
  return path.split('/').filter((component) => component !== '');
}
