/**
 * How soon the kernel gives the processor to this thread.
 *
 * What a newcomer gets wrong: on Linux both calls are about one *thread*, whatever their manual
 * pages say of processes; 0 means the calling one (sched(7), setpriority(2) "C library/kernel
 * differences").
 */
import { pin, result, symbols } from './libc.ts';

const libc = symbols({
  sched_setscheduler: { arguments: ['int32', 'int32', 'uint64'], return: 'int32' },
  setpriority: { arguments: ['int32', 'uint32', 'int32'], return: 'int32' },
});

export const SchedulingPolicy = { other: 0, fifo: 1, roundRobin: 2 } as const;
export type SchedulingPolicy = (typeof SchedulingPolicy)[keyof typeof SchedulingPolicy];

/** What this thread starts, processes and threads, is scheduled like everybody again. */
const SCHED_RESET_ON_FORK = 0x4000_0000;
const PRIO_PROCESS = 0;

/** `struct sched_param`. */
const parameter = pin(4);

/**
 * For the calling thread.
 *
 * @param priority 1 to 99 for the real-time policies, before every thread that has none; 0 for
 *   `other`
 * @returns 0, or `-EPERM` without CAP_SYS_NICE, a RLIMIT_RTPRIO or a share for the control group
 */
export function setScheduler(policy: SchedulingPolicy, priority: number): number {
  parameter.view.setInt32(0, priority, true);
  return result(libc.sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, parameter.address));
}

/** For the calling thread. @param nice -20, favoured, to 19. @returns 0, or `-EACCES`, `-EPERM` */
export function setNice(nice: number): number {
  return result(libc.setpriority(PRIO_PROCESS, 0, nice));
}
