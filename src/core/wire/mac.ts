/** Hardware addresses of Ethernet, `02:00:00:00:00:01`, to octets and back. */

export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';

/** @returns null when the text is not one in the form above; either case is read */
export function macOctets(text: string): Uint8Array | null {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return null;
  return Uint8Array.from(text.split(':').map((part) => Number.parseInt(part, 16)));
}

export function macText(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** Where an IPv6 multicast goes on Ethernet: 33:33 and its last 32 bits (RFC 2464 7). */
export function multicastMac(address: Uint8Array): string {
  return `33:33:${macText(address.subarray(12))}`;
}
