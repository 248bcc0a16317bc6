/**
 * A thread's loop around descriptors that Node has no event for: neither files nor streams.
 *
 *     libuv ──► epoll_wait ──► read() of each that is ready ──► onWake when it is time ─┐
 *       ▲                                                                               │
 *       └───────────────────────────────────────────────────────────────────────────────┘
 *
 * What a newcomer gets wrong: the thread sleeps in *our* epoll_wait, never in libuv's. libuv's own
 * descriptor is among ours, and its next timer bounds our sleep, so that messages, timers and
 * sockets of Node's work as everywhere. Without it the thread could not even end.
 *
 * Source: epoll(7); docs.libuv.org, uv_backend_fd. For connections there is the reactor (epoll.ts).
 */
import { assert } from '../core/util/assert.ts';
import {
  EPOLL_DATA_OFFSET,
  EPOLL_EVENT_SIZE,
  EPOLLIN,
  epollAdd,
  epollCreate,
  epollRemove,
  epollWait,
  pause,
} from '../sys/epoll.ts';
import { pin } from '../sys/libc.ts';
import { close } from '../sys/socket.ts';
import { uvBackendFd, uvBackendTimeout } from '../sys/uv.ts';

/** Reads something. @returns whether there may be more */
export type Read = () => boolean;

export type LoopParts = {
  /** When the time of `wakeAt` has come. */
  readonly onWake: () => void;
  /**
   * For how long nothing needs to be looked at: what comes meanwhile is found together. To wake for
   * each of many small things costs more than the things (the processor's caches are others' by
   * then). Never beyond `wakeAt`.
   */
  readonly restMs: () => number;
};

const EVENTS_MAX = 16;

/** Reads per turn and descriptor, so that none keeps the others waiting; none beyond `wakeAt`. */
const TURN_MAX = 8;

/** The longest that epoll_wait(2) can be asked for; a loop without timers turns once in 24 days. */
const WAIT_MS_MAX = 2_147_483_647;

export class DescriptorLoop {
  readonly #epollFd = epollCreate();
  readonly #events = pin(EPOLL_EVENT_SIZE * EVENTS_MAX);
  readonly #readers = new Map<number, Read>();
  readonly #parts: LoopParts | null;
  /** Without a timer or a socket of Node's libuv has nothing to wait for, and never sleeps. */
  readonly #alive = setInterval(() => {}, WAIT_MS_MAX);
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(parts: LoopParts | null = null) {
    this.#parts = parts;
    if (this.#epollFd < 0) throw new Error(`epoll_create1: errno ${-this.#epollFd}`);
    this.#add(uvBackendFd());
    // Whatever happened since the sockets were opened is read then.
    setImmediate(this.#turn);
  }

  /** Until `unwatch`; a closed descriptor must not be watched any more. */
  watch(fd: number, read: Read): void {
    this.#add(fd);
    this.#readers.set(fd, read);
  }

  unwatch(fd: number): void {
    if (this.#readers.delete(fd) && !this.#stopped) epollRemove(this.#epollFd, fd);
  }

  /**
   * `onWake` once, at that time of `performance.now()` or up to 1 ms later. Replaces what was asked
   * before.
   */
  wakeAt(atMs: number): void {
    assert(!Number.isNaN(atMs), 'a time is a number');
    this.#wakeAtMs = atMs;
  }

  /** Nothing is read any more, and nothing here keeps the thread from ending. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#alive);
  }

  readonly #turn = (): void => {
    if (this.#stopped) {
      close(this.#epollFd);
      return;
    }
    // With it pending libuv does not sleep: what Node has to do is done before we do.
    const immediate = setImmediate(this.#turn);
    this.#rest();
    const count = epollWait(this.#epollFd, this.#events, this.#sleepMs(immediate));
    for (let i = 0; i < count; i++) {
      const at = i * EPOLL_EVENT_SIZE + EPOLL_DATA_OFFSET;
      const fd = this.#events.view.getInt32(at, true);
      for (let left = TURN_MAX; left > 0 && this.#readers.get(fd)?.() === true; left--) {
        if (performance.now() >= this.#wakeAtMs) break;
      }
    }
    if (performance.now() >= this.#wakeAtMs) {
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#parts?.onWake();
    }
  };

  #rest(): void {
    const restMs = this.#parts?.restMs() ?? 0;
    const leftMs = Math.min(restMs, this.#wakeAtMs - performance.now());
    if (leftMs >= 1) pause(leftMs);
  }

  /** For the same reason libuv says that it has work, while the immediate is referenced. */
  #sleepMs(immediate: NodeJS.Immediate): number {
    immediate.unref();
    const uvMs = uvBackendTimeout();
    immediate.ref();
    if (this.#wakeAtMs === Number.POSITIVE_INFINITY) return uvMs;
    const ownMs = Math.max(0, Math.ceil(this.#wakeAtMs - performance.now()));
    return Math.min(uvMs < 0 ? WAIT_MS_MAX : uvMs, ownMs, WAIT_MS_MAX);
  }

  #add(fd: number): void {
    const status = epollAdd(this.#epollFd, fd, EPOLLIN, { low: fd, high: 0 });
    if (status < 0) throw new Error(`epoll_ctl: errno ${-status}`);
  }
}
