/** Goal: the right server wins, and as long as one that could serve is left, somebody does. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { addSelf } from './add-self.ts';
import { byAge } from './by-age.ts';
import { byLoad } from './by-load.ts';
import { byLogWindow } from './by-log-window.ts';
import { byRandom } from './by-random.ts';
import { bySession } from './by-session.ts';
import { asking, NOW_MS, seeded, servers, slotsOf } from './candidacy.fixture.ts';
import { type Asking, type Candidacy, Candidates, NodeState, type Server } from './candidates.ts';
import { choose, SILENT_MS } from './chain.ts';
import { explain, explanationLines } from './explain.ts';
import { httpRedirectToIP } from './http-redirect-to-ip.ts';
import { candidacy } from './own.ts';
import { removeSelf } from './remove-self.ts';

/** Of the director of the article's first and third example. */
const ARTICLE = [bySession(), byAge(), removeSelf(), byLoad()];
const IDIOM = [byAge(), byRandom(), byLogWindow(), byLoad()];

const UP = {};
const DRAINING = { state: NodeState.draining };
const SICK = { state: NodeState.sick };
const RELAYING = { state: NodeState.relaying };
const SUSPECT = { suspect: true };
const SILENT = { heardMs: NOW_MS - SILENT_MS - 1 };

/** The final list, slot numbers, best first. */
function final(
  chain: readonly Candidacy[],
  known: readonly Partial<Server>[],
  request: Asking = asking(),
): number[] {
  const candidates = new Candidates();
  const winner = choose(chain, candidates, servers(...known), request);
  const slots = slotsOf(candidates);
  equal(winner?.slot, slots[0]);
  return slots;
}

const sessionOf = (hex: string) => asking({ fields: () => [`PHPSESSID=${hex}`] });

const tables: readonly (readonly [
  does: string,
  chain: readonly Candidacy[],
  known: readonly Partial<Server>[],
  slots: readonly number[],
  request?: Asking,
])[] = [
  ['starts from every known server in slot order', [], [UP, UP, UP], [0, 1, 2]],
  ['leaves nobody when nobody is known', [byLoad()], [], []],
  ['leaves nobody when the chain does', [removeSelf()], [UP], []],
  ['never takes the sick or the draining', [], [SICK, UP, DRAINING], [1]],
  ['never takes who has nothing to serve', ARTICLE, [RELAYING, RELAYING, { loadMilli: 9 }], [2]],
  ['not even when nobody else is left', [removeSelf()], [RELAYING, RELAYING, SICK], [2]],
  ['nor adds ourselves then', [addSelf()], [RELAYING], []],
  ['nor for a session', ARTICLE, [UP, RELAYING, UP], [2], sessionOf('0a000001')],
  [
    'forgets a session whose server a later function drops',
    [bySession(), byAge(5), removeSelf(), byLoad()],
    [UP, { heardMs: NOW_MS - 6_000 }, UP],
    [2],
    sessionOf('0a000001'),
  ],
  [
    'forgets a session with ourselves that is removed',
    ARTICLE,
    [UP, UP],
    [1],
    sessionOf('0a000000'),
  ],
  ['never takes the silent', [], [UP, SILENT], [0]],
  ['keeps suspects, but last', [byLoad()], [SUSPECT, { loadMilli: 9_000 }, UP], [2, 1, 0]],
  [
    'takes no suspect because a window held only suspects',
    [byLogWindow()],
    [SUSPECT, { loadMilli: 1 }, UP],
    [1],
  ],
  ['takes a suspect when nobody else is left', [removeSelf()], [UP, SUSPECT], [1]],
  ['takes the draining when nobody else is left', [removeSelf()], [UP, DRAINING, SICK], [1, 2]],
  [
    'ranks those who are left: up, draining, sick, silent, suspects behind their like',
    [candidacy('notEligible', (all) => (all.some(({ suspect }) => suspect) ? all : []))],
    [SILENT, SICK, { ...DRAINING, ...SUSPECT }, DRAINING],
    [3, 2, 1, 0],
  ],
  [
    'lets an age beyond SILENT_MS say who serves when nobody fresher is left',
    [byAge(60), removeSelf()],
    [UP, { heardMs: NOW_MS - 50_000 }, { heardMs: NOW_MS - 70_000 }],
    [1],
  ],
  ['does not add ourselves back while draining', [addSelf()], [DRAINING, UP], [1]],
  ['adds ourselves when nobody else is left', [removeSelf(), addSelf()], [DRAINING], [0]],

  ['sends a session to its server', ARTICLE, [UP, UP, UP], [2], sessionOf('0a000002')],
  ['sends a session to a draining server', ARTICLE, [UP, UP, DRAINING], [2], sessionOf('0a000002')],
  ['keeps other requests from a draining server', ARTICLE, [UP, UP, DRAINING], [1]],
  [
    'keeps other sessions from a draining server',
    ARTICLE,
    [UP, UP, DRAINING],
    [1],
    sessionOf('0a000001'),
  ],
  [
    'finds another for a session whose server is dead, in the order of the article',
    ARTICLE,
    [UP, { loadMilli: 7 }, SILENT, { loadMilli: 3 }],
    [3, 1],
    sessionOf('0a000002'),
  ],
  [
    'finds another for a session whose server just refused a connection',
    ARTICLE,
    [UP, { loadMilli: 7 }, SUSPECT, { loadMilli: 3 }],
    [3, 1, 2],
    sessionOf('0a000002'),
  ],
  [
    'finds another for a session whose server is sick',
    ARTICLE,
    [UP, UP, SICK],
    [1],
    sessionOf('0a000002'),
  ],
  [
    'does not let a session reach the director that removes itself',
    [removeSelf(), bySession(), byLoad()],
    [DRAINING, UP],
    [1],
    sessionOf('0a000000'),
  ],
  [
    'lets no draining server into a window behind the session',
    [bySession(), byLogWindow()],
    [DRAINING, DRAINING, UP, UP],
    [2],
  ],
];

