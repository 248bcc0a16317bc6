/**
 * A signal for this process when the one that started it dies.
 *
 * What a newcomer gets wrong: it is the parent *thread* whose death counts; and when the parent has
 * died before the call, nothing comes any more, so its process id is to be looked at afterwards.
 *
 * Source: prctl(2), PR_SET_PDEATHSIG.
 */
import { result, symbols } from './libc.ts';

const libc = symbols({
  prctl: { arguments: ['int32', 'uint64', 'uint64', 'uint64', 'uint64'], return: 'int32' },
});

const PR_SET_PDEATHSIG = 1;

/** @returns 0, or `-EINVAL` for what is no signal */
export function setParentDeathSignal(signal: number): number {
  return result(libc.prctl(PR_SET_PDEATHSIG, BigInt(signal), 0n, 0n, 0n));
}
