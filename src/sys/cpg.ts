/**
 * Corosync's closed process groups: the calls of libcpg, and nothing else.
 *
 * What a newcomer gets wrong: `cpg_dispatch` lays a megabyte of buffer on the stack and calls back
 * from there. V8 takes a callback from so deep for one from a foreign stack, and ends the process
 * ("IsOnCentralStack", Node 26.10): call it only in a worker with `CPG_STACK_MB` of stack.
 *
 * Results are Corosync's own (`cs_error_t`): 1 is success, see `CpgResult`. Source: cpg.h of
 * Corosync 3.1, cpg_overview(8) and the pages of each call.
 */
import ffi from 'node:ffi';
import { type Pinned, pin } from './libc.ts';

export const CPG_STACK_MB = 8;

export const CpgResult = { OK: 1, TRY_AGAIN: 6 } as const;

const TYPE_AGREED = 2;
const DISPATCH_ALL = 2;

/** `struct cpg_name`: a length, and 128 bytes of it. */
const NAME_BYTES_MAX = 128;
/** `struct cpg_address`: node, process, reason; of 32 bits each. */
const ADDRESS_BYTES = 12;

const { lib, functions: cpg } = ffi.dlopen('libcpg.so.4', {
  cpg_initialize: { arguments: ['uint64', 'uint64'], return: 'int32' },
  cpg_finalize: { arguments: ['uint64'], return: 'int32' },
  cpg_join: { arguments: ['uint64', 'uint64'], return: 'int32' },
  cpg_fd_get: { arguments: ['uint64', 'uint64'], return: 'int32' },
  cpg_local_get: { arguments: ['uint64', 'uint64'], return: 'int32' },
  cpg_dispatch: { arguments: ['uint64', 'int32'], return: 'int32' },
  cpg_mcast_joined: { arguments: ['uint64', 'int32', 'uint64', 'uint32'], return: 'int32' },
});

export type CpgMember = { readonly node: number; readonly pid: number };

export type CpgHandler = {
  /** The bytes are the receiver's to keep. */
  readonly onMessage: (from: CpgMember, bytes: Uint8Array) => void;
  readonly onMembers: (members: readonly CpgMember[]) => void;
};

const scratch: Pinned = pin(16);
const name: Pinned = pin(4 + NAME_BYTES_MAX);
const callbacks: Pinned = pin(16);

/** One for the thread: callbacks stay registered as long as it runs. */
let handler: CpgHandler | null = null;

const onDeliver = lib.registerCallback(
  {
    return: 'void',
    arguments: ['uint64', 'pointer', 'uint32', 'uint32', 'pointer', 'uint64'],
  },
  (_handle, _group, node, pid, bytes, size) => {
    const copy = new Uint8Array(ffi.toArrayBuffer(bytes as bigint, Number(size), true));
    handler?.onMessage({ node, pid }, copy);
  },
);

const onChange = lib.registerCallback(
  {
    return: 'void',
    arguments: ['uint64', 'pointer', 'pointer', 'uint64', 'pointer', 'uint64', 'pointer', 'uint64'],
  },
  (_handle, _group, list, count) => handler?.onMembers(membersAt(list as bigint, Number(count))),
);

function membersAt(list: bigint, count: number): CpgMember[] {
  if (count === 0) return [];
  const view = new DataView(ffi.toArrayBuffer(list, count * ADDRESS_BYTES, true));
  return Array.from({ length: count }, (_, index) => {
    const at = index * ADDRESS_BYTES;
    return { node: view.getUint32(at, true), pid: view.getUint32(at + 4, true) };
  });
}

/** @returns a handle, or the negated result. Source: cpg_initialize(3). */
export function cpgOpen(hear: CpgHandler): bigint | number {
  handler = hear;
  callbacks.view.setBigUint64(0, BigInt(onDeliver), true);
  callbacks.view.setBigUint64(8, BigInt(onChange), true);
  const result = cpg.cpg_initialize(scratch.address, callbacks.address);
  return result === CpgResult.OK ? scratch.view.getBigUint64(0, true) : -result;
}

/** @param group at most 128 bytes; longer ones are cut. Source: cpg_join(3). */
export function cpgJoin(handle: bigint, group: string): number {
  const { written } = new TextEncoder().encodeInto(group, name.bytes.subarray(4));
  name.view.setUint32(0, written, true);
  return cpg.cpg_join(handle, name.address);
}

/** @returns the descriptor to wait for, or the negated result. Source: cpg_fd_get(3). */
export function cpgFd(handle: bigint): number {
  const result = cpg.cpg_fd_get(handle, scratch.address);
  return result === CpgResult.OK ? scratch.view.getInt32(0, true) : -result;
}

/** Asks the daemon, and waits: it answers at once, whatever the network does. */
export function cpgPing(handle: bigint): number {
  return cpg.cpg_local_get(handle, scratch.address);
}

/** @returns this machine's number, after a `cpgPing`. Source: cpg_local_get(3). */
export function cpgPinged(): number {
  return scratch.view.getUint32(0, true);
}

/** Calls back for all that has come. Source: cpg_dispatch(3). */
export function cpgDispatch(handle: bigint): number {
  return cpg.cpg_dispatch(handle, DISPATCH_ALL);
}

/** `TRY_AGAIN`: the daemon is full, or forms a membership. Source: cpg_mcast_joined(3). */
export function cpgSend(handle: bigint, message: Pinned, size: number): number {
  scratch.view.setBigUint64(0, message.address, true);
  scratch.view.setBigUint64(8, BigInt(size), true);
  return cpg.cpg_mcast_joined(handle, TYPE_AGREED, scratch.address, 1);
}

export function cpgClose(handle: bigint): void {
  cpg.cpg_finalize(handle);
}
