/**
 * Goal: sections apply and override each other as Apache's documentation says. Quotations are from
 * httpd.apache.org/docs/2.4, sections.html and mod/core.html.
 */
import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { byAge } from '../candidacy/by-age.ts';
import { byLoad } from '../candidacy/by-load.ts';
import type { Candidacy } from '../candidacy/candidates.ts';
import type { Zone, ZoneScope } from '../cluster/config.ts';
import { ZoneMap } from './zone-of.ts';

/**
 * `files *.php`, `location /a`, `directory /srv`; a match written `~re` is a regular expression.
 */
function scope(written: string): ZoneScope {
  const [kind, ...rest] = written.split(' ');
  const text = rest.join(' ');
  const match: ZoneScope['match'] = text.startsWith('~')
    ? { kind: 'regex', source: text.slice(1) }
    : /[*?[]/.test(text) || kind === 'files'
      ? { kind: 'glob', pattern: text }
      : { kind: 'prefix', path: text };
  return { kind: kind as ZoneScope['kind'], match };
}

type Said = Partial<Pick<Zone, 'chain' | 'handler' | 'selfRedirect'>>;

const CHAIN: readonly Candidacy[] = [byLoad()];

/** A zone named as it is written; `directory /srv > files *.php` is one section inside another. */
function zone(written: string, said: Said = { chain: CHAIN }): Zone {
  const scopes = written === '' ? [] : written.split(' > ').map(scope);
  return { name: written, scopes, chain: null, handler: null, selfRedirect: null, ...said };
}

function zoneNameOf(sections: readonly string[], target: string): string | null {
  const zones = sections.map((written) => zone(written));
  return new ZoneMap({ zones, documentRoot: '/srv/www' }).of(target)?.name ?? null;
}

const applying: readonly (readonly [
  sentence: string,
  section: string,
  yes: readonly string[],
  no: readonly string[],
])[] = [
  [
    'the specified location matches exactly the path component of the URL, or is a path prefix',
    'location /private1',
    [
      '/private1',
      '/private1/',
      '/private1/file.txt',
      '/private1?q',
      '//private1/a',
      '/x/../private1',
    ],
    ['/private1other', '/', '/PRIVATE1'],
  ],
  [
    'with a trailing slash it will not match the path without',
    'location /private2/',
    ['/private2/', '/private2/file.txt', '/%70rivate2/'],
    ['/private2', '/private2other'],
  ],
  [
    'neither wildcard matches a / in the URL-path',
    'location /a/*',
    ['/a/b', '/a/'],
    ['/a', '/a/b/c'],
  ],
  [
    'a regular expression is found anywhere in the path',
    'location ~/(extra|special)/data',
    ['/extra/data', '/x/special/database'],
    ['/extra/dat'],
  ],
  ['<Location "/"> is everything', 'location /', ['/', '/a/b'], []],
  [
    'the filename argument of <Files> is a file name, or a wild-card string',
    'files *.php',
    ['/a.php', '/x/y/.php', '/a.php?b=c.html'],
    ['/a.html', '/a.php/x.html', '/a.php/'],
  ],
  ['no wild-card: the whole name', 'files cat.html', ['/cat.html', '/x/cat.html'], ['/scat.html']],
  ['<Files ~ "\\.php$">, as in the article', 'files ~\\.php$', ['/a.php'], ['/php', '/a.php3']],
  [
    '<Directory> applies to the named directory, sub-directories, and the files within',
    'directory /srv/www/shop',
    ['/shop', '/shop/', '/shop/a/b.php'],
    ['/shopping', '/a/shop'],
  ],
  [
    'none of the wildcards match a `/` character',
    'directory /srv/*/shop',
    ['/shop/a'],
    ['/x/shop/a'],
  ],
  ['a parent of the document root', 'directory /srv', ['/', '/a'], []],
  [
    '<DirectoryMatch>: the directory, not the file',
    'directoryMatch ~/[0-9]{3}/',
    ['/a/123/b'],
    ['/123'],
  ],
  [
    '<Files> can be nested inside <Directory> to restrict the portion of the filesystem',
    'directory /srv/www/shop > files *.php',
    ['/shop/a.php', '/shop/x/a.php'],
    ['/a.php', '/shop/a.html'],
  ],
  [
    '.htaccess holds for its directory and below',
    'htaccess /srv/www/a',
    ['/a/x', '/a/b/c'],
    ['/b'],
  ],
];

for (const [sentence, section, yes, no] of applying) {
  test(`ZoneMap.of() section <${section}>: ${sentence}`, () => {
    for (const target of yes) equal(zoneNameOf([section], target), section, `in: ${target}`);
    for (const target of no) equal(zoneNameOf([section], target), null, `not in: ${target}`);
  });
}

const overriding: readonly (readonly [
  sentence: string,
  sections: readonly string[],
  winner: string,
])[] = [
  [
    '<Directory> is processed in the order shortest directory component to longest',
    ['directory /srv/www/a', 'directory /srv'],
    'directory /srv/www/a',
  ],
  [
    'sections on the same directory are processed in the configuration file order',
    ['directory /srv', 'directory /srv/'],
    'directory /srv/',
  ],
  [
    '.htaccess overrides <Directory>',
    ['htaccess /srv/www', 'directory /srv/www'],
    'htaccess /srv/www',
  ],
  [
    '... but is itself overridden by a longer <Directory>',
    ['htaccess /srv/www', 'directory /srv/www/a'],
    'directory /srv/www/a',
  ],
  [
    '<DirectoryMatch> comes after <Directory> and .htaccess',
    ['directoryMatch ~/srv', 'directory /srv/www/a', 'htaccess /srv/www/a'],
    'directoryMatch ~/srv',
  ],
  [
    '<Directory ~> is a <DirectoryMatch>',
    ['directory ~/srv', 'htaccess /srv/www/a'],
    'directory ~/srv',
  ],
  ['<Files> comes after those', ['files *.php', 'directoryMatch ~/srv'], 'files *.php'],
  ['<Location> is last', ['location /', 'files *.php'], 'location /'],
  [
    'apart from <Directory>, each group is processed in the order of the configuration files',
    ['location /a', 'location /'],
    'location /',
  ],
  [
    '<Files> of a directory overrides <Files> of the server',
    ['directory /srv > files *.php', 'files *.php'],
    'directory /srv > files *.php',
  ],
  [
    '<Files> of a longer directory overrides that of a shorter one',
    ['directory /srv/www/a > files *', 'directory /srv > files *'],
    'directory /srv/www/a > files *',
  ],
  ['what is in no section is first', ['directory /srv', ''], 'directory /srv'],
];

for (const [sentence, sections, winner] of overriding) {
  test(`ZoneMap.of() order: ${sentence}`, () => {
    equal(zoneNameOf(sections, '/a/x.php'), winner);
  });
}

test('ZoneMap.of() replaces a chain by the later one, and never appends', () => {
  const inner = [byAge(5)];
  const zones = [zone('location /'), zone('location /a', { chain: inner })];
  equal(new ZoneMap({ zones, documentRoot: null }).of('/a')?.chain, inner);
});

test('ZoneMap.of() inherits chain, handler and selfRedirect each for itself', () => {
  const zones = [
    zone('directory /srv', { selfRedirect: true }),
    zone('files *.php'),
    zone('location /', {}),
  ];
  deepEqual(new ZoneMap({ zones, documentRoot: '/srv' }).of('/a.php?b'), {
    name: 'files *.php',
    chain: CHAIN,
    handler: null,
    selfRedirect: true,
    path: '/a.php',
  });
});

test('ZoneMap.of() lets the status page win over any chain, wherever either stands', () => {
  const status = zone('location /backhand', { handler: 'status' });
  for (const zones of [
    [status, zone('location /')],
    [zone('files *'), status],
  ]) {
    const resolved = new ZoneMap({ zones, documentRoot: null }).of('/backhand/');
    equal(resolved?.handler, 'status');
    equal(resolved?.chain, null);
    equal(resolved?.name, 'location /backhand');
  }
});

test('ZoneMap.of() takes a handler back where an inner section says none', () => {
  const zones = [
    zone('location /', { handler: 'status' }),
    zone('location /site', { handler: 'none', chain: CHAIN }),
  ];
  const map = new ZoneMap({ zones, documentRoot: null });
  equal(map.of('/site')?.handler, null);
  equal(map.of('/site')?.chain, CHAIN);
});

test('ZoneMap.of() is not balanced where an inner section turns it off', () => {
  const zones = [zone('location /'), zone('location /local', { chain: [] })];
  equal(new ZoneMap({ zones, documentRoot: null }).of('/local/x')?.chain, null);
});

test('ZoneMap.of() without a document root applies no section on directories', () => {
  const zones = [zone('directory /'), zone('directory / > files *')];
  const everywhere: Zone = {
    ...zone('all directories'),
    scopes: [{ kind: 'directory', match: { kind: 'everything' } }],
  };
  equal(new ZoneMap({ zones: [...zones, everywhere], documentRoot: null }).of('/a')?.name, null);
});

test('ZoneMap.of() asks fileOf() where one is given', () => {
  const zones = [zone('files *.php')];
  const fileOf = (path: string) => (path.endsWith('/') ? `/srv${path}index.php` : `/srv${path}`);
  const map = new ZoneMap({ zones, documentRoot: '/srv', fileOf });
  equal(map.of('/')?.name, 'files *.php');
  equal(map.of('/')?.path, '/');
});

test('ZoneMap.of() matches everything with <Files ~ "*">, as the article writes it', () => {
  const article: Zone = {
    ...zone('<Files ~ "*">'),
    scopes: [{ kind: 'files', match: { kind: 'everything' } }],
  };
  const map = new ZoneMap({ zones: [article], documentRoot: '/srv' });
  for (const target of ['/', '/a', '/a/b.php']) equal(map.of(target)?.name, '<Files ~ "*">');
});

test('ZoneMap.of() is null when the target must be refused, however often it comes', () => {
  const map = new ZoneMap({ zones: [zone('location /')], documentRoot: null });
  for (const target of ['/a%2fb', '/a%2fb', '/..', '/%']) equal(map.of(target), null);
});

test('ZoneMap.of() is in no zone for a target without a path', () => {
  const map = new ZoneMap({ zones: [zone('location /'), zone('')], documentRoot: '/srv' });
  for (const target of ['*', 'example.com:443']) equal(map.of(target)?.name, null);
});

test('ZoneMap.of() gives the same object again for the same path, whatever the query', () => {
  const map = new ZoneMap({ zones: [zone('location /')], documentRoot: null });
  const first = map.of('/a/b?x=1');
  equal(map.of('/a/b'), first);
  equal(map.of('/a/b?y'), first);
  notEqual(map.of('/a/bc'), first);
  notEqual(map.of('/a'), first);
});

test('ZoneMap.of() stays right when more paths than the cache holds come by', () => {
  const map = new ZoneMap({ zones: [zone('location /odd')], documentRoot: null });
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 5_000; i++) {
      const target = i % 2 === 1 ? `/odd/${i}` : `/even/${i}`;
      const { name, path } = map.of(target)!;
      equal(name, i % 2 === 1 ? 'location /odd' : null);
      equal(path, target);
    }
  }
  const long = `/odd/${'x'.repeat(5_000)}`;
  notEqual(map.of(long), map.of(`${long}?q`), 'a path beyond the limit is resolved anew');
  equal(map.of(long)?.name, 'location /odd');
});
