/**
 * Goal: in an old group with nodes of ours, originals and strangers, each address is held exactly
 * once in every network that has come to rest, whatever parted, met, hung or ended before.
 *
 * Method: the real machine from `src/core/wackamole` and a model of the original (`original.ts`) as
 * clients of an ideal Spread. Faults for a while, then rest, then the judge; several times a seed.
 *
 *     node sim/wackamole/run.ts 17         replays a seed, and says what happened in it
 *     node sim/wackamole/run.ts 1 500      searches; FIRST=1 stops at the first finding
 */
import { assert } from '../../src/core/util/assert.ts';
import { Agenda } from '../ring/agenda.ts';
import { Random } from '../ring/random.ts';
import {
  type Host,
  type HostOptions,
  type HostParts,
  NeitherHost,
  OriginalHost,
  OurHost,
} from './hosts.ts';
import { IdealSpread } from './ideal-spread.ts';

const ROUNDS = 6;
const MATURE_MS = 2_000;
const INTERVAL_MS = 1_500;
/** Maturity, a GO ON, a probe, and somebody who has let go found out (`STRANGER_MS`). */
const REST_MS = 12_000;
/** Rounds of one move each, for a pool of at most nine. */
const EVEN_MS = 10 * INTERVAL_MS;

export type Tally = {
  memberships: number;
  ours: number;
  originals: number;
  strangers: number;
  mixedRuns: number;
  frozen: number;
  goneOn: number;
  judged: number;
  crashes: number;
};

class World {
  readonly random: Random;
  readonly agenda = new Agenda();
  nowMs = 0;
  readonly spread: IdealSpread;
  readonly hosts: (OurHost | OriginalHost | NeitherHost)[] = [];
  readonly pool: readonly string[];
  readonly tally: Tally;
  /**
   * Originals hang, or members prefer addresses, but never both: who has missed memberships counts
   * otherwise than the others where a preference was met, also among originals alone. And whoever
   * starts beside one that hangs cannot know its byte order.
   */
  readonly #hangs: boolean;
  /** Originals count wrongly when one is back before the others are done without it. */
  readonly restartMs: HostParts['restartMs'];
  #trace = '';

