/**
 * Goal: what every candidacy function keeps to, whatever it is given.
 *
 * Method: each built-in, and some chains, over random clusters from seeds. It never invents a
 * server, never keeps one twice, never makes one up from another list; the same seed gives the same
 * list; an empty cluster and a cluster of one work.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { isArgumentError } from './argument.ts';
import { BUILTINS } from './builtins.ts';
import { asking, NOW_MS, seeded, server, slotsOf } from './candidacy.fixture.ts';
import { type Asking, type Candidacy, Candidates, type Server } from './candidates.ts';
import { choose } from './chain.ts';

const ARGUMENTS: Record<string, readonly (string | null)[]> = {
  byAge: [null, '5', '0'],
  byLoad: [null, '0.5', '-2'],
  byBusyChildren: [null, '3'],
  byCPU: [null, 'only'],
  byHostname: ['web[1-4]', '^nobody$'],
  bySession: [null, 'sid='],
  HTTPRedirectToName: [null, '%1S.%-1H'],
};

const functions: readonly Candidacy[] = BUILTINS.flatMap(({ name, parse }) =>
  (ARGUMENTS[name] ?? [null]).map((argument) => {
    const made = parse(argument);
    ok(!isArgumentError(made), name);
    return made;
  }),
);

/** Slots with gaps, figures from nothing to the absurd, and not always ourselves in it. */
function randomCluster(random: () => number, count: number): Server[] {
  const upTo = (max: number) => Math.floor(random() * (max + 1));
  const figure = () => (random() < 0.2 ? 0 : random() < 0.1 ? 0xffffffff : upTo(10_000));
  let slot = random() < 0.9 ? 0 : 1;
  return Array.from({ length: count }, () => {
    const total = figure();
    const one = server(slot, {
      heardMs: NOW_MS - upTo(40_000) + 1_000,
      state: upTo(2) as Server['state'],
      loadMilli: figure(),
      loadHwmMilli: figure(),
      cpuIdleMilli: upTo(1_000),
      cpuCount: upTo(8),
      arriba: figure(),
      memoryTotalMb: total,
      memoryAvailableMb: Math.floor(total * random()),
      capacity: figure(),
      inFlight: figure(),
      sentSinceHeard: upTo(5),
      suspect: random() < 0.2,
    });
    slot += 1 + upTo(1);
    return one;
  });
}

function randomRequest(random: () => number, seed: number): Asking {
  const digits = `0a0000${Math.floor(random() * 16)
    .toString(16)
    .padStart(2, '0')}`;
  return asking({
    random: seeded(seed),
    target: `/x.php?sid=${digits}`,
    fields: () => (random() < 0.5 ? [`PHPSESSID=${digits}`] : []),
  });
}

function checkList(candidates: Candidates, known: readonly Server[], what: string): void {
  const list = candidates.servers.slice(0, candidates.count);
  equal(new Set(list).size, list.length, `${what}: none twice`);
  ok(
    list.every((one) => known.includes(one)),
    `${what}: none invented`,
  );
}

for (const candidacy of functions) {
  test(`${candidacy.name} never invents, never duplicates, and repeats itself by seed`, () => {
    const candidates = new Candidates();
    for (let seed = 1; seed <= 200; seed++) {
      const count = seed <= 2 ? seed - 1 : seed % 20;
      const lists = [1, 2].map(() => {
        const random = seeded(seed);
        const known = randomCluster(random, count);
        candidates.reset(known);
        // Not always the whole cluster: another function may have been before.
        if (seed % 3 === 0) candidates.keep(({ slot }) => slot % 3 !== 0, null);
        candidacy.apply(candidates, randomRequest(random, seed));
        checkList(candidates, known, `seed ${seed}`);
        return slotsOf(candidates);
      });
      deepEqual(lists[0], lists[1], `seed ${seed}`);
    }
  });
}

test('choose() of random chains: the same, and a winner whenever the last pass leaves one', () => {
  const candidates = new Candidates();
  let winners = 0;
  for (let seed = 1; seed <= 2_000; seed++) {
    const random = seeded(seed);
    const known = randomCluster(random, seed % 12);
    const chain = Array.from(
      { length: 1 + Math.floor(random() * 5) },
      () => functions[Math.floor(random() * functions.length)]!,
    );
    const request = randomRequest(random, seed);
    const winner = choose(chain, candidates, known, request);
    checkList(candidates, known, `seed ${seed}`);
    equal(winner, candidates.count === 0 ? null : candidates.servers[0]);
    if (winner !== null) winners++;
    if (winner?.suspect) {
      const others = candidates.servers.slice(0, candidates.count);
      const isUp = (one: Server) => one.state === winner.state && one.heardMs === winner.heardMs;
      ok(!others.some((one) => isUp(one) && !one.suspect), `seed ${seed}: suspects last`);
    }
  }
  ok(winners > 500, `${winners} of 2000 random chains had a winner`);
});
