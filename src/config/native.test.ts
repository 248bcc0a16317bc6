/** The native dialect from outside of the project, and back and forth between both dialects. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { type Loaded, loadConfiguration } from './load.ts';
import { writeNative } from './native/write.ts';

// Outside of the project, where nothing but the resolve hook can find 'forehand'.
const directory = mkdtempSync(join(tmpdir(), 'forehand-native-'));
after(() => rmSync(directory, { recursive: true }));

let fileCount = 0;
function fileWith(text: string, name = `${++fileCount}.config.ts`): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function environment(more: Partial<Environment> = {}): Environment {
  const system = systemEnvironment({ nodeName: null, defines: [] });
  return { ...system, hostName: 'www1.example.com', addresses: ['192.168.10.11'], ...more };
}

async function load(text: string, more: Partial<Environment> = {}): Promise<Loaded> {
  return loadConfiguration([fileWith(text)], environment(more));
}

async function configOf(definition: string, more?: Partial<Environment>): Promise<ClusterConfig> {
  const text = `import * as f from 'forehand';\nexport default f.defineCluster(${definition});\n`;
  const { config, diagnostics } = await load(text, more);
  if (config === null) throw new Error(JSON.stringify(diagnostics));
  return config;
}

test('loadNative() makes nodes announce to and accept each other when nothing else is said', async () => {
  const { announce, accept, contact } = await configOf(`{ nodes: {
    www1: { address: '192.168.10.11' }, www2: { address: '[fd00::2]:8080' } } }`);
  deepEqual(announce.destinations, [{ host: 'fd00::2', port: 4445, ttl: 1 }]);
  deepEqual(accept, [
    { address: '192.168.10.11', prefixLength: 32 },
    { address: 'fd00::2', prefixLength: 128 },
  ]);
  deepEqual(contact, { host: '192.168.10.11', port: null });
});

test('loadNative() lets a node replace a shared setting when it has its own', async () => {
  const config = await configOf(`{
    listen: [80, 8080], capacity: 4, limits: { connectTimeout: '2s' }, workers: 3,
    nodes: { www1: { listen: 81, limits: { headTimeout: 5 }, workers: undefined } } }`);
  deepEqual(config.listen, [{ host: null, port: 81 }]);
  equal(config.capacity, 4);
  equal(config.workers, 3);
  equal(config.limits.headTimeoutMs, 5);
  equal(config.limits.connectTimeoutMs, 1_000, 'the shared limits are replaced whole');
});

test('loadNative() orders the scopes of a zone as sections nest when there are several', async () => {
  const { zones } = await configOf(`{ nodes: { www1: {} }, zones: [
    { files: /\\.php$/is, directory: '/srv/www/', location: '/a/*' }, { directory: /^.srv/ }, {} ] }`);
  deepEqual(zones[0]?.scopes, [
    { kind: 'directory', match: { kind: 'prefix', path: '/srv/www' } },
    { kind: 'location', match: { kind: 'glob', pattern: '/a/*' } },
    { kind: 'files', match: { kind: 'regex', source: '(?is:\\.php$)' } },
  ]);
  deepEqual(zones[1]?.scopes, [
    { kind: 'directoryMatch', match: { kind: 'regex', source: '^.srv' } },
  ]);
  deepEqual(zones[2], {
    name: 'the server',
    scopes: [],
    chain: null,
    handler: null,
    selfRedirect: null,
  });
});

test('loadNative() takes paths from the directory of the file when they are relative', async () => {
  fileWith('hush\n', 'secret');
  const config = await configOf(`{ documentRoot: 'www', stateDirectory: '/var/lib/x',
    announce: { to: '10.0.0.255:4445', secretFile: 'secret' }, nodes: { www1: {} } }`);
  equal(config.documentRoot, join(directory, 'www'));
  equal(config.stateDirectory, '/var/lib/x');
  equal(config.announce.secret, 'hush');
});

test('loadNative() takes the only node when it has no address either', async () => {
  equal((await configOf('{ nodes: { site: {} } }')).nodeName, 'site');
});

const choices = [
  ['by name', { nodeName: 'b' }, 'b'],
  ['by host name', { hostName: 'A' }, 'a'],
  ['by the short host name', { hostName: 'b.example.com' }, 'b'],
  ['by address', { hostName: 'x', addresses: ['10.0.0.2'] }, 'b'],
  ['by name before address', { hostName: 'a', addresses: ['10.0.0.2'] }, 'a'],
] as const;

for (const [what, more, expected] of choices) {
  test(`loadNative() finds its node ${what} when several are there`, async () => {
    const nodes = `{ a: { address: '10.0.0.1' }, b: { address: '10.0.0.2' } }`;
    equal((await configOf(`{ nodes: ${nodes} }`, more)).nodeName, expected);
  });
}

test('loadNative() runs a changed file again when it is loaded again', async () => {
  const text = (port: number) => `export default { nodes: { www1: { listen: ${port} } } };`;
  const path = fileWith(text(81), 'changing.config.ts');
  equal((await loadConfiguration([path], environment())).config?.listen[0]?.port, 81);
  writeFileSync(path, text(82));
  equal((await loadConfiguration([path], environment())).config?.listen[0]?.port, 82);
});

test('loadNative() runs what lies beside the file again when that has changed', async () => {
  const path = fileWith(`import { port } from './ports.ts';
    export default { nodes: { www1: { listen: port } } };`);
  for (const port of [81, 82]) {
    fileWith(`export const port: number = ${port};`, 'ports.ts');
    equal((await loadConfiguration([path], environment())).config?.listen[0]?.port, port);
  }
});

test('loadNative() says where when what lies beside the file throws', async () => {
  const beside = fileWith(`const x: number = 1;\nthrow new Error('no ports today');`, 'thrower.ts');
  const { config, diagnostics } = await load(`import './thrower.ts'; export default {};`);
  equal(config, null);
  equal(diagnostics[0]?.message, 'no ports today');
  equal(diagnostics[0]?.hint, `thrown in ${beside}:2:7`);
});

test('loadNative() gives a worker thread the same configuration when it loads the file itself', async () => {
  const path = fileWith(`import { byAge, candidacy, defineCluster } from 'forehand';
    const own = candidacy('own', (servers) => servers);
    export default defineCluster({ nodes: { www1: { zones: [{ chain: [own, byAge('5s')] }] } } });`);
  const code = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { loadConfiguration } from ${JSON.stringify(new URL('./load.ts', import.meta.url).href)};
    import { systemEnvironment } from ${JSON.stringify(new URL('./environment.ts', import.meta.url).href)};
    const environment = systemEnvironment({ nodeName: 'www1', defines: [] });
    const { config } = await loadConfiguration([workerData], environment);
    parentPort.postMessage(JSON.stringify(config));`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const inWorker = await new Promise((done, failed) => {
    const worker = new Worker(url, { workerData: path });
    worker.once('message', done);
    worker.once('error', failed);
  });
  const { config } = await loadConfiguration([path], environment());
  equal(inWorker, JSON.stringify(config));
  deepEqual(
    config?.zones[0]?.chain?.map(({ name }) => name),
    ['own', 'byAge 5s'],
  );
});

const imported = [
  ['the director', readFileSync('test/fixtures/article/director.httpd.conf', 'utf8')],
  ['the web machine', readFileSync('test/fixtures/article/www.httpd.conf', 'utf8')],
  ['the php zone', readFileSync('test/fixtures/article/php-zone.httpd.conf', 'utf8')],
  [
    'the director of the site',
    readFileSync('test/fixtures/article/site-director.httpd.conf', 'utf8'),
  ],
  [
    'the web machine of the site',
    readFileSync('test/fixtures/article/site-www.httpd.conf', 'utf8'),
  ],
  [
    'every setting',
    `ForehandNodeName it's
     Listen 8080
     Listen [::1]:8081
     MulticastStats 192.168.10.11 239.1.1.1:4445,4
     MulticastStats [ff02::1]:4446
     AcceptStats 192.168.10.0/24
     AcceptStats fd00::/8
     ForehandContact [fd00::1]:8080
     ForehandSecret "a'b\\\\c"
     ForehandAnnounceInterval 250ms
     UnixSocketDir /var/lib/forehand
     ForehandApplication unix:/run/app.sock
     ForehandCapacity 40
     DocumentRoot "/srv/w w\\\\w"
     DirectoryIndex index.php index.html
     ForehandLoadFrom /run/load
     ForehandOnEmpty local
     BackhandConnectionPools Off
     ForehandWorkers 2
     ForehandReactor uv
     ForehandHeadBytesMax 32768
     ForehandHeadTimeout 5
     ForehandTunnelTimeout 90m
     ForehandClientsMax 12`,
  ],
  [
    'every kind of zone and function',
    `Backhand byLoad 0.5
     <Directory "/srv/a b">
       Backhand addPrediction
       Backhand byBusyChildren -1
       Backhand byCPU only
       <Files ~ "\\.(php|'x)$">
         Backhand off
       </Files>
     </Directory>
     <Directory /home/*/www>
       Backhand byAge 20s
       Backhand byCost
     </Directory>
     <DirectoryMatch "^/srv/[0-9]+/">
       Backhand bySession JSESSIONID=
       Backhand HTTPRedirectToName %S.example.com
     </DirectoryMatch>
     <LocationMatch "(?i)^/x">
       Backhand byHostname ^web\\d
       Backhand HTTPRedirectToIP
       BackhandSelfRedirect On
     </LocationMatch>
     <Location /a*>
       Backhand byRandom
       Backhand byLogWindow
       Backhand addSelf
       Backhand removeSelf
       SetHandler none
     </Location>
     <Files "*">
       BackhandSelfRedirect Off
     </Files>`,
  ],
  [
    'a pool of addresses',
    `Spread = 4804
     Group = "it's ours"
     Control = /run/wack.it
     Mature = 1m
     Balance { AcquisitionsPerRound = 2 Interval = 30s }
     Arp-Cache = 90s
     Prefer { eth0:10.0.0.2/32 }
     VirtualInterfaces {
       eth0:10.0.0.1/16
       { eth0:10.0.0.2/24 eth1:[fd00::2]/64n48 }
       eth0:10.0.0.3/32
     }
     Notify { eth0:10.0.0.254/32 ping eth0:10.0.1.0/24 throttle 8 arp-cache }`,
  ],
] as const;

for (const [what, text] of imported) {
  test(`writeNative() writes what means the same when it is given ${what}`, async () => {
    const path = fileWith(text, `${++fileCount}.conf`);
    const before = await loadConfiguration([path], environment());
    ok(before.config !== null, JSON.stringify(before.diagnostics));
    const { secretFile, groupSecretFile } = before;
    const written = writeNative(before.config, { files: [path], secretFile, groupSecretFile });
    const after = await load(written, { nodeName: before.config.nodeName });
    // Functions are compared by name: they are other closures that do the same.
    deepEqual(JSON.parse(JSON.stringify(after.config)), JSON.parse(JSON.stringify(before.config)));
    for (const line of written.split('\n')) ok(line.length <= 140, line);
  });
}

test('writeNative() names the file of a secret and not the secret when it is from a file', async () => {
  const secretFile = fileWith('hush\n', 'other-secret');
  const path = fileWith(`ForehandSecretFile ${secretFile}`, 'with-secret.conf');
  const { config, secretFile: from } = await loadConfiguration([path], environment());
  ok(config !== null);
  const written = writeNative(config, { files: [path], secretFile: from, groupSecretFile: null });
  ok(!written.includes('hush'));
  equal((await load(written)).config?.announce.secret, 'hush');
});

test('loadNative() gives up on a file that waits for what never comes', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const loading = load('await new Promise(() => {});');
  t.mock.timers.tick(5_000);
  const { config, diagnostics } = await loading;
  equal(config, null);
  const [{ code, message, hint } = diagnostics[0]!] = diagnostics;
  deepEqual(
    [code, message, hint],
    ['CONFIG_LOAD_FAILED', 'it waits for something for longer than 5 s', undefined],
  );
});
