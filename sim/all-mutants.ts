/** Every rule that is taken out to see who notices. */
import { CLUSTER_MUTANTS } from './cluster/mutants.ts';
import { ENGINE_MUTANTS } from './engine/mutants.ts';
import type { Mutant } from './mutants.ts';
import { RING_MUTANTS } from './ring/mutants.ts';
import { SPREAD_MUTANTS } from './spread/mutants.ts';
import { WACKAMOLE_MUTANTS } from './wackamole/mutants.ts';

export const MUTANTS: readonly Mutant[] = [
  ...RING_MUTANTS,
  ...ENGINE_MUTANTS,
  ...CLUSTER_MUTANTS,
  ...SPREAD_MUTANTS,
  ...WACKAMOLE_MUTANTS,
];
