/** The rules of our Spread daemons, each with a way to break it. See `sim/mutants.ts`. */
import type { Mutant } from '../mutants.ts';

const SIMULATION = 'sim/spread/run.ts';

const server = (file: string): string => `src/core/spread/server/${file}`;

type Broken = readonly [name: string, file: string, from: string, to: string];

const BROKEN: readonly Broken[] = [
  [
    'what was sent in another view counts in this one',
    'daemons.ts',
    'if (!sameViewId(envelope.view, view.id)) return;',
    '',
  ],
  [
    'what has not come back when a view ends is lost',
    'daemons.ts',
    'this.#waiting = [...this.#sent, ...this.#waiting];',
    '',
  ],
  [
    'a daemon that stalls sends again what others may have',
    'daemons.ts',
    'this.#waiting.splice(0, sent.length);',
    '',
  ],
  [
    'clients are heard before all states are there',
    'daemons.ts',
    "if (this.#phase !== 'open' || this.#blocked) return;",
    'if (this.#blocked || this.#view === null) return;',
  ],
  [
    'a view with somebody new is like one without',
    'daemons.ts',
    "const known = this.#phase === 'open' && came.size === view.members.length;",
    "const known = this.#phase === 'open';",
  ],
  [
    'a view is like the last one though that was never agreed on',
    'daemons.ts',
    "const known = this.#phase === 'open' && came.size === view.members.length;",
    'const known = came.size === view.members.length;',
  ],
  [
    'those who come along are not fewer after a change that came to nothing',
    'daemons.ts',
    'this.#together = this.#together.intersection(came);',
    'this.#together = came;',
  ],
  [
    'what waited for all is left behind when the daemons change',
    'safe-queue.ts',
    'for (const { frame } of waiting) this.#deliver(frame);',
    '',
  ],
  [
    'what is behind a safe message overtakes it',
    'safe-queue.ts',
    'if (!safe && this.#waiting.length === 0) this.#deliver(frame);',
    'if (!safe) this.#deliver(frame);',
  ],
  [
    'gids are drawn for what has changed here',
    'roster.ts',
    'const gids = new Map([...next.keys()].toSorted().map((name) => [name, gid()]));',
    'const gids = new Map(changed.map((name) => [name, gid()]));',
  ],
  [
    'a daemon that stalls goes on with the gids of the others',
    'notices.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source is searched for it.
    'this.#representative = hashOf(`${this.#daemon} ${this.#representative}`);',
    '',
  ],
  [
    'who was told of a change that came to nothing hears no more of it',
    'notices.ts',
    'const change = { gid: () => this.#nextGid(), also: this.#parting };',
    'const change = { gid: () => this.#nextGid(), also: new Set<string>() };',
  ],
  [
    'a name is free before all know that its session has gone',
    'sessions.ts',
    'this.#users.set(user, null);',
    'this.#users.delete(user);',
  ],
];

export const SPREAD_MUTANTS: readonly Mutant[] = BROKEN.map(([name, file, from, to]) => ({
  name: `spread: ${name}`,
  patches: [{ file: server(file), from, to }],
  simulation: SIMULATION,
}));
