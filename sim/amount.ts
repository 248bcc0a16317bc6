/**
 * How many seeds the simulations of single parts run: some in `npm test`, where those of whole
 * clusters take the time there is, and all in `.ci/run`.
 *
 *     FOREHAND_SEEDS=all npm test -- sim/ring/*.sim.test.ts
 *
 * What a newcomer gets wrong: fewer seeds are for the quick look of whoever is at work. What is
 * promised, in `docs/benchmarks.md` and by the mutants, is promised of all of them.
 */

/** @returns how many of `all` are to be run now */
export function amount({ some, all }: { readonly some: number; readonly all: number }): number {
  return process.env['FOREHAND_SEEDS'] === 'all' ? all : some;
}
