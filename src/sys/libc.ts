/**
 * What every wrapper of a system call needs: symbols, memory with an address, and errno.
 *
 * `src/sys` is the only directory that may import `node:ffi` (test/tidy.test.ts checks). A wrapper
 * is a thin image of one call, without policy. Result convention, as in libuv: >= 0 is the kernel's
 * answer, < 0 is a negated errno. A failed call is an ordinary value, never an exception.
 *
 * What a call costs beyond the system call itself, measured on Node 26.10 (2026-11-28, read(2) on a
 * bad descriptor, best of 24):
 *
 *     up to three numbers or `uint64` addresses (BigInt)     80 ns, inlined by the compiler
 *     a `buffer` among three                                170 ns
 *     four and more, or three where it is not inlined       450 ns, by libffi
 *
 * Node checks arguments in JavaScript before the call, with code of its own for each count up to
 * three, and V8 calls C directly only where it has inlined all of that. For three it takes a larger
 * budget than V8 grants by itself: 1,500 bytes of bytecode are too few, 3,000 enough.
 *
 * Linux only: importing this elsewhere fails, so `src/io` imports it dynamically.
 */
import ffi from 'node:ffi';
import { setFlagsFromString } from 'node:v8';

/**
 * Grants that budget, to the whole process. To be called when all is loaded, as V8 takes no code
 * from its caches that was made under other flags, and before anything is hot: what is optimised by
 * then stays as it is.
 */
export function inlineCalls(): void {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
}

/** Symbols of the running process: libc is among them under glibc and musl alike. */
export function symbols<const T extends ffi.FunctionDefinitions>(definitions: T) {
  return ffi.dlopen(null, definitions).functions;
}

const { __errno_location } = symbols({ __errno_location: { arguments: [], return: 'pointer' } });

/** The thread's errno cell. Its address is fixed for the life of the thread, so read once. */
const errnoCell = new Int32Array(ffi.toArrayBuffer(__errno_location(), 4, false));

/** Must be the first thing done after the call: any other FFI call may overwrite errno. */
export function result(returned: number): number {
  return returned === -1 ? -errnoCell[0]! : returned;
}

/** Bytes that the kernel may be pointed at. They never move: their store lies outside V8's heap. */
export type Pinned = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Address of `bytes[0]`. Valid only as long as `bytes` is referenced. */
  readonly address: bigint;
};

export function pin(size: number): Pinned {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  return { bytes, view: new DataView(bytes.buffer), address: ffi.getRawPointer(bytes) };
}

/** The libuv loop of this thread, for `uv.ts`. */
export function eventLoop(): bigint {
  return ffi.getCurrentEventLoop();
}

/**
 * The errno values that are handled by name. Numbers are Linux's, the same on all its platforms
 * here.
 */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EEXIST: 17,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EPIPE: 32,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EINPROGRESS: 115,
} as const;
