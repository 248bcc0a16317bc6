/**
 * `.htaccess` files: zones that lie in the site's own directories.
 *
 * Apache reads them again for every request; here they are read with the configuration, and a
 * reload reads them again. What a newcomer gets wrong: they are trusted less than the configuration
 * but checked as strictly. A broken one is an error like any other, since half a rule about who
 * serves a directory is worse than the old one going on.
 */
import { join } from 'node:path';
import type { ZoneScope } from '../../core/cluster/config.ts';
import type { Draft } from '../draft.ts';
import type { FileSystem } from '../environment.ts';
import type { Reading } from './rule.ts';
import { Walk } from './walk.ts';
import { ZoneDraft } from './zone-draft.ts';

/** About a second of reading directories. What has more says `AllowOverride None` somewhere. */
const DIRECTORIES_MAX = 20_000;

/** Reads the access file of one directory, if it has one, and adds its zones to the draft. */
export function readHtaccess(directory: string, reading: Reading): void {
  const { draft, environment, diagnostics } = reading;
  const entries = environment.list(directory) ?? [];
  // The first name that exists counts, in the order of `AccessFileName`.
  const name = draft.accessFileNames.find((wanted) => {
    return entries.some((entry) => entry.kind === 'file' && entry.name === wanted);
  });
  if (name === undefined) return;

  const file = join(directory, name);
  const scopes: ZoneScope[] = [{ kind: 'htaccess', match: { kind: 'prefix', path: directory } }];
  const zone = new ZoneDraft(file, { place: { file, span: null }, scopes });
  const index = draft.zones.length;
  new Walk(reading).readFile(file, { zone, scopes, context: 'htaccess' }, null);
  const finished = zone.finish(diagnostics);
  if (finished !== null) draft.zones.splice(index, 0, finished);
}

/** Reads the access files of the document root and of every directory below that may have one. */
export function readAllHtaccess(reading: Reading): void {
  const { draft, environment, diagnostics } = reading;
  if (draft.documentRoot === null || draft.accessFileNames.length === 0) return;
  const root = draft.documentRoot.value;
  const waiting = [root];
  for (let count = 0; waiting.length > 0; count++) {
    const directory = waiting.shift()!;
    if (count === DIRECTORIES_MAX) {
      const place = { file: directory, span: null };
      const message = `more than ${DIRECTORIES_MAX} directories below "${root}"`;
      const hint = 'write AllowOverride None where no access files are meant to be';
      diagnostics.add({ code: 'CONFIG_HTACCESS_LIMIT', place, message, hint });
      return;
    }
    if (isAllowed(directory, draft)) readHtaccess(directory, reading);
    if (isAllowedBelow(directory, draft)) waiting.push(...directoriesIn(directory, environment));
  }
}

function directoriesIn(directory: string, files: FileSystem): string[] {
  return (files.list(directory) ?? [])
    .filter(({ kind }) => kind === 'directory')
    .map(({ name }) => join(directory, name));
}

function isAllowed(directory: string, { overrides }: Draft): boolean {
  let longest = -1;
  // Apache 1.3's default; later ones say None, and then so does their `httpd.conf`.
  let allowed = true;
  for (const override of overrides) {
    if (!isInside(directory, override.directory) || override.directory.length < longest) continue;
    longest = override.directory.length;
    allowed = override.allowed;
  }
  return allowed;
}

/** Whether there is a reason to look further down: allowed here, or allowed again deeper. */
function isAllowedBelow(directory: string, draft: Draft): boolean {
  if (isAllowed(directory, draft)) return true;
  return draft.overrides.some(({ directory: other, allowed }) => {
    return allowed && other !== directory && isInside(other, directory);
  });
}

function isInside(path: string, directory: string): boolean {
  if (directory === '' || directory === '/') return true;
  return path === directory || path.startsWith(`${directory}/`);
}
