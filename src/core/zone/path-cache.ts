/**
 * A bounded cache by the path of a request target, found without making a string.
 *
 * A `Map` would need the path cut out of each target that has a query. Here the hash is taken over
 * the target up to its `?`, and points at a set of a few entries, of which the one not used for
 * longest makes way: least recently used, within its set.
 *
 * What a newcomer gets wrong: paths that collide on purpose only evict each other. Nothing here
 * grows or slows down beyond looking at one set.
 */

/** Sets times ways: 2048 paths, more than the pages a site's visitors ask for within minutes. */
const SETS = 512;
const WAYS = 4;

/** Longer ones are not kept: 2048 paths of this length are 2 MB a worker, at most. */
const PATH_LENGTH_MAX = 1_024;

const QUESTION_MARK = 0x3f;

type Entry<T> = { readonly path: string; readonly value: T; usedAt: number };

export class PathCache<T> {
  readonly #entries: (Entry<T> | undefined)[] = new Array(SETS * WAYS).fill(undefined);
  /** The last hit. Never out of date: a path's value is set once and does not change. */
  #lastTarget: string | null = null;
  #lastValue: T | null = null;
  /** Counts look-ups: a clock that needs no clock. */
  #uses = 0;

  get(target: string): T | null {
    // A page in fashion is asked for again and again, and comparing costs less than hashing.
    if (target === this.#lastTarget) return this.#lastValue;
    const first = setOf(target);
    for (let i = first; i < first + WAYS; i++) {
      const entry = this.#entries[i];
      if (entry === undefined || !isPathOf(entry.path, target)) continue;
      entry.usedAt = ++this.#uses;
      this.#lastTarget = target;
      this.#lastValue = entry.value;
      return entry.value;
    }
    return null;
  }

  set(target: string, value: T): void {
    const end = pathEnd(target);
    if (end > PATH_LENGTH_MAX) return;
    const first = setOf(target);
    let victim = first;
    for (let i = first; i < first + WAYS; i++) {
      if ((this.#entries[i]?.usedAt ?? -1) < (this.#entries[victim]?.usedAt ?? -1)) victim = i;
    }
    // A slice would keep the whole target, query and all, in memory.
    const path = Array.from(target.slice(0, end)).join('');
    this.#entries[victim] = { path, value, usedAt: ++this.#uses };
  }
}

function isPathOf(path: string, target: string): boolean {
  if (!target.startsWith(path)) return false;
  return target.length === path.length || target.charCodeAt(path.length) === QUESTION_MARK;
}

function pathEnd(target: string): number {
  const query = target.indexOf('?');
  return query === -1 ? target.length : query;
}

/** FNV-1a over the path, and from it the index of the set's first entry. */
function setOf(target: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === QUESTION_MARK) break;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  // The low bits of FNV are its weakest.
  return (((hash ^ (hash >>> 15)) >>> 0) % SETS) * WAYS;
}
