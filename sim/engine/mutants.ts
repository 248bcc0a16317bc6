/** The rules of the views on an engine, each with a way to break it. See `sim/mutants.ts`. */
import type { Mutant } from '../mutants.ts';

const simulation = 'sim/engine/run.ts';
const engine = (file: string): string => `src/core/engine/${file}`;

export const ENGINE_MUTANTS: readonly Mutant[] = [
  {
    name: 'engine: who comes from the same view has come along, whatever it delivered there',
    patches: [
      {
        file: engine('installed.ts'),
        from: 'return sameTag(a.from, b.from) && a.count === b.count && a.digest === b.digest;',
        to: 'return sameTag(a.from, b.from);',
      },
    ],
    simulation,
  },
  {
    name: 'engine: a message counts in whatever view there is',
    patches: [
      {
        file: engine('installed.ts'),
        from: 'if (!sameTag(view, this.tag)) return null;',
        to: '',
      },
      {
        file: engine('installed.ts'),
        from: 'this.#next[index] !== sequence',
        to: 'this.#next[index]! > sequence',
      },
    ],
    simulation,
  },
  {
    name: 'engine: what is sent while blocked is sent at once',
    patches: [
      {
        file: engine('member-views.ts'),
        from: 'if (installed === null || this.#blocked) {',
        to: 'if (installed === null) {',
      },
    ],
    simulation,
  },
  {
    name: 'engine: a hello of before the change counts',
    patches: [
      {
        file: engine('member-views.ts'),
        from: 'if (own !== undefined && own.number !== this.#hellos) return;',
        to: '',
      },
      {
        file: engine('member-views.ts'),
        from: 'if (isOld || !sameAttempt(hello.attempt, this.#attempt!.tag)) return;',
        to: '',
      },
      {
        file: engine('member-views.ts'),
        from: 'if (attempt === null || hello.attempt.members !== attempt.tag.members) return;',
        to: 'if (attempt === null) return;',
      },
    ],
    simulation,
  },
  {
    name: 'engine: a process that did not run does not notice',
    patches: [
      {
        file: engine('member-views.ts'),
        from: 'const isLate = nowMs - this.#wakeMs > (aliveMs * SIGNS_MISSED) / 2;',
        to: 'const isLate = nowMs - this.#wakeMs > 1e9 * aliveMs;',
      },
    ],
    simulation,
  },
  {
    name: 'engine: who says nothing is waited for without end',
    patches: [
      {
        file: engine('attempt.ts'),
        from: 'return this.sinceMs + helloMs * (rank + 1);',
        to: 'return Number.POSITIVE_INFINITY;',
      },
    ],
    simulation,
  },
  {
    name: 'engine: who was late by less than the install took is left out, and stays out',
    patches: [
      {
        file: engine('attempt.ts'),
        from: 'if (missesOne && found.length < MEMBERS_MAX) return null;',
        to: '',
      },
      {
        file: engine('member-views.ts'),
        from: 'if (signs === SIGNS_APART) this.#sayHello();',
        to: '',
      },
    ],
    simulation,
  },
];
