/**
 * Four machines with one engine, and members of a group on them: processes that tell all they see.
 *
 * What a newcomer gets wrong: the engine's daemons run on from test to test, and only the members
 * are each test's own. They are in a group of another name each time, so nothing is left of before.
 */
import { ok } from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Subject } from '../../sim/ring/judge.ts';
import type { View } from '../../src/core/ring/group.ts';
import type { Timing } from '../../src/core/ring/timing.ts';
import { DEFAULT_ACCESS } from '../../src/core/spread/server/access-rules.ts';
import { DEFAULT_SPREAD_LIMITS } from '../../src/core/spread/server/server-events.ts';
import { type Machine, Room } from '../../src/lab/room.ts';
import type { RingSocketOptions } from '../../src/node/ring/ring-socket.ts';
import type { SpreadServiceOptions } from '../../src/node/spread/spread-service.ts';
import { eventually } from './eventually.ts';
import { type Allowances, judge } from './group-judge.ts';
import type { MemberLine, MemberOptions } from './group-member.ts';

/** Where its `corosync.conf` has them. */
const COROSYNC = join(import.meta.dirname, '../../examples/corosync/start-corosync.sh');
const ADDRESSES = [183, 184, 185, 186].map((last) => `192.168.100.${last}`);

/** As patient as `wan`: a process that waits for a busy processor is none that died. */
const TIMING: Timing = { heartbeatMs: 100, silenceMs: 2_000, repeatMs: 50, steadyMs: 50 };

/** Of each member, where a test fails. */
const TOLD_LINES = 20;

const GROUP_PORT = 4803;
const SPREAD_PORT = 4803;
const SPREAD_GROUP_PORT = 4804;

/** How members of a ring find each other, where not by a list. The name is that of the kind. */
const GROUPS = {
  'ring over IPv4 multicast': '239.192.77.1',
  'ring over IPv6 multicast': 'ff02::4:77',
} as const;

const ENGINES = {
  ring: { kind: 'ring' },
  'ring over IPv4 multicast': { kind: 'ring' },
  'ring over IPv6 multicast': { kind: 'ring' },
  corosync: { kind: 'corosync' },
  spread: {
    kind: 'spread',
    daemon: `${SPREAD_PORT}@127.0.0.1`,
    user: null,
    retryMs: 200,
    otherwise: 'wait',
  },
} as const;

export type EngineKind = keyof typeof ENGINES;

const ALLOWANCES: Readonly<Record<EngineKind, Allowances>> = {
  ring: { mayDiverge: false, mayRunAhead: true },
  'ring over IPv4 multicast': { mayDiverge: false, mayRunAhead: true },
  'ring over IPv6 multicast': { mayDiverge: false, mayRunAhead: true },
  corosync: { mayDiverge: true, mayRunAhead: false },
  spread: { mayDiverge: true, mayRunAhead: false },
};

/** One life of a member. */
export class MemberProcess {
  readonly name: string;
  readonly lines: MemberLine[] = [];
  /** What its engine had to report. */
  reports = '';
  #subject: Subject | null = null;
  #rest = '';
  /** Given to it, and not sent yet: it may not have read them. */
  readonly #unsent = new Set<string>();
  readonly #child: ChildProcess;

  constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => this.#hear(chunk));
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      this.reports += chunk;
    });
    // A member that was killed reads no more.
    child.stdin!.on('error', () => undefined);
  }

  /** Null until it has said who it is. */
  get subject(): Subject | null {
    return this.#subject;
  }

  get views(): readonly View[] {
    return this.lines.flatMap((line) => (line.kind === 'view' ? [line.view] : []));
  }

  /** What was delivered to it, in order. */
  get heard(): readonly string[] {
    return this.lines.flatMap((line) => (line.kind === 'message' ? [line.text] : []));
  }

  get isIdle(): boolean {
    return this.#unsent.size === 0;
  }

  send(...texts: readonly string[]): void {
    for (const text of texts) this.#unsent.add(text);
    this.#child.stdin!.write(texts.map((text) => `${text}\n`).join(''));
  }

  async kill(): Promise<void> {
    await this.#end(() => this.#child.kill('SIGKILL'));
  }

  /** @returns its exit code */
  async leave(): Promise<number | null> {
    await this.#end(() => this.#child.stdin!.end());
    return this.#child.exitCode;
  }

  /** Returns when all it has said has been heard. */
  async #end(act: () => void): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'close');
    act();
    await gone;
  }

  #hear(chunk: string): void {
    const texts = (this.#rest + chunk).split('\n');
    this.#rest = texts.pop()!;
    for (const text of texts) {
      const line: MemberLine = JSON.parse(text);
      if (line.kind === 'started') this.#subject = { member: line.self };
      if (line.kind === 'sent') this.#unsent.delete(line.text);
      this.lines.push(line);
    }
  }
}

export class GroupRig {
  readonly #kind: EngineKind;
  readonly #room = new Room();
  readonly #machines: readonly Machine[];
  #groups = 0;
  #lives: MemberProcess[] = [];

