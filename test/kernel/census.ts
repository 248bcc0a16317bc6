/**
 * Run on the visitor: asks the network who answers for each address, and prints all answers.
 *
 *     node census.ts CARD MS ADDRESS...      {"10.0.0.5": ["02:..", ...], ...}
 *
 * What a newcomer gets wrong: the kernel's own ARP would remember the first answer. These questions
 * go out as probes (RFC 5227), whose answers the kernel does not learn from, so two machines that
 * both answer are both seen.
 */
import dgram from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { openKernelAddresses } from '../../src/io/kernel-addresses.ts';

const ROUND_MS = 50;

const [card = '', patienceMs, ...addresses] = process.argv.slice(2);
// And as any program does, so that the kernel comes to know them, and has to keep up from then on.
const socket = dgram.createSocket('udp4');
for (const address of addresses) socket.send('', 9, address, () => undefined);

const answers = new Map(addresses.map((address) => [address, new Set<string>()]));
const port = openKernelAddresses(
  { interfaces: [card] },
  {
    onLost: () => undefined,
    onLink: () => undefined,
    onClaim: ({ address, mac }) => answers.get(address)?.add(mac),
    onProblem: (problem) => console.error(problem),
  },
);
if ('code' in port) throw new Error(port.text);
// Again and again: the thread that hears the answers has to start first.
for (let leftMs = Number(patienceMs); leftMs > 0; leftMs -= ROUND_MS) {
  for (const address of addresses) port.probe({ interface: card, address, prefixLength: 32 });
  await delay(ROUND_MS);
}
port.close();
socket.close();
console.log(
  JSON.stringify(Object.fromEntries([...answers].map(([key, macs]) => [key, [...macs]]))),
);
