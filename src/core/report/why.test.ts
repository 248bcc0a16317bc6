import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { byLoad } from '../candidacy/by-load.ts';
import { byRandom } from '../candidacy/by-random.ts';
import { NOW_MS, servers } from '../candidacy/candidacy.fixture.ts';
import type { Candidacy } from '../candidacy/candidates.ts';
import { Draws } from '../candidacy/draws.ts';
import { httpRedirectToIP } from '../candidacy/http-redirect-to-ip.ts';
import { candidacy } from '../candidacy/own.ts';
import { removeSelf } from '../candidacy/remove-self.ts';
import type { Zone } from '../cluster/config.ts';
import { ZoneMap } from '../zone/zone-of.ts';
import type { KeptRequest, RequestRecord } from './request-record.ts';
import { type WhyParts, type WhySubject, why } from './why.ts';

const KNOWN = servers({ loadMilli: 9_000 }, { loadMilli: 3_000 }, { loadMilli: 1_000 });

function zone(path: string, other: Partial<Zone>): Zone {
  return {
    name: `location ${path}`,
    scopes: [{ kind: 'location', match: { kind: 'prefix', path } }],
    chain: null,
    handler: null,
    selfRedirect: null,
    ...other,
  };
}

function parts(zones: readonly Zone[], other: Partial<WhyParts> = {}): WhyParts {
  return {
    node: 'web0',
    zones: new ZoneMap({ zones, documentRoot: null }),
    onEmpty: 'unavailable',
    portDefault: 80,
    local: 'files in /srv',
    table: { known: KNOWN, takenMs: NOW_MS, ofThen: true },
    nowMs: NOW_MS,
    random: () => 0.5,
    ...other,
  };
}

function subject(target: string, kept: KeptRequest | null = null): WhySubject {
  return { method: 'GET', target, host: 'x', client: '10.0.0.9', fields: [], kept };
}

function keptOf(record: Partial<RequestRecord>, other: Partial<KeptRequest> = {}): KeptRequest {
  return {
    record: {
      id: '0-1',
      node: 'web0',
      atMs: NOW_MS,
      client: '10.0.0.9',
      method: 'GET',
      target: '/',
      host: 'x',
      protocol: 'HTTP/1.1',
      referer: null,
      userAgent: null,
      zone: 'location /',
      way: 'node',
      relayed: false,
      chosen: 'web2',
      server: 'web2',
      outcome: 'DONE',
      status: 200,
      bytesOut: 1,
      tries: 1,
      sentMs: 0,
      firstByteMs: 1,
      totalMs: 1,
      ...record,
    },
    fields: [],
    cut: false,
    credentials: false,
    seed: 0,
    chosenAgain: false,
    ...other,
  };
}

const LEAST = [zone('/', { chain: [removeSelf(), byLoad()] })];

test('why() tells the chain step by step, with what each judged by', () => {
  const { chain, way, because, zone: name } = why(subject('/a'), parts(LEAST));
  equal(name, 'location /');
  equal(chain!.winner, 'web2');
  deepEqual(chain!.others, ['web1']);
  const [pass] = chain!.passes;
  deepEqual(pass!.given, ['web0', 'web1', 'web2']);
  deepEqual(
    pass!.steps.map(({ candidacy: step, before, after, dropped }) => [
      step,
      before,
      after.map(({ server }) => server),
      dropped.map(({ server }) => server),
    ]),
    [
      ['removeSelf', ['web0', 'web1', 'web2'], ['web1', 'web2'], ['web0']],
      ['byLoad', ['web1', 'web2'], ['web2', 'web1'], []],
    ],
  );
  match(pass!.steps[1]!.after[0]!.figure, /load 1/);
  equal(way, 'node');
  match(because, /relayed to web2 at 10\.0\.0\.2:80/);
});

test('why() says of every zone whether it applies, and which decides', () => {
  const zones = [
    zone('/', { chain: [removeSelf()] }),
    zone('/a', { chain: [byLoad()] }),
    zone('/b', { chain: [] }),
  ];
  const { zones: told } = why(subject('/a/x'), parts(zones));
  deepEqual(
    told.map(({ name, applies, text }) => [name, applies, text]),
    [
      ['location /', true, 'applies: has a chain, overridden by location /a'],
      ['location /a', true, 'decides: has a chain'],
      ['location /b', false, 'no: the path /a/x is not /b or below it'],
    ],
  );
});

