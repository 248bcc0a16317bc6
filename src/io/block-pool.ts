/**
 * Memory for bytes that cannot be passed on at once: the unsent and the unread.
 *
 * Back-pressure is the exception, but where it happens it happens thousands of times a second, so
 * blocks are used again. Their addresses are known, so sending from one costs no more than from
 * the receive buffer.
 */
import { type Pinned, pin } from '../sys/libc.ts';

/** One block. Four of them make the largest read, one nearly every rest of one. */
export const BLOCK_BYTES = 32_768;

/** Idle blocks kept for use: 8 MB for each worker; more is given back to the allocator. */
const BLOCKS_IDLE_MAX = 256;

/** Bytes [start, end) of `pinned` are in use. */
export type Block = { readonly pinned: Pinned; start: number; end: number };

export class BlockPool {
  readonly #idle: Block[] = [];

  /** A block holding a copy of bytes [start, end). Larger than usual ones are made to measure. */
  copy(bytes: Uint8Array, start: number, end: number): Block {
    const size = end - start;
    const block = size > BLOCK_BYTES ? fresh(size) : (this.#idle.pop() ?? fresh(BLOCK_BYTES));
    block.pinned.bytes.set(bytes.subarray(start, end));
    block.start = 0;
    block.end = size;
    return block;
  }

  /** Takes a block back. The giver must not touch it again. */
  give(block: Block): void {
    if (block.pinned.bytes.length !== BLOCK_BYTES) return;
    if (this.#idle.length < BLOCKS_IDLE_MAX) this.#idle.push(block);
  }
}

function fresh(size: number): Block {
  return { pinned: pin(size), start: 0, end: 0 };
}