  constructor(kind: EngineKind) {
    this.#kind = kind;
    this.#machines = ADDRESSES.map((address, index) =>
      this.#room.machine(`n${index + 1}`, [{ network: 'lan', address: `${address}/24` }]),
    );
    if (kind === 'corosync') this.#startCorosync();
    if (kind === 'spread') this.#startSpread();
  }

  /** A member on each of these machines, 1 to 4, in a group that is new. */
  begin(...numbers: readonly number[]): MemberProcess[] {
    this.#groups++;
    this.#lives = [];
    return numbers.map((number) => this.join(number));
  }

  join(number: number): MemberProcess {
    const address = ADDRESSES[number - 1]!;
    const machine = this.#machines[number - 1]!;
    const options: MemberOptions = {
      name: machine.name,
      engine: ENGINES[this.#kind],
      ring: {
        group: `suite${this.#groups}`,
        timing: TIMING,
        secrets: ['of the suite'],
        socket: this.#socketOf(address),
      },
    };
    const child = this.#run(machine, 'group-member.ts', options);
    const member = new MemberProcess(machine.name, child);
    this.#lives.push(member);
    return member;
  }

  /** These are one view, and all that they were to say has come to all of them. */
  async settles(members: readonly MemberProcess[]): Promise<void> {
    const names = members.map(({ name }) => name).join(', ');
    await this.#explained(() =>
      eventually(`${names} are one view`, () => {
        const judging = this.#judge();
        const subjects = members.map(({ subject }) => subject!);
        ok(!subjects.includes(null as never) && judging.agreed(subjects), 'not one view');
        ok(members.every(({ isIdle }) => isIdle) && judging.quiet(subjects), 'not all has come');
      }),
    );
  }

  /** Ends the members; what they have told must keep all promises. */
  async finish(): Promise<void> {
    await this.end();
    await this.#explained(() => this.#judge().finish());
  }

  /** Ends the members, whatever has become of them. */
  async end(): Promise<void> {
    await Promise.all(this.#lives.map((life) => life.kill()));
  }

  /** Nothing passes between the first so many machines and the rest. */
  divide(count: number): void {
    const [some, others] = [this.#machines.slice(0, count), this.#machines.slice(count)];
    const pairs = some.flatMap((one) => others.map((other) => [one, other] as const));
    this.#room.cut([...pairs, ...pairs.map(([one, other]) => [other, one] as const)]);
  }

  heal(): void {
    this.#room.heal();
  }

  close(): void {
    this.#room.close();
  }

  #judge(): ReturnType<typeof judge> {
    const told = this.#lives.flatMap(({ subject, lines }) =>
      subject === null ? [] : [{ subject, lines }],
    );
    return judge(told, ALLOWANCES[this.#kind]);
  }

  async #explained(look: () => Promise<void> | void): Promise<void> {
    try {
      await look();
    } catch (error) {
      const { cause } = error as Error;
      throw new Error(`${error}: ${cause}\n${this.#told()}`, { cause: error });
    }
  }

  /** For whoever has to find out why. */
  #told(): string {
    return this.#lives
      .map(({ name, lines, reports }) => {
        const last = lines.slice(-TOLD_LINES).map((line) => JSON.stringify(line));
        return `${name}:\n${reports}${last.join('\n')}`;
      })
      .join('\n');
  }

  #socketOf(address: string): RingSocketOptions {
    const group = (GROUPS as Readonly<Record<string, string>>)[this.#kind];
    if (group === undefined) return socketOf(address, GROUP_PORT);
    const multicast = { address: group, ttl: 1 };
    return { port: GROUP_PORT, host: null, peers: [], multicast, interfaces: ['eth0'] };
  }

  #startCorosync(): void {
    for (const machine of this.#machines) {
      machine.run('sh', [COROSYNC], { stdio: 'ignore', writes: false });
    }
  }

  #startSpread(): void {
    for (const [index, machine] of this.#machines.entries()) {
      const options: SpreadServiceOptions = {
        ring: {
          group: 'daemons',
          timing: TIMING,
          secrets: ['of the daemons'],
          socket: socketOf(ADDRESSES[index]!, SPREAD_GROUP_PORT),
        },
        host: {
          node: machine.name,
          listen: [{ host: '127.0.0.1', port: SPREAD_PORT }],
          // One /tmp for all machines of this room.
          path: null,
          access: DEFAULT_ACCESS,
          limits: DEFAULT_SPREAD_LIMITS,
        },
        user: null,
      };
      this.#run(machine, 'group-daemon.ts', options).stderr!.resume();
    }
  }

  #run(machine: Machine, program: string, options: object): ChildProcess {
    const path = join(import.meta.dirname, program);
    const flags = ['--disable-warning=ExperimentalWarning'];
    return machine.run(process.execPath, [...flags, path, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      writes: false,
    });
  }
}

function socketOf(host: string, port: number): RingSocketOptions {
  const peers = ADDRESSES.filter((address) => address !== host);
  return { port, host, peers, multicast: null, interfaces: [] };
}
