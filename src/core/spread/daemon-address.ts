/**
 * Where a daemon is, as SP_connect is told: `4803`, `4803@web1`, or nothing at all.
 *
 * What a newcomer gets wrong: a port alone is a unix socket, and not TCP to this machine.
 */
export type DaemonAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

export const PORT = 4803;

/** Where the daemon of that port has its unix socket. */
export function socketPath(port: number): string {
  return `/tmp/${port}`;
}

/** @returns null: no daemon can be meant */
export function parseDaemon(text: string): DaemonAddress | null {
  const [, digits, , host] = /^(\d{1,5})?(@(.+))?$/.exec(text) ?? [];
  if (digits === undefined) return text === '' ? { kind: 'unix', path: socketPath(PORT) } : null;
  const port = Number(digits);
  if (port === 0 || port > 65_535) return null;
  return host === undefined
    ? { kind: 'unix', path: socketPath(port) }
    : { kind: 'tcp', host, port };
}
