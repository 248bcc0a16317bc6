/**
 * How a session begins, both sides of it.
 *
 *     client                                   daemon
 *       version, flags, name  ───────────────►
 *                             ◄───────────────  which ways of authentication there are
 *       up to three of them   ───────────────►
 *                             ◄───────────────  accepted, its version, our private name
 *
 * Instead of either answer the daemon may send one byte, a code below 0, and close.
 *
 * What a newcomer gets wrong: the C daemon reads each thing the client says with a single call, and
 * takes what has not come yet for an error. So each is one array here, to be written at once; what
 * is read here may come in any pieces.
 */
import type { ByteQueue } from './byte-queue.ts';
import { CODE, NAME_BYTES, USER_LENGTH_MAX } from './constants.ts';
import { isLegalUser } from './names.ts';

export type Version = readonly [major: number, minor: number, patch: number];

export type Hello = {
  readonly version: Version;
  /** Wants to hear who is in its groups. */
  readonly membership: boolean;
  /** 0 or 1, and without meaning since before version 4. */
  readonly priority: number;
  /** Empty: the daemon is to make one up. */
  readonly user: string;
};

export type Welcome = { readonly version: Version; readonly privateName: string };

/** Below 0, and the session is over. */
export type Refusal = { readonly code: number };

/** `null`: more bytes are needed. */
export type Reading<T> = T | Refusal | null;

/** No two ways of authentication have more bytes than this together with their spaces. */
const METHODS_BYTES_MAX = 0x7f;
const METHOD_BYTES = 30;
const METHODS_CHOSEN_MAX = 3;
export const CHOICE_BYTES = METHOD_BYTES * METHODS_CHOSEN_MAX;

export function isRefusal(reading: object | readonly string[] | null): reading is Refusal {
  return reading !== null && 'code' in reading;
}

export function encodeHello({ version, membership, priority, user }: Hello): Uint8Array {
  const [major, minor, patch] = version;
  const head = sendsPatch(major, minor) ? [major, minor, patch] : [major, minor];
  return Uint8Array.of(
    ...head,
    (membership ? 1 : 0) | (priority << 4),
    user.length,
    ...latin1(user),
  );
}

/** Nothing is taken until all of it is there. */
export function readHello(queue: ByteQueue): Reading<Hello> {
  const first = queue.peek(2);
  if (first === null) return null;
  const [major, minor] = [first[0]!, first[1]!];
  if (isBefore([major, minor, 0], [3, 1, 0])) return { code: CODE.version };
  const versionBytes = sendsPatch(major, minor) ? 3 : 2;
  const head = queue.peek(versionBytes + 2);
  if (head === null) return null;
  const length = head[versionBytes + 1]!;
  if (length > USER_LENGTH_MAX) return { code: CODE.illegalName };
  const whole = queue.take(head.length + length);
  if (whole === null) return null;
  const user = String.fromCharCode(...whole.subarray(head.length));
  if (length > 0 && !isLegalUser(user)) return { code: CODE.illegalName };
  const flags = whole[versionBytes]!;
  return {
    version: [major, minor, versionBytes === 3 ? whole[2]! : 0],
    membership: (flags & 0x0f) !== 0,
    priority: flags >> 4,
    user,
  };
}

/** Before 3.16 nobody was asked. */
export function choosesMethods(version: Version): boolean {
  return !isBefore(version, [3, 16, 0]);
}

export function encodeMethods(methods: readonly string[]): Uint8Array {
  const text = methods.map((method) => `${method} `).join('');
  return Uint8Array.of(Math.min(text.length, METHODS_BYTES_MAX), ...latin1(text));
}

export function readMethods(queue: ByteQueue): Reading<readonly string[]> {
  const head = queue.peek(1);
  if (head === null) return null;
  if (head[0]! > METHODS_BYTES_MAX) return { code: signed(head[0]!) };
  const whole = queue.take(1 + head[0]!);
  if (whole === null) return null;
  return String.fromCharCode(...whole.subarray(1))
    .split(' ')
    .filter((method) => method !== '');
}

export function encodeChoice(methods: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(CHOICE_BYTES);
  methods.forEach((method, index) => {
    bytes.set(latin1(method), index * METHOD_BYTES);
  });
  return bytes;
}

/** @param allowed every one chosen must be among them */
export function readChoice(
  queue: ByteQueue,
  allowed: readonly string[],
): Reading<readonly string[]> {
  const whole = queue.take(CHOICE_BYTES);
  if (whole === null) return null;
  const chosen: string[] = [];
  for (let at = 0; at < CHOICE_BYTES; at += METHOD_BYTES) {
    const slot = whole.subarray(at, at + METHOD_BYTES);
    const end = slot.indexOf(0);
    const method = end === 0 ? null : String.fromCharCode(...slot.subarray(0, end));
    if (method === null) continue;
    if (end === -1 || !allowed.includes(method)) return { code: CODE.auth };
    chosen.push(method);
  }
  return chosen;
}

export function encodeWelcome({ version, privateName }: Welcome): Uint8Array {
  return Uint8Array.of(CODE.accepted, ...version, privateName.length, ...latin1(privateName));
}

export function readWelcome(queue: ByteQueue): Reading<Welcome> {
  const verdict = queue.peek(1);
  if (verdict === null) return null;
  if (verdict[0] !== CODE.accepted) {
    // A code that says nothing is no reason to go on.
    return { code: Math.min(signed(verdict[0]!), -1) };
  }
  const head = queue.peek(5);
  if (head === null) return null;
  const [, major, minor, patch, length] = head as unknown as [number, ...Version, number];
  if (length === 0 || length >= NAME_BYTES) return { code: CODE.illegalName };
  const whole = queue.take(5 + length);
  if (whole === null) return null;
  const privateName = String.fromCharCode(...whole.subarray(5));
  return { version: [major, minor, patch], privateName };
}

/** One byte, instead of an answer. */
export function encodeRefusal(code: number): Uint8Array {
  return Uint8Array.of(code & 0xff);
}

function sendsPatch(major: number, minor: number): boolean {
  return !isBefore([major, minor, 0], [3, 15, 0]);
}

function isBefore(version: Version, than: Version): boolean {
  for (const [index, number] of version.entries()) {
    if (number !== than[index]) return number < than[index]!;
  }
  return false;
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

function latin1(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0) & 0xff);
}
