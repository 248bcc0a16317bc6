/**
 * What `wackatrl` is told of the pool, byte for byte as the original tells it.
 *
 *     length, 4 bytes │ for each group: claim, 4 bytes │ 32 × record
 *     record: interface 16 │ address 4 │ broadcast 4 │ netmask 4      the first: the owner
 *
 * What a newcomer gets wrong: of the first record only the address counts; all zero is "not
 * acquired". Here integers are in network order always. What is not IPv4 it has no room for.
 */
import type { VirtualAddress } from '../address/pool.ts';
import { ipOctets } from '../util/ip.ts';

export type ControlGroup = {
  /** A number of `Priority`. */
  readonly claim: number;
  /** Its own address; null: nobody. */
  readonly owner: string | null;
  readonly addresses: readonly VirtualAddress[];
};

const RECORD_BYTES = 28;
const NAME_BYTES = 16;
/** One for the owner; the original has room for 31 addresses that move together. */
const RECORDS = 32;
const GROUP_BYTES = 4 + RECORDS * RECORD_BYTES;

export function encodeControlState(groups: readonly ControlGroup[]): Uint8Array {
  const known = groups.filter(({ addresses }) => isIpv4(addresses[0]));
  const bytes = new Uint8Array(4 + known.length * GROUP_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4);
  known.forEach(({ claim, owner, addresses }, index) => {
    const at = 4 + index * GROUP_BYTES;
    view.setInt32(at, claim);
    if (owner !== null) bytes.set(ipOctets(owner) ?? [], at + 4 + NAME_BYTES);
    addresses
      .filter(isIpv4)
      .slice(0, RECORDS - 1)
      .forEach((address, number) => {
        bytes.set(record(address), at + 4 + (number + 1) * RECORD_BYTES);
      });
  });
  return bytes;
}

function record({ interface: name, address, prefixLength }: VirtualAddress): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES);
  // With a zero at the end, as the original's own.
  bytes.set(new TextEncoder().encode(name).subarray(0, NAME_BYTES - 1));
  const octets = ipOctets(address)!;
  for (let index = 0; index < 4; index++) {
    const bits = Math.min(8, Math.max(0, prefixLength - 8 * index));
    const mask = (0xff << (8 - bits)) & 0xff;
    bytes[NAME_BYTES + index] = octets[index]!;
    bytes[NAME_BYTES + 4 + index] = octets[index]! | (~mask & 0xff);
    bytes[NAME_BYTES + 8 + index] = mask;
  }
  return bytes;
}

function isIpv4(address: VirtualAddress | undefined): boolean {
  return address !== undefined && ipOctets(address.address)?.length === 4;
}
