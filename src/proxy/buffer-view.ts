/**
 * Bytes as a `Buffer`, whose `copy` and `latin1Slice` take offsets: with a plain `Uint8Array` every
 * copy of a part makes a view of that part first.
 *
 * What a newcomer gets wrong: it pays only for whoever asks for the same memory again and again,
 * which is the receive buffer.
 */
export class BufferView {
  #memory: Uint8Array | null = null;
  #buffer: Buffer = Buffer.alloc(0);

  of(memory: Uint8Array): Buffer {
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#buffer = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
    }
    return this.#buffer;
  }
}
