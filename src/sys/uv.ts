/**
 * libuv's own view of its loop, so that it can be nested in another one.
 *
 * libuv keeps one epoll descriptor for everything Node waits for in a thread (messages of other
 * threads, signals, its sockets). That descriptor is itself pollable: readable when libuv has work.
 *
 * Source: docs.libuv.org, "uv_backend_fd", which names embedding in another poll set as its
 * purpose.
 */
import { eventLoop, symbols } from './libc.ts';

const uv = symbols({
  uv_backend_fd: { arguments: ['uint64'], return: 'int32' },
  uv_backend_timeout: { arguments: ['uint64'], return: 'int32' },
  uv_update_time: { arguments: ['uint64'], return: 'void' },
});

const loop = eventLoop();

/** The loop's epoll descriptor. Watch it, never read it. */
export function uvBackendFd(): number {
  return uv.uv_backend_fd(loop);
}

/** @returns ms until libuv wants to run (0 at once, -1 no timer), counted from now. */
export function uvBackendTimeout(): number {
  uv.uv_update_time(loop);
  return uv.uv_backend_timeout(loop);
}
