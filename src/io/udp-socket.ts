/**
 * One UDP socket: heard by whoever waits for its descriptor, sending to many with one call.
 *
 *     DescriptorLoop ── readable ──► read() ──► onDatagram(bytes, from) for each that has come
 *     send(bytes, targets) ──► one system call for all targets
 *
 * For a thread that must not wait for others: nothing here makes a Buffer, whose prototype is set
 * under a lock that V8's compiling threads hold, too; and what is allocated for a datagram is one
 * view of it. `node:dgram` took half of the ring's processor time (docs/decisions/0010).
 *
 * What a newcomer gets wrong: nothing queues here. What the kernel does not take is said and lost,
 * as it may be on the way. And what is sent to a neighbour that does not answer is kept by the
 * kernel until it gives up, and counts against the send buffer (`sendBufferBytes`).
 */
import { networkInterfaces } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { ipOctets, ipText } from '../core/util/ip.ts';
import {
  datagramSocket,
  Inbox,
  joinGroup,
  joinGroup6,
  Letter,
  Outbox,
  receiveMany,
  sendGroupsFrom,
  sendMany,
} from '../sys/datagram.ts';
import { interfaceIndex, interfaceName } from '../sys/interface-names.ts';
import { Errno } from '../sys/libc.ts';
import {
  bind,
  close,
  Family,
  localPort,
  type SockAddr,
  SocketOption,
  setOption,
  sockAddrInet,
  sockAddrInet6,
} from '../sys/socket.ts';

export type UdpOptions = {
  /** With `udp6` IPv4 is heard and reached as well. */
  readonly family: 'udp4' | 'udp6';
  /** Own address to listen on; null: all of them. */
  readonly host: string | null;
  /** 0: any that is free. */
  readonly port: number;
  /** What is longer is heard cut off; so nobody can keep us busy with long ones. */
  readonly datagramBytesMax?: number;
};

export type UdpHandler = {
  /**
   * `bytes` are the handler's until it returns.
   *
   * @param from who sent it: `10.0.0.2 4803`, `fe80::1%eth0 4803`
   */
  readonly onDatagram: (bytes: Uint8Array, from: string) => void;
  /** `ENETUNREACH to 10.0.0.2`; it goes on with the others. */
  readonly onProblem: (problem: string) => void;
};

type UdpParts = {
  readonly family: UdpOptions['family'];
  readonly inbox: Inbox;
  readonly handler: UdpHandler;
};

/** Where to send, made ready. */
export type UdpTargets = { readonly hosts: readonly string[]; readonly outbox: Outbox };

/** The largest that UDP over IPv4 can carry is shorter. */
const DATAGRAM_BYTES_MAX = 65_536;

/** Taken per call: about as many as come at a time. */
const SLOTS = 8;

/** Addresses whose text, or whose bytes, are kept: for a cluster, not for whoever knocks. */
const KNOWN_MAX = 1_024;

const V4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];
const ANY = new Uint8Array(4);

export class UdpSocket {
  /** Of which family it is, whatever addresses it is given. */
  readonly #family: UdpOptions['family'];
  readonly #handler: UdpHandler;
  readonly #inbox: Inbox;
  readonly #letter = new Letter(DATAGRAM_BYTES_MAX);
  readonly #senders = new Senders();
  readonly #single = new Map<string, UdpTargets>();
  /** -1 once it is closed: its number may be another file's by then. */
  #fd: number;

  /** @returns a socket that listens, or why there is none: `EADDRINUSE` */
  static open(options: UdpOptions, handler: UdpHandler): UdpSocket | { readonly error: string } {
    const { family, host, port, datagramBytesMax = DATAGRAM_BYTES_MAX } = options;
    const address = addressOf(family, host ?? (family === 'udp6' ? '::' : '0.0.0.0'), port);
    if (address === null) return { error: 'EADDRNOTAVAIL' };
    const fd = datagramSocket(address.family);
    if (fd < 0) return { error: nameOf(fd) };
    if (family === 'udp6') setOption(fd, SocketOption.v6Only, 0);
    const bound = bind(fd, address);
    const inbox = new Inbox(SLOTS, datagramBytesMax);
    if (bound >= 0) return new UdpSocket(fd, { family, inbox, handler });
    close(fd);
    return { error: nameOf(bound) };
  }

