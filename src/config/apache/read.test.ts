/** From Apache text to the configuration: zones, scopes, merging, `Include`, `.htaccess`. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterConfig, Zone } from '../../core/cluster/config.ts';
import { loadConfiguration } from '../load.ts';
import { memoryEnvironment } from '../memory.fixture.ts';
import { FOREHAND_RULES } from './forehand-rules.ts';

type Files = Readonly<Record<string, string>>;

async function load(files: Files, given: readonly string[] = ['/etc/httpd.conf']) {
  const environment = memoryEnvironment(files, { defines: ['SITE'] });
  const { config, diagnostics } = await loadConfiguration(given, environment);
  return { config, codes: diagnostics.map(({ code }) => code) };
}

async function configOf(text: string, more: Files = {}): Promise<ClusterConfig> {
  const { config, codes } = await load({ '/etc/httpd.conf': text, ...more });
  if (config === null) throw new Error(`refused: ${codes.join(' ')}`);
  return config;
}

function shownZone({ name, chain, handler, selfRedirect }: Zone): string {
  const steps = chain === null ? 'inherit' : `[${chain.map((step) => step.name).join(', ')}]`;
  return [name, steps, handler, selfRedirect].filter((part) => part !== null).join(' ');
}

/** What is read, text of the file, and the zones in order. */
const zones = [
  [
    'one chain in order',
    '<Files "*.php">\nBackhand byAge 5\nbackhand BYLOAD\n</Files>',
    ['<Files "*.php"> [byAge 5, byLoad]'],
  ],
  ['off alone', '<Location "/a">\nBackhand off\n</Location>', ['<Location "/a"> []']],
  [
    'the C name of off',
    '<Location "/a">\nBackhand backhand_off\n</Location>',
    ['<Location "/a"> []'],
  ],
  ['a section without words of ours', '<Location "/a">\nOptions None\n</Location>', []],
  ['no section', 'Backhand byLoad', ['the server [byLoad]']],
  [
    'server lines around a section',
    'Backhand byAge\n<Location "/a">\nBackhand off\n</Location>\nBackhand byLoad',
    ['the server [byAge, byLoad]', '<Location "/a"> []'],
  ],
  [
    'a section inside one',
    '<Directory /srv>\nBackhand byAge\n<Files "*.php">\nBackhand byLoad\n</Files>\nBackhand byCost\n</Directory>',
    ['<Directory "/srv"> [byAge, byCost]', '<Directory "/srv"> <Files "*.php"> [byLoad]'],
  ],
  [
    'the same section twice',
    '<Files a>\nBackhand byAge\n</Files>\n<Files a>\nBackhand byLoad\n</Files>',
    ['<Files "a"> [byAge]', '<Files "a"> [byLoad]'],
  ],
  [
    'a handler',
    '<Location /b>\nSetHandler Backhand-Handler\n</Location>',
    ['<Location "/b"> inherit status'],
  ],
  [
    'a handler taken away',
    '<Location /b>\nSetHandler none\n</Location>',
    ['<Location "/b"> inherit none'],
  ],
  [
    'self-redirect',
    '<Location /b>\nBackhandSelfRedirect on\n</Location>',
    ['<Location "/b"> inherit true'],
  ],
  [
    'byHostname from its library',
    '<Location /b>\nBackhandFromSO x.so byHostname (sun|alpha)\n</Location>',
    ['<Location "/b"> [byHostname (sun|alpha)]'],
  ],
  [
    'conditions inside a section',
    '<Location /b>\n<IfDefine SITE>\nBackhand byAge\n</IfDefine>\n<IfDefine !SITE>\nBackhand byCost\n</IfDefine>\n</Location>',
    ['<Location "/b"> [byAge]'],
  ],
  ['a defined name', 'Define X\n<IfDefine X>\nBackhand byAge\n</IfDefine>', ['the server [byAge]']],
] as const;

for (const [what, text, expected] of zones) {
  test(`readApache() makes ${expected.length} zones when there is ${what}`, async () => {
    deepEqual((await configOf(text)).zones.map(shownZone), expected);
  });
}

