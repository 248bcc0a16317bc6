/**
 * A thread that must not wait: heartbeats, and the guard of the addresses.
 *
 * What a newcomer gets wrong: a real-time thread that computes starves everything else on its
 * processor. Only for threads that wake, do one small thing, and sleep.
 */
import { SchedulingPolicy, setNice, setScheduler } from '../sys/sched.ts';

/** The lowest real-time priority: before all ordinary threads, behind every driver's. */
const REAL_TIME_PRIORITY = 1;

/** Between ordinary threads: about nine times the share of one that has 0 (sched(7)). */
const NICE = -10;

/** For the calling thread. @returns what could be had, for the log */
export function raiseThreadPriority(): 'real-time' | 'favoured' | 'ordinary' {
  if (setScheduler(SchedulingPolicy.roundRobin, REAL_TIME_PRIORITY) === 0) return 'real-time';
  // First so that children do not inherit it: `setNice` alone would be handed on.
  setScheduler(SchedulingPolicy.other, 0);
  return setNice(NICE) === 0 ? 'favoured' : 'ordinary';
}
