/**
 * Netlink's framing: messages, their attributes, and what the kernel answers to a request.
 *
 *     length 4 | type 2 | flags 2 | sequence 4 | port 4 | fixed part | attributes, 4-aligned
 *
 * Nothing is sent here; the sockets are in `src/sys/netlink.ts`. Source: netlink(7), RFC 3549,
 * `include/uapi/linux/netlink.h`.
 *
 * What a newcomer gets wrong: netlink speaks the byte order of the machine, not the network's.
 * Node 26 is built for s390x too, which is big-endian, so the order is asked for once.
 */

/** Whether this machine puts the low byte first. */
export const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export const MESSAGE_HEADER_SIZE = 16;
const ATTRIBUTE_HEADER_SIZE = 4;

/** `NLMSG_...` and the `RTM_...` that are used here (linux/netlink.h, linux/rtnetlink.h). */
export const MessageType = {
  error: 2,
  done: 3,
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newNeighbour: 28,
  getNeighbour: 30,
} as const;

export const MessageFlag = {
  request: 0x1,
  acknowledge: 0x4,
  /** The table changed while it was being told: ask again. */
  dumpInterrupted: 0x10,
  replace: 0x100,
  dump: 0x300,
  create: 0x400,
  /** In an error: the request is not repeated in it. */
  capped: 0x100,
  /** In an error: attributes follow, with the reason as text. */
  acknowledgeAttributes: 0x200,
} as const;

/** `AF_...` as they stand in requests. */
export const AddressFamily = { any: 0, inet: 2, inet6: 10 } as const;

export type Attribute = { readonly type: number; readonly value: Uint8Array };

export type NetlinkMessage = {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Uint8Array;
};

/** @param parts the fixed part of the type, and the attributes behind it */
export function buildMessage(
  header: { readonly type: number; readonly flags: number; readonly sequence: number },
  parts: { readonly fixed: Uint8Array; readonly attributes: readonly Attribute[] },
): Uint8Array {
  const size = parts.attributes.reduce(
    (sum, { value }) => sum + align(ATTRIBUTE_HEADER_SIZE + value.length),
    MESSAGE_HEADER_SIZE + align(parts.fixed.length),
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, size, LITTLE_ENDIAN);
  view.setUint16(4, header.type, LITTLE_ENDIAN);
  view.setUint16(6, header.flags, LITTLE_ENDIAN);
  view.setUint32(8, header.sequence, LITTLE_ENDIAN);
  bytes.set(parts.fixed, MESSAGE_HEADER_SIZE);
  let offset = MESSAGE_HEADER_SIZE + align(parts.fixed.length);
  for (const { type, value } of parts.attributes) {
    view.setUint16(offset, ATTRIBUTE_HEADER_SIZE + value.length, LITTLE_ENDIAN);
    view.setUint16(offset + 2, type, LITTLE_ENDIAN);
    bytes.set(value, offset + ATTRIBUTE_HEADER_SIZE);
    offset += align(ATTRIBUTE_HEADER_SIZE + value.length);
  }
  return bytes;
}

/** @returns the messages of one datagram, or null when it is cut off or otherwise malformed */
export function parseMessages(bytes: Uint8Array): readonly NetlinkMessage[] | null {
  const view = viewOf(bytes);
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < MESSAGE_HEADER_SIZE) return null;
    const size = view.getUint32(offset, LITTLE_ENDIAN);
    if (size < MESSAGE_HEADER_SIZE || size > bytes.length - offset) return null;
    messages.push({
      type: view.getUint16(offset + 4, LITTLE_ENDIAN),
      flags: view.getUint16(offset + 6, LITTLE_ENDIAN),
      sequence: view.getUint32(offset + 8, LITTLE_ENDIAN),
      body: bytes.subarray(offset + MESSAGE_HEADER_SIZE, offset + size),
    });
    offset += align(size);
  }
  return messages;
}

/** The two high bits say how a value is made, and are not part of its type (NLA_TYPE_MASK). */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

/** @returns values by type, the last of equal ones; null when the bytes are malformed */
export function parseAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | null {
  const view = viewOf(bytes);
  const values = new Map<number, Uint8Array>();
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < ATTRIBUTE_HEADER_SIZE) return null;
    const size = view.getUint16(offset, LITTLE_ENDIAN);
    if (size < ATTRIBUTE_HEADER_SIZE || size > bytes.length - offset) return null;
    const type = view.getUint16(offset + 2, LITTLE_ENDIAN) & ATTRIBUTE_TYPE_MASK;
    values.set(type, bytes.subarray(offset + ATTRIBUTE_HEADER_SIZE, offset + size));
    offset += align(size);
  }
  return values;
}

export type Answer = {
  /** 0: done as asked; else a positive errno. */
  readonly errno: number;
  /** What the kernel says of it in words, often nothing (NETLINK_EXT_ACK, Linux 4.12). */
  readonly text: string;
};

const NLMSGERR_ATTR_MSG = 1;

/** @returns what an acknowledgement, an error or the end of a dump says; null for other messages */
export function parseAnswer(message: NetlinkMessage): Answer | null {
  const { type, flags, body } = message;
  if ((type !== MessageType.error && type !== MessageType.done) || body.length < 4) return null;
  const view = viewOf(body);
  const errno = Math.abs(view.getInt32(0, LITTLE_ENDIAN));
  const hasText = type === MessageType.error && (flags & MessageFlag.acknowledgeAttributes) !== 0;
  if (!hasText || body.length < 4 + MESSAGE_HEADER_SIZE) return { errno, text: '' };
  // The request's header follows, and all of the request unless it is capped.
  const isCapped = (flags & MessageFlag.capped) !== 0;
  const echoed = isCapped ? MESSAGE_HEADER_SIZE : align(view.getUint32(4, LITTLE_ENDIAN));
  const value = parseAttributes(body.subarray(4 + echoed))?.get(NLMSGERR_ATTR_MSG);
  return { errno, text: value === undefined ? '' : textOf(value) };
}

/** A string attribute, whose final zero is no part of the text. */
export function textOf(value: Uint8Array): string {
  const end = value.indexOf(0);
  return String.fromCharCode(...value.subarray(0, end === -1 ? value.length : end));
}

/** A string attribute from ASCII text: names of interfaces, labels. */
export function zeroTerminated(text: string): Uint8Array {
  return Uint8Array.from([...text].map((letter) => letter.charCodeAt(0)).concat(0));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function align(size: number): number {
  return (size + 3) & ~3;
}
