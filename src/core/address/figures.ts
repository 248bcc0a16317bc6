/**
 * What a node does beside its proxy, for the pool of addresses and as a Spread daemon, in numbers
 * that every thread can read.
 *
 * The main thread writes; the status page is made by whichever worker is asked for it. Doubles,
 * as in proxy/counters.ts: they count past 2^32. What a newcomer gets wrong: these are of this node
 * alone. Who holds what in the whole group is asked of `forehand status`.
 */
const NAMES = [
  /** Members of the view, this node included; 0: in no view. */
  'members',
  'views',
  /** Groups in this kernel now. */
  'held',
  'ups',
  'downs',
  /** Addresses that another program had removed. */
  'restored',
  /** Announcements of a group to everybody on the link. */
  'announced',
  /** 1 while the engine carries the group; our own ring always does. */
  'engineConnected',
  'engineReconnects',
  /** Whom the engine counts in, and we do not. */
  'engineStrangers',
  /** Of the Spread daemon, 0 where none runs: daemons that agree, this one included. */
  'spreadDaemons',
  'spreadSessions',
  /** Frames written to clients. */
  'spreadDelivered',
  /** Clients disconnected because they did not read. */
  'spreadSlow',
] as const;
export type FigureName = (typeof NAMES)[number];

export const FIGURES_BYTES = 8 * NAMES.length;

export class AddressFigures {
  readonly #cells: Float64Array;

  /** @param memory `FIGURES_BYTES`, shared with whoever reads them */
  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory);
  }

  add(name: FigureName): void {
    this.#cells[NAMES.indexOf(name)]! += 1;
  }

  set(name: FigureName, value: number): void {
    this.#cells[NAMES.indexOf(name)] = value;
  }
}

export function readFigures(memory: SharedArrayBuffer): Readonly<Record<FigureName, number>> {
  const cells = new Float64Array(memory);
  return Object.fromEntries(NAMES.map((name, index) => [name, cells[index]!])) as Record<
    FigureName,
    number
  >;
}
