/**
 * Where a Spread daemon is, and what a session there is called: the words of SP_connect.
 *
 * What a newcomer gets wrong: unlike everywhere else here, a host may be a name. Old files have
 * them, and nothing is split by one that does not resolve: it is looked up anew at each attempt.
 */
import { isComplaint, type Read, readHost, readInteger } from './values.ts';

const PORT = { min: 1, max: 65_535 };

/** `4803`, a unix socket of this machine, or `4803@host`. */
export function readSpreadDaemon(text: string): Read<string> {
  const [port = '', host, ...more] = text.trim().split('@');
  const isHost = host === undefined || isName(host) || !isComplaint(readHost(host));
  if (!isComplaint(readInteger(port, PORT)) && isHost && more.length === 0) {
    return { value: host === undefined ? port : `${port}@${host}` };
  }
  const message = `"${text}" is no Spread daemon: expected a port such as 4803, or 4803@host`;
  return { complaint: { code: 'CONFIG_BAD_ADDRESS', message } };
}

function isName(host: string): boolean {
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host) && !/^[\d.]+$/.test(host);
}

/** Spread's MAX_PRIVATE_NAME, and the characters that its daemon takes. */
export function readSpreadUser(text: string): Read<string> {
  if (/^[$-~]{1,10}$/.test(text)) return { value: text };
  const message = `"${text}" is no name of a session: 1 to 10 characters, none of them a blank or #`;
  return { complaint: { code: 'CONFIG_BAD_VALUE', message } };
}
