/** Packets as a person writes them down, and damage done to them at random but repeatably. */

/** @param text hexadecimal digits; white space and anything between parentheses is left out */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\([^)]*\)/g, '').replace(/\s/g, '');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** `count` variations of each packet: octets changed, cut off, put behind. Always the same ones. */
export function* damaged(packets: readonly Uint8Array[], count: number): Generator<Uint8Array> {
  const random = mulberry32(1);
  for (const packet of packets) {
    for (let i = 0; i < count; i++) {
      const size = random() < 0.3 ? Math.floor(random() * (packet.length + 8)) : packet.length;
      const bytes = new Uint8Array(size);
      bytes.set(packet.subarray(0, size));
      for (let changes = Math.floor(random() * 4); changes > 0 && size > 0; changes--) {
        // Small and extreme values are the ones that lengths go wrong with.
        const value = random() < 0.5 ? Math.floor(random() * 9) : Math.floor(random() * 256);
        bytes[Math.floor(random() * size)] = random() < 0.2 ? 255 : value;
      }
      yield bytes;
    }
  }
}

/** Tommy Ettinger's generator: 32 bits of state are enough here. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