  private constructor(fd: number, { family, inbox, handler }: UdpParts) {
    this.#fd = fd;
    this.#family = family;
    this.#inbox = inbox;
    this.#handler = handler;
    setOption(fd, SocketOption.broadcast, 1);
  }

  /** To be watched, never to be closed. */
  get fd(): number {
    return this.#fd;
  }

  get port(): number {
    return localPort(this.#fd);
  }

  /** Bytes that may wait to be read; the kernel grants `net.core.rmem_max` at most. */
  set receiveBufferBytes(bytes: number) {
    setOption(this.#fd, SocketOption.receiveBuffer, bytes);
  }

  /**
   * Bytes that may wait to be sent. A neighbour that does not answer holds up to 212,992 of them
   * (`unres_qlen_bytes`, arp(7)), which is all that a socket has by itself: a few of them, and
   * nothing is sent to those who live either.
   */
  set sendBufferBytes(bytes: number) {
    if (setOption(this.#fd, SocketOption.sendBufferForce, bytes) < 0) {
      setOption(this.#fd, SocketOption.sendBuffer, bytes);
    }
  }

  /**
   * Hears the group, and sends to groups from the same interface; of several, from the last one.
   *
   * @param interfaces their names; none: as the system chooses
   */
  join(group: string, ttl: number, interfaces: readonly string[]): void {
    const octets = ipOctets(group);
    if (octets === null) {
      this.#handler.onProblem(`EINVAL ${group}`);
      return;
    }
    const isV6 = octets.length === 16;
    this.#set(isV6 ? SocketOption.multicastHops : SocketOption.multicastTtl, ttl);
    const join = isV6 ? this.#join6 : this.#join4;
    for (const name of interfaces.length === 0 ? [null] : interfaces) join(octets, group, name);
  }

  /** What is no address of the socket's family is left out, and is a problem. */
  targets(hosts: readonly string[], port: number): UdpTargets {
    const usable: string[] = [];
    const addresses: SockAddr[] = [];
    for (const host of hosts) {
      const address = addressOf(this.#family, host, port);
      if (address === null) this.#handler.onProblem(`EINVAL to ${host}`);
      else {
        usable.push(host);
        addresses.push(address);
      }
    }
    return { hosts: usable, outbox: new Outbox(addresses, this.#letter) };
  }

  send(bytes: Uint8Array, { hosts, outbox }: UdpTargets): void {
    if (this.#fd < 0) return;
    if (!this.#letter.write(bytes)) {
      this.#handler.onProblem('EMSGSIZE');
      return;
    }
    for (let from = 0; from < outbox.count; ) {
      const sent = sendMany(this.#fd, outbox, from);
      if (sent > 0) from += sent;
      else this.#handler.onProblem(`${nameOf(sent)} to ${hosts[from++]}`);
    }
  }

  /** To one, who need not be known before. */
  sendTo(bytes: Uint8Array, host: string, port: number): void {
    const key = `${host} ${port}`;
    let targets = this.#single.get(key);
    if (targets === undefined) {
      targets = this.targets([host], port);
      if (this.#single.size >= KNOWN_MAX) this.#single.clear();
      // An interface may come back under another index.
      if (!host.includes('%')) this.#single.set(key, targets);
    }
    this.send(bytes, targets);
  }

  /** Hands over what has come. @returns whether there may be more */
  read(): boolean {
    const inbox = this.#inbox;
    const count = receiveMany(this.#fd, inbox);
    if (count < 0) {
      if (count === -Errno.EAGAIN || count === -Errno.EBADF) return false;
      this.#handler.onProblem(nameOf(count));
      return true;
    }
    // The handler may close it.
    for (let i = 0; i < count && this.#fd >= 0; i++) {
      const from = this.#senders.textOf(inbox.names, inbox.nameOffset(i));
      this.#handler.onDatagram(inbox.datagram(i), from);
    }
    return count === inbox.slots;
  }

  /** Idempotent. */
  close(): void {
    if (this.#fd >= 0) close(this.#fd);
    this.#fd = -1;
  }

  readonly #join4 = (group: Uint8Array, text: string, name: string | null): void => {
    const address = name === null ? undefined : ownIpv4(name)?.address;
    const own = address === undefined ? ANY : ipOctets(address)!;
    this.#check(joinGroup(this.#fd, group, own), text);
    if (address !== undefined) this.#check(sendGroupsFrom(this.#fd, own), text);
  };

  readonly #join6 = (group: Uint8Array, text: string, name: string | null): void => {
    const index = name === null ? 0 : interfaceIndex(name);
    if (index === null) {
      this.#handler.onProblem(`ENODEV ${name}`);
      return;
    }
    this.#check(joinGroup6(this.#fd, group, index), text);
    if (index > 0) this.#set(SocketOption.multicastInterface6, index);
  };

  #set(option: SocketOption, value: number): void {
    this.#check(setOption(this.#fd, option, value), `option ${option.join(' ')}`);
  }

  #check(status: number, of: string): void {
    if (status < 0) this.#handler.onProblem(`${nameOf(status)} ${of}`);
  }
}

type Known = { readonly words: readonly number[]; readonly text: string };

/** Who sent it, as text, made once for each sender. */
class Senders {
  readonly #known = new Map<number, Known>();

  /** @param at where a `sockaddr_in` or `sockaddr_in6` begins */
  textOf(view: DataView, at: number): string {
    const isV4 = view.getUint16(at, true) === Family.inet;
    // Port and address; what else is in an IPv6 one but its scope is not of the sender.
    const first = view.getUint32(at, true);
    const last = isV4 ? view.getUint32(at + 4, true) : hashOf(view, at);
    const key = (last ^ Math.imul(first, 0x9e3779b1)) >>> 0;
    const known = this.#known.get(key);
    if (known !== undefined && isSame(known.words, view, at, isV4)) return known.text;
    const text = endpointText(view, at, isV4);
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(key, { words: wordsOf(view, at, isV4), text });
    return text;
  }
}

/** Where the words of a `sockaddr_in6` are that tell senders apart; of a `sockaddr_in` two. */
const WORDS_V4 = [0, 4];
const WORDS_V6 = [0, 8, 12, 16, 20, 24];

function wordsOf(view: DataView, at: number, isV4: boolean): number[] {
  return (isV4 ? WORDS_V4 : WORDS_V6).map((offset) => view.getUint32(at + offset, true));
}

function isSame(words: readonly number[], view: DataView, at: number, isV4: boolean): boolean {
  const offsets = isV4 ? WORDS_V4 : WORDS_V6;
  for (let i = 0; i < offsets.length; i++) {
    if (words[i] !== view.getUint32(at + offsets[i]!, true)) return false;
  }
  return words.length === offsets.length;
}

function hashOf(view: DataView, at: number): number {
  let hash = 0;
  for (const offset of WORDS_V6) {
    hash = Math.imul(hash ^ view.getUint32(at + offset, true), 0x01000193);
  }
  return hash;
}

function endpointText(view: DataView, at: number, isV4: boolean): string {
  const port = view.getUint16(at + 2, false);
  const octets = new Uint8Array(view.buffer, view.byteOffset + at + (isV4 ? 4 : 8), isV4 ? 4 : 16);
  const scope = isV4 ? 0 : view.getUint32(at + 24, true);
  const zone = scope === 0 ? '' : `%${interfaceName(scope) ?? scope}`;
  return `${ipText(octets)}${zone} ${port}`;
}

/** Of the socket's family: IPv4 is reached by an IPv6 socket under a mapped address. */
function addressOf(family: UdpOptions['family'], text: string, port: number): SockAddr | null {
  const [host = '', zone] = text.split('%');
  const octets = ipOctets(host);
  if (octets === null) return null;
  if (octets.length === 4) {
    if (family === 'udp4') return sockAddrInet(octets, port);
    return sockAddrInet6([...V4_MAPPED, ...octets], port, 0);
  }
  if (family === 'udp4') return null;
  const scope = zone === undefined ? 0 : (interfaceIndex(zone) ?? Number(zone));
  return Number.isInteger(scope) ? sockAddrInet6(octets, port, scope) : null;
}

export type OwnAddress = { readonly address: string; readonly netmask: string };

/** The interface's first address. A virtual one of ours is listed under its label, `eth0:fh`. */
export function ownIpv4(name: string): OwnAddress | null {
  return networkInterfaces()[name]?.find(({ family }) => family === 'IPv4') ?? null;
}

function nameOf(status: number): string {
  return getSystemErrorName(status);
}