const scopes = [
  ['<Files "*">', 'files', { kind: 'everything' }],
  ['<Files ~ "*">', 'files', { kind: 'everything' }],
  ['<Files index.html>', 'files', { kind: 'glob', pattern: 'index.html' }],
  ['<Files ~ "\\.php$">', 'files', { kind: 'regex', source: '\\.php$' }],
  ['<FilesMatch "\\.php$">', 'files', { kind: 'regex', source: '\\.php$' }],
  ['<Directory /srv/www/>', 'directory', { kind: 'prefix', path: '/srv/www' }],
  ['<Directory />', 'directory', { kind: 'prefix', path: '/' }],
  ['<Directory /home/*/www>', 'directory', { kind: 'glob', pattern: '/home/*/www' }],
  ['<Directory ~ "^/srv">', 'directoryMatch', { kind: 'regex', source: '^\\/srv' }],
  ['<DirectoryMatch "^/srv">', 'directoryMatch', { kind: 'regex', source: '^\\/srv' }],
  ['<Location /a/>', 'location', { kind: 'prefix', path: '/a/' }],
  ['<Location ~ "^/a">', 'location', { kind: 'regex', source: '^\\/a' }],
  ['<LocationMatch "^/a">', 'location', { kind: 'regex', source: '^\\/a' }],
] as const;

for (const [header, kind, match] of scopes) {
  test(`readHeader() understands ${header} when it opens a section`, async () => {
    const name = /^<(\w+)/.exec(header)?.[1];
    const config = await configOf(`${header}\nBackhand byLoad\n</${name}>`);
    deepEqual(config.zones[0]?.scopes, [{ kind, match }]);
  });
}

/** Every field an Apache file can set, each away from its default. */
const EVERYTHING = `
  ServerName www1.example.com:80
  Listen 8080
  Listen [::1]:8081
  MulticastStats 192.168.10.11 239.1.1.1:4445,4
  AcceptStats 192.168.10.0/24
  ForehandContact 192.168.10.11:8080
  ForehandSecret hush
  ForehandAnnounceInterval 250ms
  UnixSocketDir /var/lib/forehand
  ForehandApplication http://127.0.0.1:3000
  ForehandCapacity 40
  DocumentRoot /srv/www
  DirectoryIndex index.php index.html
  ForehandLoadFrom load
  ForehandOnEmpty local
  BackhandConnectionPools Off
  ForehandWorkers 2
  ForehandReactor uv
  ForehandHeadBytesMax 32768
  ForehandHeadTimeout 5
  ForehandKeepAliveTimeout 6s
  ForehandConnectTimeout 700ms
  ForehandResponseTimeout 8s
  ForehandTunnelTimeout 9m
  ForehandPoolIdleMax 10
  ForehandPoolIdleTimeout 11s
  ForehandClientsMax 12
  ForehandRecord On
  CustomLog logs/access_log JSON
`;

test('readApache() reaches every field when a file sets them all', async () => {
  deepEqual(await configOf(EVERYTHING), {
    nodeName: 'www1.example.com',
    listen: [
      { host: null, port: 8080 },
      { host: '::1', port: 8081 },
    ],
    contact: { host: '192.168.10.11', port: 8080 },
    announce: {
      destinations: [{ host: '239.1.1.1', port: 4445, ttl: 4 }],
      intervalMs: 250,
      secret: 'hush',
    },
    accept: [{ address: '192.168.10.0', prefixLength: 24 }],
    stateDirectory: '/var/lib/forehand',
    zones: [],
    application: { kind: 'tcp', host: '127.0.0.1', port: 3000 },
    capacity: 40,
    documentRoot: '/srv/www',
    directoryIndex: ['index.php', 'index.html'],
    loadFrom: '/etc/load',
    onEmpty: 'local',
    connectionPools: false,
    workers: 2,
    reactor: 'uv',
    addresses: null,
    spread: null,
    accessLog: { path: '/etc/logs/access_log', format: 'json' },
    record: true,
    control: null,
    limits: {
      headBytesMax: 32_768,
      headTimeoutMs: 5_000,
      keepAliveTimeoutMs: 6_000,
      connectTimeoutMs: 700,
      responseTimeoutMs: 8_000,
      tunnelTimeoutMs: 540_000,
      poolIdleMax: 10,
      poolIdleTimeoutMs: 11_000,
      clientsMax: 12,
    },
  });
  const untried = FOREHAND_RULES.map(({ name }) => name)
    .filter((name) => name !== 'ForehandNodeName' && name !== 'ForehandSecretFile')
    .filter((name) => !EVERYTHING.includes(`${name} `));
  deepEqual(untried, []);
});

const names = [
  ['the host', '', 'www1.example.com'],
  ['ServerName', 'ServerName a.example.com', 'a.example.com'],
  ['a ServerName that is an URL', 'ServerName http://a.example.com:81', 'a.example.com'],
  ['ForehandNodeName', 'ServerName www.example.com\nForehandNodeName a', 'a'],
] as const;

for (const [what, text, expected] of names) {
  test(`readApache() takes the node's name from ${what} when it is said there`, async () => {
    equal((await configOf(text)).nodeName, expected);
  });
}

