/** The rules of a member of an old group, each with a way to break it. See `sim/mutants.ts`. */
import type { Mutant } from '../mutants.ts';

const SIMULATION = 'sim/wackamole/run.ts';
const ALLOCATION = 'src/core/wackamole/allocation.ts';
const MACHINE = 'src/core/wackamole/machine.ts';
const PROVISION = 'src/core/wackamole/provision.ts';
const CIRCLE = 'src/core/wackamole/circle.ts';
const HELD = 'src/core/wackamole/held.ts';

function mutant(name: string, file: string, from: string, to: string): Mutant {
  return { name: `wackamole: ${name}`, patches: [{ file, from, to }], simulation: SIMULATION };
}

export const WACKAMOLE_MUTANTS: readonly Mutant[] = [
  mutant(
    'of two claims the first wins',
    ALLOCATION,
    'this.#old = replaced(this.#old, entry);',
    'this.#set(address, { owner: real, priority });\n      this.#old = replaced(this.#old, { ...entry, owner: real });',
  ),
  mutant(
    'the smallest count takes, the first of equal ones',
    ALLOCATION,
    'seat.count < least.count',
    'seat.count <= least.count',
  ),
  mutant(
    'what counts in a cascade is the table before it',
    ALLOCATION,
    "if (this.#phase === 'run') this.#old = this.#table;",
    "if (this.#phase !== 'boot') this.#old = this.#table;",
  ),
  mutant(
    'who prefers it gets it',
    ALLOCATION,
    'if (entry !== undefined && entry.priority < Priority.prefer) {',
    'if (entry !== undefined && entry.priority < Priority.claimed) {',
  ),
  mutant(
    'a STATE of another membership does not count',
    MACHINE,
    "case 'state':\n        if (!sameGid(message.gid, this.#membership!.gid)) return;",
    "case 'state':",
  ),
  mutant(
    'who has lost Spread lets all go',
    MACHINE,
    "case 'lost':\n        this.#forget(",
    "case 'lost':\n        this.#session = 'none';\n        if (event.code > 0) this.#forget(",
  ),
  mutant(
    'a move to where it is loses it',
    MACHINE,
    "this.#multicast({ kind: 'balance', moves: rescue, missing: 0 });",
    '',
  ),
  mutant(
    'a first STATE among originals prefers nothing',
    MACHINE,
    'return isFirst ? [] : this.#options.prefer;',
    'return this.#options.prefer;',
  ),
  mutant(
    'who says nothing is gone on without',
    MACHINE,
    'membership.goOnSent = true;',
    'membership.goOnSent = true;\n    if (this.#nowMs >= 0) return;',
  ),
  mutant(
    'originals are spoken to in their byte order',
    CIRCLE,
    "return tongue === 'unknown' ? this.#usual : tongue === 'swapped';",
    'return false;',
  ),
  mutant(
    'of several holders an original keeps it',
    PROVISION,
    'claimants.find((real) => !ours.has(real)) ?? claimants[0]',
    'claimants[0]',
  ),
  mutant(
    'what a silent member may have up is asked for first',
    HELD,
    "effects.push({ kind: 'hold', group, probeFirst: forNow })",
    "effects.push({ kind: 'hold', group, probeFirst: false })",
  ),
];
