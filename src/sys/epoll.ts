/**
 * Readiness notification: the three epoll calls, and nothing else.
 *
 * What a newcomer gets wrong: `struct epoll_event` is packed on x86-64 and naturally aligned
 * everywhere else, so its size and the place of its data differ. Use the constants below.
 */
import { Errno, type Pinned, pin, result, symbols } from './libc.ts';

const libc = symbols({
  epoll_create1: { arguments: ['int32'], return: 'int32' },
  epoll_ctl: { arguments: ['int32', 'int32', 'int32', 'uint64'], return: 'int32' },
  epoll_wait: { arguments: ['int32', 'uint64', 'int32', 'int32'], return: 'int32' },
  poll: { arguments: ['uint64', 'uint64', 'int32'], return: 'int32' },
});

/** Bytes per `struct epoll_event`, and where its 64 bits of user data begin (sys/epoll.h). */
export const EPOLL_EVENT_SIZE = process.arch === 'x64' ? 12 : 16;
export const EPOLL_DATA_OFFSET = process.arch === 'x64' ? 4 : 8;

export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLRDHUP = 0x2000;
export const EPOLLET = 0x8000_0000;

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;

/** One event, reused: `epoll_ctl` copies it before it returns. */
const scratch: Pinned = pin(EPOLL_EVENT_SIZE);

/** @returns a descriptor, or `-EMFILE`, `-ENFILE`, `-ENOMEM`. Source: epoll_create(2). */
export function epollCreate(): number {
  return result(libc.epoll_create1(EPOLL_CLOEXEC));
}

/** The 64 bits that come back with each event: which descriptor, and which use of its number. */
export type EpollTag = { readonly low: number; readonly high: number };

/**
 * Watches `fd`. Source: epoll_ctl(2).
 *
 * @param events a sum of `EPOLL...` bits
 * @returns 0, or a negated errno: `-EEXIST` and `-EBADF` are our bugs, `-ENOSPC` is the limit
 *   `/proc/sys/fs/epoll/max_user_watches`
 */
export function epollAdd(epollFd: number, fd: number, events: number, tag: EpollTag): number {
  return control(EPOLL_CTL_ADD, { epollFd, fd, events, tag });
}

export function epollModify(epollFd: number, fd: number, events: number, tag: EpollTag): number {
  return control(EPOLL_CTL_MOD, { epollFd, fd, events, tag });
}

/** Rarely needed: closing the last descriptor of a file removes it from every set (epoll(7) Q6). */
export function epollRemove(epollFd: number, fd: number): number {
  return result(libc.epoll_ctl(epollFd, EPOLL_CTL_DEL, fd, scratch.address));
}

type Control = { epollFd: number; fd: number; events: number; tag: EpollTag };

function control(operation: number, { epollFd, fd, events, tag }: Control): number {
  scratch.view.setUint32(0, events, true);
  scratch.view.setUint32(EPOLL_DATA_OFFSET, tag.low, true);
  scratch.view.setUint32(EPOLL_DATA_OFFSET + 4, tag.high, true);
  return result(libc.epoll_ctl(epollFd, operation, fd, scratch.address));
}

/**
 * Sleeps, whatever happens meanwhile; a signal ends it. Source: poll(2) of nothing. Unlike
 * `Atomics.wait` it takes no lock, and that one's is the whole process's.
 *
 * @param durationMs whole; rounded down
 */
export function pause(durationMs: number): void {
  libc.poll(0n, 0n, Math.floor(durationMs));
}

/**
 * Waits until a watched descriptor is ready, or until the timeout.
 *
 * @param events written by the kernel; holds a whole number of `EPOLL_EVENT_SIZE` slots
 * @param timeoutMs 0 polls, -1 waits without end. Blocks the whole JavaScript thread.
 * @returns the number of slots filled; 0 on timeout, and when a signal came first (`EINTR`): the
 *   caller goes round its loop either way. `-EBADF` and `-EINVAL` are our bugs.
 *
 * Source: epoll_wait(2), Linux 2.6+. Kernel: fs/eventpoll.c, `do_epoll_wait`.
 */
export function epollWait(epollFd: number, events: Pinned, timeoutMs: number): number {
  const slots = events.bytes.length / EPOLL_EVENT_SIZE;
  const count = result(libc.epoll_wait(epollFd, events.address, slots, timeoutMs));
  return count === -Errno.EINTR ? 0 : count;
}
