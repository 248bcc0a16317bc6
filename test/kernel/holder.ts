/**
 * A node reduced to its addresses, under the real guard: holds what it is told, beats, prolongs.
 *
 *     node holder.ts eth0 10.0.0.9/24 fd00::9/64
 *
 * It prints one line for what happens to it, and `pid N` of the guarded process at its start.
 */
import type { AddressPort, InterfaceAddress } from '../../src/io/address-port.ts';
import { openKernelAddresses } from '../../src/io/kernel-addresses.ts';
import { runGuarded } from '../../src/node/guard/guard.ts';
import { isGuarded, openGuardLink } from '../../src/node/guard/guard-link.ts';
import { BEAT_MS } from '../../src/node/guard/guard-protocol.ts';

/** Gone by itself 3.25 s after the last time, at most (src/io/kernel-table.ts). */
const VALID_MS = 2_000;

const [card = '', ...wanted] = process.argv.slice(2);
const addresses = wanted.map((text): InterfaceAddress => {
  const [address = '', length] = text.split('/');
  return { interface: card, address, prefixLength: Number(length) };
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function hold(port: AddressPort): void {
  for (const address of addresses) {
    const problem = port.hold(address, VALID_MS);
    if (problem !== null) say(problem.text);
  }
}

function serve(): void {
  const link = openGuardLink({
    onSwept: () => {
      say('swept');
      hold(port);
    },
    onGuardLost: () => say('alone'),
  });
  const opened = openKernelAddresses(
    { interfaces: [card] },
    { onLost: () => {}, onLink: () => {}, onClaim: () => {}, onProblem: say },
  );
  if ('code' in opened) throw new Error(opened.text);
  const port = opened;
  process.once('SIGTERM', () => {
    for (const address of addresses) port.release(address);
    process.exit(0);
  });
  link?.holding(addresses);
  hold(port);
  link?.ready();
  setInterval(() => hold(port), VALID_MS / 3);
  setInterval(() => link?.beat(), BEAT_MS);
  say(`pid ${process.pid}`);
}

if (isGuarded()) serve();
else
  process.exitCode = await runGuarded({
    interfaces: [card],
    command: process.argv.slice(1),
    log: say,
  });