for (const [does, chain, known, slots, request] of tables) {
  test(`choose() ${does}`, () => deepEqual(final(chain, known, request), slots));
}

test('choose() with the idiom lets all win but the most loaded, who cannot lead a window', () => {
  const known = servers(...Array.from({ length: 8 }, (_, slot) => ({ loadMilli: 100 * slot })));
  const candidates = new Candidates();
  const winners = new Set<number>();
  const request = asking({ random: seeded(1) });
  for (let i = 0; i < 2_000; i++) winners.add(choose(IDIOM, candidates, known, request)!.slot);
  // Of any three servers the two most loaded of all are never the least loaded.
  deepEqual([...winners].toSorted(), [0, 1, 2, 3, 4, 5]);
});

test('choose() forgets the delivery and the session of the request before', () => {
  const candidates = new Candidates();
  const known = servers(UP, UP);
  choose([bySession(), httpRedirectToIP()], candidates, known, sessionOf('0a000001'));
  equal(candidates.delivery.kind, 'redirectToIp');
  equal(candidates.session?.slot, 1);
  choose([bySession()], candidates, known, asking());
  equal(candidates.delivery.kind, 'proxy');
  equal(candidates.session, null);
});

test('explain() tells the list after each function, with the figures it was judged by', () => {
  const known = servers(UP, { loadMilli: 370 }, { loadMilli: 100 }, DRAINING);
  const explanation = explain(ARTICLE, known, asking());
  deepEqual(explanationLines(explanation), [
    'eligible: web0, web1, web2, web3',
    '  bySession: web0, web1, web2',
    '  byAge: web0 (heard 0.5 s ago), web1 (heard 0.5 s ago), web2 (heard 0.5 s ago)',
    '  removeSelf: web1, web2',
    '  byLoad: web2 (load 0.10), web1 (load 0.37)',
    'winner: web2',
  ]);
  deepEqual(
    explanation.passes[0]?.steps[0]?.dropped.map(({ server }) => server.slot),
    [3],
  );
  equal(explanation.reason, null);
});

test('explain() says which function left nobody, and of whom', () => {
  const explanation = explain(ARTICLE, servers(UP, SILENT, SILENT), asking());
  equal(explanation.server, null);
  equal(explanation.reason, 'removeSelf left nobody of web0');
  match(explanationLines(explanation).join('\n'), /withheld: web1 \(silent for 20\.0 s\)/);
  const aged = explain([byAge(5)], servers({ heardMs: NOW_MS - 25_000 }), asking());
  equal(aged.reason, 'byAge 5 left nobody of web0 (heard 25.0 s ago)');
  equal(explain(ARTICLE, [], asking()).reason, 'no server is known');
});

test('explain() tells of a misbehaving function of the user', () => {
  const broken = candidacy('mine', () => JSON.parse('{'));
  const [pass] = explain([broken, byLoad()], servers(UP), asking()).passes;
  match(pass?.steps[0]?.fault ?? '', /^threw SyntaxError/);
  equal(pass?.steps[1]?.fault, null);
});

test('explain() agrees with choose() for the same random numbers', () => {
  const known = servers(UP, SUSPECT, SICK, UP, DRAINING, UP, SILENT);
  for (let seed = 1; seed < 50; seed++) {
    const candidates = new Candidates();
    const chosen = choose(IDIOM, candidates, known, asking({ random: seeded(seed) }));
    const explanation = explain(IDIOM, known, asking({ random: seeded(seed) }));
    equal(explanation.server, chosen);
    deepEqual(
      explanation.servers.map(({ slot }) => slot),
      slotsOf(candidates),
    );
  }
});

test('choose() passes over a function that throws, and tells', () => {
  const candidates = new Candidates();
  const faults: string[] = [];
  candidates.onFault = ({ candidacy, reason }) => faults.push(`${candidacy}: ${reason}`);
  const broken: Candidacy = {
    name: 'broken',
    apply: () => {
      throw new Error('boom');
    },
  };
  equal(choose([broken, byLoad()], candidates, servers(UP, UP), asking())?.slot, 0);
  deepEqual(faults, ['broken: threw Error: boom']);
});
