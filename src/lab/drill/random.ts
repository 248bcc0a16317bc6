/**
 * The events of a drill from a seed: every machine is switched off and on again once, in an order
 * and at times that the seed decides, with drains and reloads in between.
 *
 * What a newcomer gets wrong: one machine is out at a time. What happens when all directors are off
 * needs no drill.
 */
import type { DrillEvent, LoadedDrill } from './definition.ts';

/** Before the first event, and after the last: so that there is something to compare with. */
const QUIET_S = 5;

/** A machine that is switched on again needs this long until it takes part in everything. */
const APART_S_MIN = 5;

/** @param machines with a daemon */
export function randomEvents(
  machines: readonly string[],
  lastS: number,
  seed: number,
): readonly DrillEvent[] {
  const random = generator(seed);
  const steps: string[] = [];
  for (const name of shuffled(machines, random)) {
    steps.push(`off ${name}`, `on ${name}`);
    const gentle = machines[Math.floor(random() * machines.length)]!;
    const kind = Math.floor(random() * 3);
    if (kind === 0) steps.push(`reload ${gentle}`);
    if (kind === 1) steps.push(`drain ${gentle}`, `resume ${gentle}`);
  }
  const apartS = (lastS - 2 * QUIET_S) / steps.length;
  return steps.map((step, index) => {
    const roomS = Math.max(0, apartS - APART_S_MIN);
    return { atS: QUIET_S + index * apartS + random() * roomS, do: step };
  });
}

/** @returns how long such a drill should last at the least, in seconds */
export function shortestS(machines: readonly string[]): number {
  return 2 * QUIET_S + APART_S_MIN * machines.length * 4;
}

/** Those of a lab that are part of the cluster. */
export function nodesOf({ lab }: Pick<LoadedDrill, 'lab'>): readonly string[] {
  return Object.entries(lab.machines).flatMap(([name, { run }]) =>
    run === undefined ? [] : [name],
  );
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(Math.floor(random() * rest.length), 1)[0]!);
}

/** Mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
