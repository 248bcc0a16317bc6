/**
 * Carts, in the memory of this one process: what makes `bySession` matter.
 *
 * The identifier of a session begins with the address of its machine as eight hex digits, so that
 * the director can tell where it lives. What a newcomer gets wrong: a session that is not here may
 * never be answered by an empty cart as if nothing were. `find` says where it was lost.
 */
import { randomBytes } from 'node:crypto';

export const COOKIE = 'PHPSESSID';

/** A benchmark that keeps no cookies must not fill the memory; the oldest session goes first. */
const SESSIONS_MAX = 10_000;

const COPIES_MAX = 99;

export type Session = {
  readonly id: string;
  /** Copies by book. */
  readonly items: Map<string, number>;
  /** Where the client's cart was before, as long as it has not been told for sure. */
  lostAt: string | null;
};

/** As the cookie says; `lost` names the place by its eight digits. */
export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'here'; readonly session: Session }
  | { readonly kind: 'lost'; readonly place: string };

export class Carts {
  readonly #place: string;
  readonly #sessions = new Map<string, Session>();

  /** @param place eight hex digits */
  constructor(place: string) {
    this.#place = place;
  }

  find(cookies: string): Found {
    const id = new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9a-f]{40})(?:;|$)`).exec(cookies)?.[1];
    if (id === undefined) return { kind: 'none' };
    const session = this.#sessions.get(id);
    return session === undefined
      ? { kind: 'lost', place: id.slice(0, 8) }
      : { kind: 'here', session };
  }

  begin(lostAt: string | null): Session {
    const id = this.#place + randomBytes(16).toString('hex');
    const session: Session = { id, items: new Map(), lostAt };
    if (this.#sessions.size >= SESSIONS_MAX) {
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
    this.#sessions.set(id, session);
    return session;
  }
}

export function change({ items }: Session, book: string, copies: number): void {
  const count = Math.min(COPIES_MAX, (items.get(book) ?? 0) + copies);
  if (count > 0) items.set(book, count);
  else items.delete(book);
}

export function copiesIn({ items }: Session): number {
  return [...items.values()].reduce((sum, count) => sum + count, 0);
}

/** `127.0.0.11` is `7f00000b`. */
export function placeOf(address: string): string {
  return Buffer.from(address.split('.').map(Number)).toString('hex');
}
