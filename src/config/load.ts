/**
 * Files to one configuration, whichever dialect they are in.
 *
 * A `.ts` file is the native dialect and stands alone; the others are Apache's, which merge in
 * order, and Wackamole's, which add the pool of addresses. What a newcomer gets wrong: with any
 * error the configuration is null, however much of it could be read. Nothing starts half
 * configured.
 */
import type { ClusterConfig } from '../core/cluster/config.ts';
import { readApache } from './apache/read.ts';
import { checkConfig } from './checks.ts';
import { type Diagnostic, Diagnostics, type Sources } from './diagnostic.ts';
import type { PlacedConfig } from './draft.ts';
import type { Environment } from './environment.ts';
import { loadNative } from './native.ts';
import { looksLikeWackamole } from './wackamole/keywords.ts';
import { readWackamole } from './wackamole/read.ts';

export type Loaded = {
  /** Null as soon as there is one error. */
  readonly config: ClusterConfig | null;
  /** The file that the secret is from; null when it is written in the configuration itself. */
  readonly secretFile: string | null;
  /** The same for the group that shares addresses; null also when it has the one above. */
  readonly groupSecretFile: string | null;
  /** By file and position. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many more there were than anybody would read. */
  readonly dropped: number;
  /** The text of every file that was read, by the name that diagnostics use. */
  readonly sources: Sources;
};

/** A pure function of files and environment, so every worker thread of a node can repeat it. */
export async function loadConfiguration(
  files: readonly string[],
  environment: Environment,
): Promise<Loaded> {
  const diagnostics = new Diagnostics();
  const sources = new Map<string, string>();
  const read = await readFiles(files, { environment, diagnostics, sources });
  // The whole is judged only when its parts are right: what follows from an error is noise.
  if (read !== null && diagnostics.errorCount === 0) {
    const { addresses, interfaces, list } = environment;
    checkConfig(read, { diagnostics, addresses, interfaces, list });
  }
  const config = diagnostics.errorCount === 0 ? (read?.config ?? null) : null;
  const list = inReadingOrder(diagnostics.list, sources);
  const secretFile = read?.placement.secretFile ?? null;
  const groupSecretFile = read?.placement.addresses?.secretFile ?? null;
  return {
    config,
    secretFile,
    groupSecretFile,
    diagnostics: list,
    dropped: diagnostics.dropped,
    sources,
  };
}

/** File by file in the order they were read, from top to bottom; what has no spot comes last. */
function inReadingOrder(list: readonly Diagnostic[], sources: Sources): Diagnostic[] {
  const rank = new Map([...sources.keys()].map((file, index) => [file, index]));
  const rankOf = ({ place }: Diagnostic) => rank.get(place.file) ?? rank.size;
  const startOf = ({ place }: Diagnostic) => place.span?.start ?? Number.MAX_SAFE_INTEGER;
  return list.toSorted((a, b) => rankOf(a) - rankOf(b) || startOf(a) - startOf(b));
}

type LoadParts = {
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
  readonly sources: Map<string, string>;
};

async function readFiles(files: readonly string[], parts: LoadParts): Promise<PlacedConfig | null> {
  const native = files.find((file) => isNative(file));
  if (native === undefined) return readOld(files, parts);
  if (files.length === 1) return loadNative(native, parts);
  const other = files.find((file) => file !== native) ?? native;
  parts.diagnostics.add({
    code: 'CONFIG_DIALECTS_MIXED',
    place: { file: native, span: null },
    message: `"${native}" describes the whole cluster and stands alone; found "${other}" as well`,
  });
  return null;
}

/** Apache files for the site, wackamole.conf for the addresses; either may be absent. */
function readOld(files: readonly string[], parts: LoadParts): PlacedConfig | null {
  const wackamole = files.filter((file) => isWackamole(file, parts.environment));
  const apache = files.filter((file) => !wackamole.includes(file));
  const read = readApache(apache, parts);
  if (wackamole.length === 0) return read;
  const pool = readWackamole(wackamole, parts);
  if (pool === null) return null;
  const { config, placement } = read;
  // One secret is enough for a site: what signs announcements signs the group's messages too.
  const site = config.announce.secret;
  const own = pool.addresses.group.secrets;
  const secrets = own.length > 0 || site === null ? own : [site];
  const addresses = { ...pool.addresses, group: { ...pool.addresses.group, secrets } };
  const listen = apache.length === 0 ? [] : config.listen;
  return {
    config: { ...config, listen, addresses, control: pool.control },
    placement: { ...placement, addresses: pool.placement },
  };
}

function isWackamole(file: string, { readFile }: Environment): boolean {
  try {
    return looksLikeWackamole(file, readFile(file));
  } catch {
    // Whichever dialect reads it will say that it cannot be read.
    return looksLikeWackamole(file, null);
  }
}

export function isNative(file: string): boolean {
  return /\.[cm]?ts$/.test(file);
}
