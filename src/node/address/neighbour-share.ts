/**
 * The shared ARP cache: every member tells the others whom it has spoken to, so that whoever takes
 * an address over can tell those of whom only the former holder knew (Wackamole's `arp-cache`).
 *
 *     count × ( IPv4 address 4 bytes, hardware address 6 bytes )
 *
 * What a newcomer gets wrong: entries are never proof of anything. They only say whom else to tell.
 */
export type Neighbour = { readonly address: string; readonly mac: string };

/** A busy machine in a /22 knows this many; the rest is reached by broadcast all the same. */
export const NEIGHBOURS_MAX = 1_024;

const ENTRY_BYTES = 10;

export function encodeNeighbours(neighbours: readonly Neighbour[]): Uint8Array {
  const usable = neighbours.filter(isUsable).slice(0, NEIGHBOURS_MAX);
  return Uint8Array.from(
    usable.flatMap(({ address, mac }) => [
      ...address.split('.').map(Number),
      ...mac.split(':').map((part) => Number.parseInt(part, 16)),
    ]),
  );
}

/** @returns null for what no member of ours sends */
export function decodeNeighbours(bytes: Uint8Array): Neighbour[] | null {
  if (bytes.length % ENTRY_BYTES !== 0 || bytes.length > ENTRY_BYTES * NEIGHBOURS_MAX) return null;
  const neighbours: Neighbour[] = [];
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    const mac = [...bytes.subarray(at + 4, at + ENTRY_BYTES)];
    neighbours.push({
      address: bytes.subarray(at, at + 4).join('.'),
      mac: mac.map((octet) => octet.toString(16).padStart(2, '0')).join(':'),
    });
  }
  return neighbours;
}

/** Of IPv4, and with a hardware address that is one machine's. */
function isUsable({ address, mac }: Neighbour): boolean {
  return (
    /^\d+\.\d+\.\d+\.\d+$/.test(address) &&
    /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) &&
    mac !== '00:00:00:00:00:00' &&
    (Number.parseInt(mac, 16) & 1) === 0
  );
}

/** What all members together know. Replaced by what was heard last; bounded, oldest out first. */
export class SharedNeighbours {
  readonly #macs = new Map<string, string>();

  add(neighbours: readonly Neighbour[]): void {
    for (const { address, mac } of neighbours) {
      this.#macs.delete(address);
      this.#macs.set(address, mac);
    }
    for (const address of this.#macs.keys()) {
      if (this.#macs.size <= NEIGHBOURS_MAX) break;
      this.#macs.delete(address);
    }
  }

  macOf(address: string): string | null {
    return this.#macs.get(address) ?? null;
  }

  *[Symbol.iterator](): Generator<Neighbour> {
    for (const [address, mac] of this.#macs) yield { address, mac };
  }
}
