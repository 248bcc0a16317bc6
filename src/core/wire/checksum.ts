/** The Internet checksum (RFC 1071): of IPv4 headers, and of ICMP. */

/** @returns the 16 bits to put in; 0 when the parts hold a right one already */
export function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | (part[i + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** What ICMPv6 is summed with, as if it stood in front of it (RFC 8200 8.1). */
export function pseudoHeader(parts: {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly size: number;
  readonly nextHeader: number;
}): Uint8Array {
  const bytes = new Uint8Array(40);
  bytes.set(parts.source, 0);
  bytes.set(parts.destination, 16);
  new DataView(bytes.buffer).setUint32(32, parts.size);
  bytes[39] = parts.nextHeader;
  return bytes;
}
