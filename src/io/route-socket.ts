/**
 * One conversation with the kernel's routing tables: a request, and its answer at once.
 *
 * What a newcomer gets wrong: nothing here waits. The kernel works while `send` runs, and its
 * answer can be read when that returns; 0.04 to 0.24 ms for an address (2 cores, 2026-11-22). Only
 * the routing lock can make it longer, when somebody else changes a slow device.
 */
import {
  MessageFlag,
  MessageType,
  type NetlinkMessage,
  parseAnswer,
  parseMessages,
} from '../core/wire/netlink.ts';
import { Errno, pin } from '../sys/libc.ts';
import { bindNetlink, NetlinkOption, netlinkSocket, setNetlinkOption } from '../sys/netlink.ts';
import { close, recv, sendBytes } from '../sys/socket.ts';
import type { PortError } from './address-port.ts';
import { portError } from './port-error.ts';

/** The kernel fills at most 32 KB per message of a dump (af_netlink.c, `netlink_recvmsg`). */
const RECEIVE_BYTES = 65_536;

/** A dump is repeated when the table changes under it. */
const DUMP_ATTEMPTS = 3;

export type Refusal = { readonly errno: number; readonly text: string };

export class RouteSocket {
  /** -1 once it is closed: its number may be another file's by then. */
  #fd: number;
  readonly #buffer = pin(RECEIVE_BYTES);
  #sequence = 0;

  static open(): RouteSocket | PortError {
    const fd = netlinkSocket();
    if (fd < 0) return portError(fd, 'open a netlink socket');
    const bound = bindNetlink(fd, 0);
    if (bound < 0) {
      close(fd);
      return portError(bound, 'bind a netlink socket');
    }
    // Kernels without these still answer, with less text.
    setNetlinkOption(fd, NetlinkOption.capAcknowledge, 1);
    setNetlinkOption(fd, NetlinkOption.extendedAcknowledge, 1);
    return new RouteSocket(fd);
  }

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** @param build makes the request with the number it is told. @returns null when it is done */
  request(build: (sequence: number) => Uint8Array): Refusal | null {
    const sequence = this.#send(build);
    if (sequence < 0) return { errno: -sequence, text: '' };
    for (;;) {
      const messages = this.#receive();
      if (!Array.isArray(messages)) return messages;
      for (const message of messages) {
        const answer = message.sequence === sequence ? parseAnswer(message) : null;
        if (answer !== null) return answer.errno === 0 ? null : answer;
      }
    }
  }

  /** @returns everything in the table, or why it could not be read */
  dump(build: (sequence: number) => Uint8Array): readonly NetlinkMessage[] | Refusal {
    for (let attempt = 1; ; attempt++) {
      const { messages, refusal, isInterrupted } = this.#dumpOnce(build);
      if (refusal !== null) return refusal;
      if (!isInterrupted || attempt === DUMP_ATTEMPTS) return messages;
    }
  }

  close(): void {
    if (this.#fd >= 0) close(this.#fd);
    this.#fd = -1;
  }

  #dumpOnce(build: (sequence: number) => Uint8Array) {
    const messages: NetlinkMessage[] = [];
    let isInterrupted = false;
    const sequence = this.#send(build);
    if (sequence < 0) {
      return { messages, isInterrupted, refusal: { errno: -sequence, text: '' } };
    }
    for (;;) {
      const received = this.#receive();
      if (!Array.isArray(received)) return { messages, isInterrupted, refusal: received };
      for (const message of received) {
        if (message.sequence !== sequence) continue;
        isInterrupted ||= (message.flags & MessageFlag.dumpInterrupted) !== 0;
        const answer = parseAnswer(message);
        if (answer === null) messages.push(message);
        else if (message.type === MessageType.done || answer.errno !== 0) {
          return { messages, isInterrupted, refusal: answer.errno === 0 ? null : answer };
        }
      }
    }
  }

  /** @returns the number of the request, or a negated errno */
  #send(build: (sequence: number) => Uint8Array): number {
    // Below 2^31, so that it is never taken for an errno; 0 is what unasked messages carry.
    this.#sequence = (this.#sequence % 0x7fff_ffff) + 1;
    const status = sendBytes(this.#fd, build(this.#sequence));
    return status < 0 ? status : this.#sequence;
  }

  /** One datagram. Its memory is not ours to keep: the next one overwrites it, so it is copied. */
  #receive(): NetlinkMessage[] | Refusal {
    const size = recv(this.#fd, this.#buffer.address, RECEIVE_BYTES);
    if (size < 0) return { errno: -size, text: '' };
    const messages = parseMessages(this.#buffer.bytes.slice(0, size));
    return messages === null ? { errno: Errno.EINVAL, text: 'malformed answer' } : [...messages];
  }
}