  constructor(seed: number) {
    this.random = new Random(seed);
    const { random, agenda } = this;
    const count = random.whole(2, 5);
    const daemons = Array.from({ length: count }, (_, daemon) => daemon);
    this.spread = new IdealSpread(daemons, { agenda, random, nowMs: () => this.nowMs });
    const size = random.whole(1, 9);
    this.pool = Array.from({ length: size }, (_, i) => `10.77.0.${200 + i}`);
    this.#hangs = random.chance(0.5);
    const originals = random.pick([0, 0.3, 0.6]) ?? 0;
    this.restartMs = originals === 0 ? { min: 1, max: 30 } : { min: 100, max: 1_000 };
    const options = this.#common(this.#hangs || random.chance(0.7));
    for (const daemon of daemons) this.hosts.push(this.#host(daemon, originals, options));
    if (!this.hosts.some(({ kind }) => kind === 'ours')) this.hosts[0] = this.#ours(0, options);
    if (random.chance(0.25)) {
      const daemon = random.whole(0, count - 1);
      this.hosts.push(new NeitherHost({ ...options, daemon, prefers: [] }, this.#parts()));
    }
    const of = (kind: Host['kind']): number =>
      this.hosts.filter((host) => host.kind === kind).length;
    this.tally = {
      memberships: 0,
      ours: of('ours'),
      originals: of('original'),
      strangers: of('neither'),
      mixedRuns: Number(of('original') > 0),
      frozen: 0,
      goneOn: 0,
      judged: 0,
      crashes: 0,
    };
    for (const host of this.hosts) this.agenda.at(random.between(0, 3_000), () => host.begin());
  }

  #common(little: boolean): Omit<HostOptions, 'daemon' | 'prefers'> {
    const { random } = this;
    return {
      pool: this.pool.map((address) => ({
        name: address,
        addresses: [{ interface: 'eth0', address, prefixLength: 24, notifyPrefixLength: 24 }],
      })),
      little,
      matureMs: MATURE_MS,
      intervalMs: INTERVAL_MS,
      rate: random.pick([1, 1, 2, 3, 'all' as const]) ?? 1,
    };
  }

  #host(daemon: number, originals: number, options: Omit<HostOptions, 'daemon' | 'prefers'>) {
    if (!this.random.chance(originals)) return this.#ours(daemon, options);
    return new OriginalHost({ ...options, daemon, prefers: this.#prefers() }, this.#parts());
  }

  #ours(daemon: number, options: Omit<HostOptions, 'daemon' | 'prefers'>): OurHost {
    return new OurHost({ ...options, daemon, prefers: this.#prefers() }, this.#parts());
  }

  #prefers(): readonly string[] {
    if (this.#hangs || !this.random.chance(0.25)) return [];
    return this.pool.filter(() => this.random.chance(0.4));
  }

  #parts(): HostParts {
    const { agenda, random, spread } = this;
    const answers = (address: string, besides: Host): boolean =>
      this.#near(besides.daemon).some((host) => host !== besides && host.kernel.has(address));
    const isWatched = (of: Host): boolean =>
      this.#near(of.daemon).some(({ kind, inGroup }) => kind === 'ours' && inGroup);
    const { restartMs } = this;
    return { agenda, random, spread, answers, isWatched, restartMs, nowMs: () => this.nowMs };
  }

  #near(daemon: number): Host[] {
    const daemons = this.spread.components.find((one) => one.includes(daemon)) ?? [];
    return this.hosts.filter((host) => daemons.includes(host.daemon));
  }

  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    while (this.agenda.nextMs <= endMs) {
      this.nowMs = Math.max(this.nowMs, this.agenda.nextMs);
      this.agenda.runNext();
    }
    this.nowMs = endMs;
  }

  trouble(): void {
    const { random } = this;
    for (let i = random.whole(1, 6); i > 0; i--) {
      this.run(random.chance(0.5) ? random.between(0, 10) : random.between(0, 2_500));
      const host = random.pick(this.hosts)!;
      switch (random.whole(0, 6)) {
        case 0:
        case 1:
        case 2:
          this.part(random.whole(1, 3));
          break;
        case 3:
          this.say(`restart ${host.daemon + 1}`);
          host.restart();
          break;
        case 4:
          if (host.kind === 'original' && this.#hangs) {
            this.say(`${host.frozen ? 'thaw' : 'freeze'} ${host.daemon + 1}`);
            host.freeze(!host.frozen);
            this.tally.frozen += Number(host.frozen);
          }
          break;
        case 5:
          if (host.kind === 'ours') host.loseSpread(random.between(5, 3_000));
          break;
        default:
          if (host.kind === 'ours') host.drain(random.chance(0.4));
      }
    }
  }

  part(count: number): void {
    const parts: number[][] = Array.from({ length: count }, () => []);
    for (const host of this.hosts) {
      const at = host.kind === 'neither' ? null : this.random.whole(0, count - 1);
      if (at !== null) parts[at]!.push(host.daemon);
    }
    this.say(`parts ${parts.map((daemons) => daemons.map((one) => one + 1)).join(' | ')}`);
    this.spread.part(parts.filter((daemons) => daemons.length > 0));
  }

  /** Everybody in one network, none of them hung or asked away. */
  heal(): void {
    for (const host of this.hosts) {
      if (host.frozen) host.freeze(false);
      if (host.kind === 'ours') host.drain(false);
    }
    this.part(1);
  }

  judge(): void {
    for (const host of this.hosts) {
      if (host.kind === 'original') this.tally.crashes += host.takeCrashes();
    }
    this.run(REST_MS);
    for (const daemons of this.spread.components) this.#judge(this.#near(daemons[0]!));
  }

  #judge(hosts: readonly Host[]): void {
    const members = hosts.filter(({ inGroup }) => inGroup);
    const silent = members.filter(({ kind, frozen }) => kind === 'neither' || frozen);
    const ours = members.filter(({ kind }) => kind === 'ours');
    const able = members.filter((host) => !silent.includes(host));
    if (silent.length > 0) {
      this.tally.goneOn++;
    } else {
      for (const { daemon, phase } of able) {
        assert(phase === 'run', `${daemon + 1} is in ${phase} at ${this.nowMs}`);
      }
    }
    // Among originals alone their own mistakes are nobody's to mend.
    if (ours.length === 0) return;
    this.tally.judged++;
    const isStuck = silent.some(({ frozen }) => frozen);
    for (const address of this.pool) {
      // An original that hangs may have been given it a moment before: nobody can know.
      if (isStuck && this.#isHungs(ours[0] as OurHost, address)) continue;
      const all = hosts.filter(({ kernel }) => kernel.has(address));
      const awake = all.filter(({ frozen }) => !frozen);
      // Originals that wait for one that is silent settle nothing among themselves.
      if (silent.length > 0 && awake.length > 1 && awake.every(({ kind }) => kind === 'original'))
        continue;
      const names = all.map(({ daemon, frozen }) => `${daemon + 1}${frozen ? ' (hung)' : ''}`);
      // It says to all that it holds it, and does not.
      if (all.length === 0 && this.#isLost(ours[0] as OurHost, address)) continue;
      const said = `${address} is held by [${names}] at ${this.nowMs}`;
      assert(all.length > 0 && awake.length <= 1, said);
    }
  }

  #isLost(ours: OurHost, address: string): boolean {
    const owner = this.#ownerOf(ours, address);
    return this.hosts.some((host) => {
      return host.kind === 'original' && host.lost.has(address) && owner.includes(`(${host.real})`);
    });
  }

  #ownerOf(ours: OurHost, address: string): string {
    return ours.machine?.status().groups.find(({ group }) => group === address)?.owner ?? '';
  }

