/**
 * IP literals to octets and back. Only literals: nothing here or above asks a name server.
 *
 * What a newcomer gets wrong: "010.0.0.1" is refused, because half of the world reads it as octal
 * (RFC 6943 3.1.1) and an access rule must mean one thing.
 */

/** @returns the 4 or 16 octets of an IP literal without zone, or null when it is not one. */
export function ipOctets(text: string): Uint8Array | null {
  return text.includes(':') ? ipv6Octets(text) : ipv4Octets(text);
}

function ipv4Octets(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const octets = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!;
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    octets[i] = Number(part);
  }
  return octets;
}

/** RFC 4291 2.2: eight groups, one `::`, the last 32 bits possibly dotted. */
function ipv6Octets(text: string): Uint8Array | null {
  const lastColon = text.lastIndexOf(':');
  let groupsText = text;
  let tail: Uint8Array | null = null;
  if (text.includes('.')) {
    tail = ipv4Octets(text.slice(lastColon + 1));
    if (tail === null) return null;
    groupsText = text.slice(0, lastColon + 1).replace(/([^:]):$/, '$1');
  }
  const halves = groupsText.split('::');
  if (halves.length > 2) return null;
  const [head = '', rest] = halves;
  const before = head === '' ? [] : head.split(':');
  const after = rest === undefined || rest === '' ? [] : rest.split(':');
  const groups = [...before, ...after];
  const groupsMax = tail === null ? 8 : 6;
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  if (rest === undefined ? groups.length !== groupsMax : groups.length >= groupsMax) return null;

  const octets = new Uint8Array(16);
  const put = (group: string, index: number): void => {
    octets[index * 2] = Number.parseInt(group, 16) >> 8;
    octets[index * 2 + 1] = Number.parseInt(group, 16) & 255;
  };
  before.forEach(put);
  after.forEach((group, index) => {
    put(group, groupsMax - after.length + index);
  });
  if (tail !== null) octets.set(tail, 12);
  return octets;
}

/** The text of an address, IPv6 as RFC 5952 wants it; an IPv4-mapped one as plain IPv4. */
export function ipText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const mapped = octets.subarray(0, 10).every((octet) => octet === 0);
  if (mapped && octets[10] === 255 && octets[11] === 255) return octets.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (octets[i * 2]! << 8) | octets[i * 2 + 1]!);
  const { start, length } = longestZeros(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (length < 2) return hex(0, 8);
  return `${hex(0, start)}::${hex(start + length, 8)}`;
}

/** RFC 5952 4.2: the longest run of zero groups is shortened, the first of equal ones. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** Whether the address, as octets, lies in the network. Families never match each other. */
export function networkContains(
  network: { readonly address: string; readonly prefixLength: number },
  octets: Uint8Array,
): boolean {
  const own = ipOctets(network.address);
  if (own === null || own.length !== octets.length) return false;
  let bits = network.prefixLength;
  for (let i = 0; i < own.length && bits > 0; i++, bits -= 8) {
    const mask = bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
    if ((own[i]! & mask) !== (octets[i]! & mask)) return false;
  }
  return true;
}
