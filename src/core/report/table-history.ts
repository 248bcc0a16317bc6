/**
 * What the cluster table said in the last minutes, so that `why` can ask a chain again about a
 * request that is over.
 *
 *     now ◄── every look, 20 s ── one a second, 5 minutes ── forgotten
 *
 * Kept compactly: about 200 bytes for each server of a picture, 4 MB for a busy cluster of 32. What
 * a newcomer gets wrong: between two looks requests were sent and announcements heard. It is the
 * table *about* then, not exactly then.
 */
import type { NodeState, Server } from '../candidacy/candidates.ts';

/** Between two looks at the table; one that finds nothing new costs no memory. */
export const LOOK_MS = 100;

/** So long every look is kept: who asks about a request mostly asks at once. */
export const FINE_MS = 20_000;

export const COARSE_MS = 1_000;
/** Five minutes, at one a second. */
const COARSE_MAX = 300;

const NUMBERS = [
  'slot',
  'port',
  'heardMs',
  'bootId',
  'state',
  'loadMilli',
  'loadHwmMilli',
  'cpuIdleMilli',
  'cpuCount',
  'arriba',
  'memoryTotalMb',
  'memoryAvailableMb',
  'capacity',
  'inFlight',
  'outstanding',
  'sentSinceHeard',
  'backhanded',
  'turnaroundMs',
] as const;

const ROW = NUMBERS.length + 1;

type Picture = {
  readonly takenMs: number;
  /** It still said the same then. */
  untilMs: number;
  readonly numbers: Float64Array;
  readonly names: readonly string[];
  readonly addresses: readonly string[];
};

export type TableThen = { readonly takenMs: number; readonly known: readonly Server[] };

export class TableHistory {
  /** Oldest first, both; all of `#coarse` before all of `#fine`. */
  readonly #coarse: Picture[] = [];
  readonly #fine: Picture[] = [];

  /** At every look. */
  add(nowMs: number, known: readonly Server[]): void {
    const picture = pictureOf(nowMs, known);
    const last = this.#fine.at(-1);
    if (last !== undefined && isSame(last, picture)) last.untilMs = nowMs;
    else this.#fine.push(picture);
    while (this.#fine.length > 1 && this.#fine[0]!.untilMs < nowMs - FINE_MS) {
      this.#thin(this.#fine.shift()!);
    }
  }

  /**
   * The last picture before that moment: a later one shows what the request itself did. Where there
   * is none before, the first after it.
   *
   * @returns null when all that is kept is further from it than `gapMsMax`
   */
  at(momentMs: number, gapMsMax: number): TableThen | null {
    const isBefore = ({ takenMs }: Picture): boolean => takenMs <= momentMs;
    const before = this.#fine.findLast(isBefore) ?? this.#coarse.findLast(isBefore);
    const picture = before ?? this.#coarse[0] ?? this.#fine[0];
    if (picture === undefined) return null;
    const { takenMs, untilMs } = picture;
    const gapMs = Math.max(takenMs - momentMs, momentMs - untilMs);
    return gapMs > gapMsMax ? null : { takenMs, known: serversOf(picture) };
  }

  #thin(picture: Picture): void {
    const last = this.#coarse.at(-1);
    if (last !== undefined && picture.takenMs - last.takenMs < COARSE_MS) return;
    this.#coarse.push(picture);
    if (this.#coarse.length > COARSE_MAX) this.#coarse.shift();
  }
}

function pictureOf(nowMs: number, known: readonly Server[]): Picture {
  const numbers = new Float64Array(known.length * ROW);
  known.forEach((server, index) => {
    for (let i = 0; i < NUMBERS.length; i++) numbers[index * ROW + i] = server[NUMBERS[i]!];
    numbers[index * ROW + NUMBERS.length] = server.suspect ? 1 : 0;
  });
  const names = known.map(({ name }) => name);
  const addresses = known.map(({ address }) => address);
  return { takenMs: nowMs, untilMs: nowMs, numbers, names, addresses };
}

function isSame(one: Picture, other: Picture): boolean {
  if (one.numbers.length !== other.numbers.length) return false;
  for (let i = 0; i < one.numbers.length; i++) {
    if (one.numbers[i] !== other.numbers[i]) return false;
  }
  return one.names.every((name, index) => {
    return name === other.names[index] && one.addresses[index] === other.addresses[index];
  });
}

function serversOf({ numbers, names, addresses }: Picture): Server[] {
  return names.map((name, index) => {
    const number = (field: (typeof NUMBERS)[number]): number =>
      numbers[index * ROW + NUMBERS.indexOf(field)]!;
    return {
      slot: number('slot'),
      name,
      address: addresses[index]!,
      port: number('port'),
      heardMs: number('heardMs'),
      bootId: number('bootId'),
      state: number('state') as NodeState,
      loadMilli: number('loadMilli'),
      loadHwmMilli: number('loadHwmMilli'),
      cpuIdleMilli: number('cpuIdleMilli'),
      cpuCount: number('cpuCount'),
      arriba: number('arriba'),
      memoryTotalMb: number('memoryTotalMb'),
      memoryAvailableMb: number('memoryAvailableMb'),
      capacity: number('capacity'),
      inFlight: number('inFlight'),
      outstanding: number('outstanding'),
      sentSinceHeard: number('sentSinceHeard'),
      backhanded: number('backhanded'),
      turnaroundMs: number('turnaroundMs'),
      suspect: numbers[index * ROW + NUMBERS.length] === 1,
    };
  });
}
