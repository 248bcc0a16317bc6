/** Node's errors as the names that leave this layer. */
import type { SocketError } from './reactor.ts';

const names: ReadonlySet<string> = new Set<SocketError>([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EACCES',
  'ENOENT',
  'EMFILE',
]);

export function errorOf(error: Error): SocketError {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && names.has(code) ? (code as SocketError) : 'UNKNOWN';
}
