/**
 * The configuration that `forehand init` writes, from three answers.
 *
 * What a newcomer gets wrong: this is a beginning to be read and changed, so it says in comments
 * what a reader would look up, and uses nothing that the first cluster does not need.
 */
import { ipOctets, networkContains } from '../core/util/ip.ts';

export type Answers = {
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  /** `http://127.0.0.1:3000`, or a directory. */
  readonly serves: string;
  /** `192.168.10.200/24`; none is fine. */
  readonly shared: readonly { readonly address: string; readonly prefixLength: number }[];
};

/** An answer that was understood, or what is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly error: string };

const NETWORK_PREFIX = 24;
const ANNOUNCE_PORT = 4_445;

export function nodesOf(text: string): Read<Answers['nodes']> {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const nodes = words.map((word, index) => {
    const [left = '', right] = word.split('=');
    return right === undefined
      ? { name: `www${index + 1}`, address: left }
      : { name: left, address: right };
  });
  if (nodes.length === 0) return { error: 'at least one machine is needed' };
  for (const { name, address } of nodes) {
    if (ipOctets(address)?.length !== 4) return { error: `"${address}" is no IPv4 address` };
    if (!/^[a-z][\w.-]*$/i.test(name)) return { error: `"${name}" cannot be the name of a node` };
  }
  const names = new Set(nodes.map(({ name }) => name));
  if (names.size < nodes.length) return { error: 'two machines have the same name' };
  const addresses = new Set(nodes.map(({ address }) => address));
  if (addresses.size < nodes.length) return { error: 'two machines have the same address' };
  return { value: nodes };
}

export function servesOf(text: string): Read<string> {
  const word = text.trim();
  if (word.startsWith('/')) return { value: word };
  const url = URL.parse(word);
  if (url?.protocol === 'http:' && url.pathname === '/') return { value: `http://${url.host}` };
  return { error: `"${word}" is neither http://host:port nor a directory (/var/www)` };
}

export function sharedOf(text: string, nodes: Answers['nodes']): Read<Answers['shared']> {
  const words = text.split(/[\s,]+/).filter((word) => word !== '' && word !== 'none');
  const shared: { address: string; prefixLength: number }[] = [];
  for (const word of words) {
    const [address = '', length = String(NETWORK_PREFIX)] = word.split('/');
    const prefixLength = Number(length);
    if (ipOctets(address)?.length !== 4 || !(prefixLength >= 8 && prefixLength <= 32)) {
      return { error: `"${word}" is not of the form 192.168.10.200/24` };
    }
    if (nodes.some((node) => node.address === address)) {
      return { error: `${address} is a machine's own; shared addresses are additional ones` };
    }
    if (shared.some((one) => one.address === address)) return { error: `${address} stands twice` };
    shared.push({ address, prefixLength });
  }
  return { value: shared };
}

/** @param interfaceName of the shared addresses, on every machine */
export function configText({ nodes, serves, shared }: Answers, interfaceName: string): string {
  const network = networkOf(nodes[0]!.address);
  const accepts = [...new Set(nodes.map(({ address }) => networkOf(address)))];
  const broadcast = `${nodes[0]!.address.split('.').slice(0, 3).join('.')}.255`;
  const what = serves.startsWith('/') ? `documentRoot: '${serves}'` : `application: '${serves}'`;
  const lines = nodes.map(
    ({ name, address }) => `    ${name}: { address: '${address}', ${what} },`,
  );
  const outside = nodes.some(({ address }) => !contains(network, address));
  const to = outside ? nodes.map(({ address }) => address) : [broadcast];
  const imports = 'byAge, byLoad, bySession, defineCluster';
  return `// The same file on every machine; each finds itself by its address.
import { ${imports} } from 'forehand';

export default defineCluster({
  // Who belongs to the cluster, and where everybody announces how busy he is.
  accept: [${accepts.map((one) => `'${one}'`).join(', ')}],
  announce: {
    to: [${to.map((host) => `'${host}:${ANNOUNCE_PORT}'`).join(', ')}],
    secretFile: 'secret',
  },
  nodes: {
${lines.join('\n')}
  },
  zones: [
    // The state of the cluster, on every machine.
    { location: '/backhand/', handler: 'status' },
    // Everything else: where the session is, else where there is the least load.
    { files: /.*/, chain: [bySession(), byAge('5s'), byLoad()] },
  ],
${addressesText(shared, interfaceName)}});
`;
}

function addressesText(shared: Answers['shared'], interfaceName: string): string {
  if (shared.length === 0) return '';
  const pool = shared.map(({ address, prefixLength }) => {
    return `      '${interfaceName} ${address}/${prefixLength}',`;
  });
  return `  // Each is held by one machine at a time, and taken over when that one is gone.
  addresses: {
    pool: [
${pool.join('\n')}
    ],
    group: { secretFile: 'secret' },
  },
`;
}

function networkOf(address: string): string {
  return `${address.split('.').slice(0, 3).join('.')}.0/${NETWORK_PREFIX}`;
}

function contains(network: string, address: string): boolean {
  const [base = ''] = network.split('/');
  const octets = ipOctets(address);
  return (
    octets !== null && networkContains({ address: base, prefixLength: NETWORK_PREFIX }, octets)
  );
}

export function nextSteps({ nodes, shared }: Answers, config: string, secret: string): string {
  const names = nodes.map(({ name }) => name).join(', ');
  const shares = shared.length > 0;
  const dns = `Give the site's name in DNS: ${shared.map(({ address }) => address).join(', ')}.`;
  return `
Wrote ${config} and ${secret}.

What to do next:
  1. Read ${config}: it is short.
  2. Copy both files to the same place on ${names}.
  3. forehand check ${config}        on each: says what it would do there, and what is wrong.
  4. forehand run ${config}          on each${shares ? ', as root (it sets addresses)' : ''};
     docs/operating/install.md has a service for systemd.
  5. ${shares ? dns : 'Let clients go to any of the machines.'}
  6. Open http://${nodes[0]!.address}/backhand/ and watch.
`;
}