  #isHungs(ours: OurHost, address: string): boolean {
    const row = ours.machine?.status().groups.find(({ group }) => group === address);
    return this.hosts.some(
      ({ frozen, real }) => frozen && row?.owner?.includes(`(${real})`) === true,
    );
  }

  /** An original counts itself and others wrongly now and then, and evens out by that. */
  judgeEvenness(): void {
    this.run(EVEN_MS);
    const pinned = this.hosts.some((host) => host.prefers.length > 0);
    if (pinned || this.hosts.some(({ kind }) => kind !== 'ours')) return;
    const counts = this.hosts.map(({ kernel }) => kernel.size);
    assert(Math.max(...counts) - Math.min(...counts) <= 1, `shares are even: ${counts}`);
  }

  say(text: string): void {
    this.#trace += `${this.nowMs.toFixed(1)} ${text}\n`;
  }

  get trace(): string {
    const kernels = this.hosts.map((host) => `${host.kind} ${[...host.kernel].join(' ')}`);
    return `${this.#trace}${kernels.join('\n')}\n`;
  }
}

/** @throws when a promise is broken */
export function runSeed(seed: number): { readonly tally: Tally; readonly trace: string } {
  const world = new World(seed);
  try {
    world.run(4_000 + MATURE_MS);
    for (let round = 0; round < ROUNDS; round++) {
      world.trouble();
      world.judge();
    }
    world.heal();
    world.judge();
    world.judgeEvenness();
  } catch (cause) {
    throw new Error(`seed ${seed}: ${(cause as Error).message}\n${world.trace}`, { cause });
  }
  world.tally.memberships = world.spread.memberships;
  return { tally: world.tally, trace: world.trace };
}

function search(first: number, count: number): void {
  let findings = 0;
  for (let seed = first; seed < first + count; seed++) {
    try {
      runSeed(seed);
    } catch (error) {
      findings++;
      console.log(String((error as Error).message));
      if (process.env['FIRST'] === '1') break;
    }
  }
  console.log(`${findings} findings in seeds ${first} to ${first + count - 1}`);
  if (findings > 0) process.exitCode = 1;
}

if (import.meta.main) {
  const [first = 1, count] = process.argv.slice(2).map(Number);
  if (count !== undefined) search(first, count);
  else {
    const { tally, trace } = runSeed(first);
    console.log(`${trace}${JSON.stringify(tally)}`);
  }
}
