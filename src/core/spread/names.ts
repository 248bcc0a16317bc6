/**
 * Names on the wire: ASCII, in fields of 32 bytes that NULs fill up.
 *
 *     alice            a user, at most 10 characters
 *     #alice#web1      the session of alice at the daemon web1: nobody can join it, its first
 *                      character is not one a group's name may have
 *
 * What a newcomer gets wrong: a field without a NUL is no name. The C daemon would read on.
 */
import { DAEMON_LENGTH_MAX, NAME_BYTES, USER_LENGTH_MAX } from './constants.ts';
import { hashOf } from './hash.ts';

/** Above `#`: so nothing that a client calls itself looks like a private name. */
const CHARACTER_MIN = 0x24;
const CHARACTER_MAX = 0x7e;

export function isLegalName(name: string, lengthMax: number): boolean {
  if (name.length === 0 || name.length > lengthMax) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < CHARACTER_MIN || code > CHARACTER_MAX) return false;
  }
  return true;
}

export function isLegalGroup(name: string): boolean {
  return isLegalName(name, NAME_BYTES - 1);
}

export function isLegalUser(name: string): boolean {
  return isLegalName(name, USER_LENGTH_MAX);
}

export type PrivateParts = { readonly user: string; readonly daemon: string };

export function privateName({ user, daemon }: PrivateParts): string {
  return `#${user}#${daemon}`;
}

/** @returns null when it is a group's name, or nobody's */
export function privateParts(name: string): PrivateParts | null {
  const second = name.indexOf('#', 1);
  if (name[0] !== '#' || second === -1) return null;
  const user = name.slice(1, second);
  const daemon = name.slice(second + 1);
  return isLegalUser(user) && isLegalName(daemon, DAEMON_LENGTH_MAX) ? { user, daemon } : null;
}

/**
 * What a node's daemon is called: as much of the node's name as is legal there. Nodes whose names
 * differ only beyond that are told at `check`.
 */
export function daemonNameOf(nodeName: string): string {
  const legal = nodeName.replaceAll(/[^$-~]/g, '-').slice(0, DAEMON_LENGTH_MAX);
  return legal === '' ? '-' : legal;
}

/**
 * What a node's session is called: its name as far as that fits, and what tells it from others
 * that begin alike. Several nodes may share a daemon.
 */
export function userNameOf(nodeName: string): string {
  const legal = nodeName.replaceAll(/[^$-~]/g, '-');
  if (legal === nodeName && isLegalUser(legal)) return legal;
  const mark = (hashOf(nodeName) % 36 ** 4).toString(36).padStart(4, '0');
  return `${legal.slice(0, USER_LENGTH_MAX - mark.length - 1)}-${mark}`;
}

/** The same for a group, of which Spread knows 31 characters. */
export function groupNameOf(name: string): string {
  const legal = name.replaceAll(/[^$-~]/g, '-');
  if (legal === name && isLegalGroup(legal)) return legal;
  const mark = hashOf(name).toString(36);
  return `${legal.slice(0, NAME_BYTES - 2 - mark.length)}-${mark}`;
}

/** What a message may be sent to. */
export function isLegalTarget(name: string): boolean {
  return isLegalGroup(name) || privateParts(name) !== null;
}

export function writeName(bytes: Uint8Array, at: number, name: string): void {
  for (let i = 0; i < name.length; i++) bytes[at + i] = name.charCodeAt(i);
  bytes.fill(0, at + name.length, at + NAME_BYTES);
}

/**
 * Bytes after the first NUL do not count: old programs leave there what their memory held.
 *
 * @returns null when it does not end, or has bytes that no name may have
 */
export function readName(bytes: Uint8Array, at: number): string | null {
  let name = '';
  for (let i = at; i < at + NAME_BYTES; i++) {
    const code = bytes[i]!;
    if (code === 0) return name;
    if (code < 0x21 || code > CHARACTER_MAX) return null;
    name += String.fromCharCode(code);
  }
  return null;
}
