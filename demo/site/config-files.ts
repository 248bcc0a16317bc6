/**
 * The configuration files of the site: one for both directors, one for each web machine.
 *
 * They are written to a directory of their own, and are there to be read: `forehand check FILE`
 * says what each means.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place, SiteLayout } from './layout.ts';

/** Of the loopback: one computer hears what it announces. */
const BROADCAST = '127.255.255.255';

export function writeSiteFiles(directory: string, layout: SiteLayout, secret: string): void {
  writeFileSync(join(directory, 'secret'), `${secret}\n`, { mode: 0o600 });
  writeFileSync(join(directory, 'directors.config.ts'), directorsText(layout));
  for (const place of layout.places) {
    if (place.isDirector) continue;
    writeFileSync(join(directory, `${place.name}.load`), '0\n');
    writeFileSync(join(directory, `${place.name}.conf`), webText(place, layout));
  }
}

export function configOf(directory: string, { name, isDirector }: Place): string {
  return join(directory, isDirector ? 'directors.config.ts' : `${name}.conf`);
}

function directorsText(layout: SiteLayout): string {
  const { places, shared, port, announcePort, groupPort } = layout;
  const nodes = places
    .filter(({ isDirector }) => isDirector)
    .map(({ name, address }) => {
      return `    ${name}: { address: '${address}', listen: ['${address}:${port}'] },`;
    });
  return `// Two directors in front of the web machines. They share four addresses: each is held by
// one of them at a time, and taken over when that one is gone.
import { byAge, byLoad, bySession, defineCluster, removeSelf } from 'forehand';

export default defineCluster({
  accept: ['127.0.0.0/8'],
  announce: { to: ['${BROADCAST}:${announcePort}'], secretFile: 'secret' },
  workers: 1,
  record: true,
  nodes: {
${nodes.join('\n')}
  },
  zones: [
    { location: '/backhand/', handler: 'status' },
    { files: '*', chain: [bySession(), byAge('5s'), removeSelf(), byLoad()] },
  ],
  addresses: {
    // Of the loopback, so to hold one means to listen there; elsewhere it would be 'eth0 ...'.
    pool: [${shared.map((address) => `'lo ${address}/8'`).join(', ')}],
    mature: '1s',
    group: { port: ${groupPort}, secretFile: 'secret' },
  },
});
`;
}

function webText({ name, address }: Place, layout: SiteLayout): string {
  const { port, shopPort, announcePort } = layout;
  return `# A web machine: it says how busy it is, and serves what comes by its application.
ForehandNodeName ${name}
Listen ${address}:${port}
ForehandApplication http://${address}:${shopPort}
ForehandCapacity 100
MulticastStats ${BROADCAST}:${announcePort}
AcceptStats 127.0.0.0/8
ForehandSecretFile secret
ForehandWorkers 1
# All machines of the demo are one computer and would share its load, so each shop writes its own.
ForehandLoadFrom ${name}.load

<Location "/backhand/">
    SetHandler backhand-handler
</Location>
`;
}
