/**
 * The configuration files of the demo: Example 1 of the article, with the addresses of this
 * computer.
 *
 * They are written to a directory of their own, and are there to be read: `forehand check FILE`
 * says what each means.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COOKIE } from './carts.ts';
import type { Layout, MachineLayout } from './layout.ts';

export type MachineFiles = { readonly config: string; readonly load: string };

export function writeFiles(directory: string, layout: Layout, secret: string): void {
  const secretFile = join(directory, 'secret');
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  const { director, shops } = layout;
  if (layout.oneAddress) {
    writeFileSync(filesOf(directory, director, layout).config, nativeDirector(layout));
  } else {
    writeFileSync(filesOf(directory, director, layout).config, directorText(layout));
  }
  for (const shop of shops) {
    const { config, load } = filesOf(directory, shop, layout);
    writeFileSync(load, '0\n');
    writeFileSync(config, shopText(shop, layout));
  }
}

export function filesOf(directory: string, machine: MachineLayout, layout: Layout): MachineFiles {
  const isNative = layout.oneAddress && machine === layout.director;
  const config = join(directory, `${machine.name}.${isNative ? 'config.ts' : 'conf'}`);
  return { config, load: join(directory, `${machine.name}.load`) };
}

const COMMON = `ForehandSecretFile secret
ForehandWorkers 1
`;

const STATUS = `<Location "/backhand/">
    SetHandler backhand-handler
</Location>
`;

function announcing({ announceTo }: Layout): string {
  return `MulticastStats ${announceTo}\nAcceptStats 127.0.0.0/8\n${COMMON}`;
}

function directorText(layout: Layout): string {
  const { address, port } = layout.director;
  return `# The director: in front of the others, and serves nothing itself (removeSelf).
ForehandNodeName director
Listen ${address}:${port}
${announcing(layout)}
${STATUS}
# Everything else: to the server of the session, or to the one with the least load.
<Files ~ "*">
    Backhand bySession
    Backhand byAge
    Backhand removeSelf
    Backhand byLoad
</Files>
`;
}

function shopText({ name, address, port, shopPort }: MachineLayout, layout: Layout): string {
  return `# A web server: it says how busy it is, and serves what comes by its application.
ForehandNodeName ${name}
Listen ${address}:${port}
ForehandApplication http://${address}:${shopPort}
ForehandCapacity 100
${announcing(layout)}
# All machines of the demo are one computer and would share its load, so each shop writes its own.
ForehandLoadFrom ${name}.load

${STATUS}`;
}

/** All machines have one address here, so \`bySession\` could not tell them apart. */
function nativeDirector(layout: Layout): string {
  const { address, port } = layout.director;
  return `// The director: in front of the others, and serves nothing itself (removeSelf).
import { byAge, byLoad, candidacy, defineCluster, removeSelf } from 'forehand';

// Machines differ by port only, so sessions begin with eight hex digits of that.
const bySessionPort = candidacy('bySessionPort', (servers, asking) => {
  const found = /(?:^|; *)${COOKIE}=([0-9a-f]{8})/.exec(asking.field('cookie') ?? '');
  const own = servers.filter(({ port }) => port === Number.parseInt(found?.[1] ?? '', 16));
  return own.length > 0 ? own : servers;
});

export default defineCluster({
  listen: '${address}:${port}',
  announce: { to: '${layout.announceTo}', secretFile: 'secret' },
  accept: '127.0.0.0/8',
  workers: 1,
  zones: [
    { location: '/backhand/', handler: 'status' },
    { files: '*', chain: [bySessionPort, byAge(), removeSelf(), byLoad()] },
  ],
  nodes: { director: { address: '${address}' } },
});
`;
}