const ways: readonly (readonly [
  string,
  string,
  readonly Zone[],
  Partial<WhyParts>,
  string,
  RegExp,
])[] = [
  ['the path is refused', '/%2f', LEAST, {}, 'refuse', /no one meaning/],
  [
    'the status page answers',
    '/s',
    [...LEAST, zone('/s', { handler: 'status' })],
    {},
    'status',
    /status page/,
  ],
  ['no zone applies', '/', [], {}, 'local', /no chain applies.*files in \/srv/],
  [
    'the chain chooses us',
    '/',
    [zone('/', { chain: [byLoad()] })],
    { table: { known: servers({}), takenMs: 0, ofThen: false } },
    'local',
    /chose this node/,
  ],
  [
    'nobody is left',
    '/',
    LEAST,
    { table: { known: servers({}), takenMs: 0, ofThen: false } },
    'nobody',
    /left nobody: 503/,
  ],
  [
    'nobody is left and that falls to us',
    '/',
    LEAST,
    { table: { known: servers({}), takenMs: 0, ofThen: false }, onEmpty: 'local' },
    'local',
    /left nobody, and what then/,
  ],
  [
    'the client is redirected',
    '/q?a=1',
    [zone('/', { chain: [byLoad(), httpRedirectToIP()] })],
    {},
    'redirect',
    /sent to web2/,
  ],
];

for (const [what, target, zones, other, way, because] of ways) {
  test(`why() says ${way} when ${what}`, () => {
    const answer = why(subject(target), parts(zones, other));
    equal(answer.way, way);
    match(answer.because, because);
    equal(answer.location, way === 'redirect' ? 'http://10.0.0.2/q?a=1' : null);
    equal(answer.chain === null, ['refuse', 'status'].includes(way) || zones.length === 0);
  });
}

test('why() says nothing of a difference when there is none', () => {
  const { differs, happened } = why(subject('/', keptOf({})), parts(LEAST));
  equal(differs, null);
  equal(happened!.meaning, 'The whole answer was handed over.');
});

test('why() goes by whom the chain chose, not by who served after a failed try', () => {
  const kept = keptOf({ chosen: 'web2', server: 'web1', tries: 2 });
  equal(why(subject('/', kept), parts(LEAST)).differs, null);
});

test('why() asks no chain about a request that another node had balanced', () => {
  const kept = keptOf({ relayed: true, way: 'local', chosen: null, server: null });
  const { chain, differs, because } = why(subject('/', kept), parts(LEAST));
  deepEqual([chain, differs], [null, null]);
  match(because, /balanced once/);
});

test('why() draws again what the request drew', () => {
  const zones = [zone('/', { chain: [byRandom()] })];
  for (let i = 0; i < 20; i++) {
    const draws = new Draws(() => i / 20);
    const drawn = why(subject('/'), parts(zones, { random: () => draws.next() }));
    const { winner } = drawn.chain!;
    const kept = keptOf({ chosen: winner, way: drawn.way }, { seed: draws.seed });
    equal(why(subject('/', kept), parts(zones)).differs, null);
  }
});

const own = candidacy('mine', (list) => list.slice(0, 1));

const differences: readonly (readonly [
  string,
  readonly Candidacy[],
  Partial<KeptRequest>,
  Partial<WhyParts>,
  RegExp,
])[] = [
  [
    'a function of the user',
    [removeSelf(), byLoad(), own],
    {},
    {},
    /^mine is a function of your own/,
  ],
  [
    'byRandom, whose seed is not known',
    [removeSelf(), byLoad(), byRandom(), byLoad()],
    {},
    {},
    /byRandom drew other numbers/,
  ],
  [
    'a table that is not kept',
    [removeSelf(), byLoad()],
    {},
    { table: { known: KNOWN, takenMs: NOW_MS, ofThen: false } },
    /no longer kept/,
  ],
  ['a head that was cut', [removeSelf(), byLoad()], { cut: true }, {}, /too long to be kept/],
  [
    'credentials',
    [removeSelf(), byLoad()],
    { credentials: true },
    {},
    /credentials are never kept/,
  ],
];

for (const [what, chain, other, table, reason] of differences) {
  test(`why() says that it differs, and that ${what} may be the reason`, () => {
    const kept = keptOf({ chosen: 'web1', server: 'web1' }, other);
    const { differs } = why(subject('/', kept), parts([zone('/', { chain })], table));
    equal(differs!.text, 'asked again: web2 (node); it was: web1 (node)');
    ok(
      differs!.because.some((one) => reason.test(one)),
      differs!.because.join('\n'),
    );
  });
}

test('why() asks with the age that announcements had then', () => {
  const kept = keptOf({ atMs: NOW_MS + 3_600_000 });
  const then = why(subject('/', kept), parts(LEAST));
  equal(then.chain!.passes.at(-1)!.pass, 'everyone', 'all are silent by then');
});
