/**
 * Which zone a request is in: Apache's sections merged in Apache's order.
 *
 *     1  <Directory>, fewest components first, each followed by the .htaccess of that directory
 *     2  <DirectoryMatch>, in the order of the configuration
 *     3  <Files>, those of the server, then those inside directories in the order of 1 and 2
 *     4  <Location>, in the order of the configuration
 *
 * (httpd.apache.org/docs/2.4/sections.html, "How the sections are merged".) What comes later
 * overrides, and the chain, the handler and `BackhandSelfRedirect` are each inherited for
 * themselves. A chain replaces the one before it and never adds to it (mod_backhand: `cfg->local =
 * 1`).
 *
 * What a newcomer gets wrong: the status page always wins over balancing. In the original a chain
 * around it showed another machine's page. And this runs for every request: `ZoneMap.of` must not
 * allocate for a path it has seen lately, whatever the query.
 */
import type { Candidacy } from '../candidacy/candidates.ts';
import type { Zone, ZoneScope } from '../cluster/config.ts';
import { PathCache } from './path-cache.ts';
import {
  directoryDepth,
  isOnDirectories,
  type Mapped,
  type Matcher,
  scopeMatcher,
} from './scope.ts';
import { targetPath } from './target-path.ts';

export type ResolvedZone = {
  /** The section that gave the chain, else the one that gave the handler; null: in no zone. */
  readonly name: string | null;
  /** Null: not balanced, be it that nothing says so, that it is off, or that a handler answers. */
  readonly chain: readonly Candidacy[] | null;
  readonly handler: 'status' | null;
  readonly selfRedirect: boolean;
  /** Decoded, without query and dot segments; '' where the target has none (`OPTIONS *`). */
  readonly path: string;
};

export type ZoneMapOptions = {
  readonly zones: readonly Zone[];
  readonly documentRoot: string | null;
  /**
   * The file a decoded path maps to, for who can look into the file system: the index of a
   * directory, the script before additional path information. By default the document root and the
   * path. Asked once for as long as the path
   * stays in the cache.
   */
  readonly fileOf?: (path: string) => string | null;
};

/** How one zone looks at one request. */
export type ZoneLook = {
  readonly zone: Zone;
  /** The section that does not match; null: the zone applies. */
  readonly missed: ZoneScope | null;
  /** What the path maps to, which sections on files and directories look at. */
  readonly file: string | null;
  /** Its chain counts, unless the status page answers. */
  readonly decides: boolean;
};

type Section = { readonly zone: Zone; readonly matchers: readonly Matcher[] };

export class ZoneMap {
  readonly #sections: readonly Section[];
  readonly #fileOf: (path: string) => string | null;
  readonly #cache = new PathCache<ResolvedZone>();

  constructor({ zones, documentRoot, fileOf }: ZoneMapOptions) {
    this.#sections = inMergeOrder(zones).map((zone) => ({
      zone,
      matchers: zone.scopes.map(scopeMatcher),
    }));
    const root = documentRoot?.replace(/\/+$/, '') ?? null;
    this.#fileOf = fileOf ?? ((path) => (root === null ? null : root + path));
  }

  /**
   * @param target as sent, query included
   * @returns null where the target has no one meaning and must be refused; `targetPath` says how
   */
  of(target: string): ResolvedZone | null {
    const cached = this.#cache.get(target);
    if (cached !== null) return cached;
    const mapped = targetPath(target);
    if (mapped.kind === 'refused') return null;
    const resolved = this.#resolve(mapped.path);
    this.#cache.set(target, resolved);
    return resolved;
  }

  /** Every zone in the order they are merged, and what each has to say: for `forehand why`. */
  explain(target: string): ZoneLook[] {
    const found = targetPath(target);
    if (found.kind === 'refused' || found.path === '') return [];
    const mapped = { path: found.path, file: this.#fileOf(found.path) };
    const looks = this.#sections.map(({ zone, matchers }): ZoneLook => {
      const missed = matchers.findIndex((matches) => !matches(mapped));
      return { zone, missed: zone.scopes[missed] ?? null, file: mapped.file, decides: false };
    });
    // What comes later overrides, so the last that says something of balancing has decided.
    const decisive = looks.findLast(({ zone, missed }) => missed === null && zone.chain !== null);
    return looks.map((look) => (look === decisive ? { ...look, decides: true } : look));
  }

  #resolve(path: string): ResolvedZone {
    if (path === '') return UNZONED;
    return merge(this.#sections, { path, file: this.#fileOf(path) });
  }
}

const UNZONED: ResolvedZone = {
  name: null,
  chain: null,
  handler: null,
  selfRedirect: false,
  path: '',
};

function merge(sections: readonly Section[], mapped: Mapped): ResolvedZone {
  let chainFrom: Zone | null = null;
  let handlerFrom: Zone | null = null;
  let selfRedirect = false;
  for (const { zone, matchers } of sections) {
    if (!matchers.every((matches) => matches(mapped))) continue;
    if (zone.chain !== null) chainFrom = zone;
    if (zone.handler !== null) handlerFrom = zone;
    if (zone.selfRedirect !== null) selfRedirect = zone.selfRedirect;
  }
  const { path } = mapped;
  if (handlerFrom?.handler === 'status') {
    return { ...UNZONED, name: handlerFrom.name, handler: 'status', path };
  }
  if (chainFrom?.chain == null || chainFrom.chain.length === 0) {
    return { ...UNZONED, name: chainFrom?.name ?? null, selfRedirect, path };
  }
  const { name, chain } = chainFrom;
  return { name, chain, handler: null, selfRedirect, path };
}

const PHASES: Record<ZoneScope['kind'], number> = {
  directory: 1,
  htaccess: 1,
  directoryMatch: 2,
  files: 3,
  location: 4,
};

function inMergeOrder(zones: readonly Zone[]): Zone[] {
  // Stable (ECMA-262 23.1.3.34), so what is alike stays in the order of the configuration.
  return zones.toSorted(
    (a, b) => phaseOf(a) - phaseOf(b) || depthOf(a) - depthOf(b) || htaccessLast(a, b),
  );
}

/** The innermost section decides when; a zone in no section is the server's own, and first. */
function phaseOf({ scopes }: Zone): number {
  const innermost = scopes.at(-1);
  return innermost === undefined ? 0 : PHASES[spelledOut(innermost)];
}

/** `<Directory ~ "...">` is `<DirectoryMatch>` in another spelling. */
function spelledOut({ kind, match }: ZoneScope): ZoneScope['kind'] {
  return kind === 'directory' && match.kind === 'regex' ? 'directoryMatch' : kind;
}

/**
 * Of the innermost directory around it. `<DirectoryMatch>` and `<Location>` are not ordered by it.
 */
function depthOf({ scopes }: Zone): number {
  const innermost = scopes.at(-1);
  const kind = innermost === undefined ? null : spelledOut(innermost);
  if (kind === 'directoryMatch' || kind === 'location') return 0;
  const directory = scopes.findLast((scope) => isOnDirectories(scope.kind));
  if (directory === undefined) return -1;
  // Finite, as the difference of two infinities would be no order.
  return Math.min(directoryDepth(directory), Number.MAX_SAFE_INTEGER);
}

function htaccessLast(a: Zone, b: Zone): number {
  return Number(isHtaccess(a)) - Number(isHtaccess(b));
}

function isHtaccess({ scopes }: Zone): boolean {
  return scopes.some(({ kind }) => kind === 'htaccess');
}