const ports = [
  ['', { host: null, port: 80 }],
  ['Port 8080', { host: null, port: 8080 }],
  ['Port 8080\nBindAddress 10.0.0.1', { host: '10.0.0.1', port: 8080 }],
  ['Port 8080\nListen 81', { host: null, port: 81 }],
] as const;

for (const [text, expected] of ports) {
  test(`readApache() listens on ${JSON.stringify(expected)} when it reads "${text}"`, async () => {
    deepEqual((await configOf(text)).listen, [expected]);
  });
}

test('readApache() lets later files override single values when several are given', async () => {
  const files = {
    '/etc/a.conf': 'ServerName a\nAcceptStats 10.0.0.0/8\nForehandWorkers 1\nBackhand byAge',
    '/etc/b.conf': 'ServerName b\nAcceptStats 10.1.0.0/16\nBackhand byLoad',
  };
  const { config } = await load(files, ['/etc/a.conf', '/etc/b.conf']);
  equal(config?.nodeName, 'b');
  equal(config?.workers, 1);
  equal(config?.accept.length, 2);
  deepEqual(config?.zones.map(shownZone), ['the server [byAge, byLoad]']);
});

test('Include reads files in the order of their names when given a pattern or a directory', async () => {
  const more = {
    '/etc/zones/b.conf': '<Location /b>\nBackhand byLoad\n</Location>',
    '/etc/zones/a.conf': '<Location /a>\nInclude chain.conf\n</Location>',
    '/etc/zones/skip.txt': 'Frobnicate',
    '/etc/zones/chain.conf.d/x': 'Frobnicate',
    '/etc/chain.conf': 'Backhand byAge',
    '/etc/all/1/x': 'Listen 8001',
    '/etc/all/2': 'Listen 8002',
  };
  const config = await configOf('ServerRoot /etc\nInclude zones/?.conf\nInclude all', more);
  deepEqual(config.zones.map(shownZone), ['<Location "/a"> [byAge]', '<Location "/b"> [byLoad]']);
  deepEqual(
    config.listen.map(({ port }) => port),
    [8001, 8002],
  );
});

test('Include stops when files are nested without end', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`/etc/${i}.conf`, `Include ${i + 1}.conf`]),
  );
  const { config, codes } = await load(files, ['/etc/0.conf']);
  equal(config, null);
  deepEqual(codes, ['CONFIG_INCLUDE_LOOP']);
});

test('ForehandSecretFile takes the file without its last newline when it is read', async () => {
  const config = await configOf('ForehandSecretFile secret', { '/etc/secret': 'hush\n' });
  equal(config.announce.secret, 'hush');
  const { codes } = await load({ '/etc/httpd.conf': 'ForehandSecretFile secret' });
  deepEqual(codes, ['CONFIG_FILE_UNREADABLE']);
});

const SITE = {
  '/srv/www/.htaccess': 'Backhand byLoad',
  '/srv/www/a/.htaccess': '<Files "*.php">\nBackhand off\n</Files>',
  '/srv/www/a/b/rules': 'Backhand byCost',
};

const accessFiles = [
  [
    'DocumentRoot /srv/www',
    ['/srv/www/.htaccess [byLoad]', '/srv/www/a/.htaccess <Files "*.php"> []'],
  ],
  ['DocumentRoot /srv/www\nAllowOverride None', []],
  ['DocumentRoot /srv/www\n<Directory />\nAllowOverride None\n</Directory>', []],
  [
    'DocumentRoot /srv/www\n<Directory />\nAllowOverride None\n</Directory>\n<Directory /srv/www/a>\nAllowOverride All\n</Directory>',
    ['/srv/www/a/.htaccess <Files "*.php"> []'],
  ],
  ['DocumentRoot /srv/www\nAccessFileName rules', ['/srv/www/a/b/rules [byCost]']],
  ['DocumentRoot /srv/other', []],
] as const;

for (const [text, expected] of accessFiles) {
  test(`readAllHtaccess() finds ${expected.length} zones when the server says ${JSON.stringify(text)}`, async () => {
    const { zones: found } = await configOf(text, SITE);
    deepEqual(found.map(shownZone), expected);
  });
}

test('readHtaccess() makes a zone of the directory when a file lies in it', async () => {
  const { zones: found } = await configOf('DocumentRoot /srv/www', SITE);
  deepEqual(found[1]?.scopes, [
    { kind: 'htaccess', match: { kind: 'prefix', path: '/srv/www/a' } },
    { kind: 'files', match: { kind: 'glob', pattern: '*.php' } },
  ]);
});
