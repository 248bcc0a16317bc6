/**
 * Daemons that come, go, stall and are parted, and clients that join, leave, talk and vanish: one
 * seed, one run. At the end all are connected and quiet, and then everybody knows the same.
 *
 *     node sim/spread/run.ts 17            replays seed 17
 *     node sim/spread/run.ts 1 5000        searches 5000 seeds from 1 on
 */
import { fileURLToPath } from 'node:url';
import { privateParts } from '../../src/core/spread/names.ts';
import { assert } from '../../src/core/util/assert.ts';
import { Random } from '../ring/random.ts';
import { judge, judgeQuiet } from './judge.ts';
import { type SimClient, type SimNode, SpreadWorld } from './spread-world.ts';

const STEPS = 400;
const GROUPS = ['a', 'b', 'c'];
const USERS = ['u1', 'u2', 'u3', 'u4'];
const SERVICES = [1, 2, 4, 8, 0x10, 0x10, 0x20, 0x60];

export type SpreadRun = {
  readonly messages: number;
  readonly networks: number;
  readonly transitions: number;
  readonly trace: string;
};

class Run {
  readonly #random: Random;
  readonly #world: SpreadWorld;
  readonly #clients: SimClient[] = [];
  readonly #said = new Map<SimClient, number>();
  /** Groups each client has asked to be in. */
  readonly #wants = new Map<SimClient, Set<string>>();

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#world = new SpreadWorld(this.#random);
  }

  run(): SpreadRun {
    for (let i = 0; i < 3; i++) this.#start();
    for (let i = 0; i < STEPS; i++) this.#act();
    this.#world.connect(this.#world.nodes);
    this.#world.group.settle();
    this.#judgeQuiet();
    judge(this.#clients);
    judgeQuiet(this.#living);
    const heard = this.#clients.map((client) => client.heard);
    const count = (kind: string): number => {
      return this.#clients.reduce((sum, { events }) => {
        return sum + events.filter((event) => event.kind === kind).length;
      }, 0);
    };
    const networks = heard.flat().filter((line) => line.startsWith('network')).length;
    const trace = heard.map((lines) => lines.join('\n')).join('\n\n');
    return { messages: count('message'), networks, transitions: count('transition'), trace };
  }

  get #living(): SimClient[] {
    return this.#clients.filter((client) => client.node.clients.has(client.id));
  }

  #act(): void {
    const random = this.#random;
    const dice = random.next();
    if (dice < 0.6) for (let i = random.whole(1, 20); i > 0 && this.#world.group.step(); i--);
    else if (dice < 0.94) this.#client();
    else this.#disturb();
  }

  #client(): void {
    const random = this.#random;
    const node = random.pick(this.#world.nodes)!;
    const client = random.pick(this.#living);
    const dice = random.next();
    if (client === undefined || dice < 0.1) this.#open(node);
    else if (dice < 0.4) {
      const group = random.pick(GROUPS)!;
      client.join(group);
      this.#wants.get(client)?.add(group);
    } else if (dice < 0.5) {
      const group = random.pick(GROUPS)!;
      client.leave(group);
      this.#wants.get(client)?.delete(group);
    } else if (dice < 0.53) client.node.cut(client);
    else if (dice < 0.55) client.quit();
    else this.#say(client);
  }

  #open(node: SimNode): void {
    const membership = this.#random.chance(0.9);
    const client = this.#world.client(node, this.#random.pick(USERS)!, { membership });
    if (client.name === '') return;
    this.#clients.push(client);
    this.#wants.set(client, new Set());
  }

  #say(client: SimClient): void {
    const number = (this.#said.get(client) ?? 0) + 1;
    this.#said.set(client, number);
    const groups = GROUPS.filter(() => this.#random.chance(0.4));
    if (this.#random.chance(0.1)) groups.push(this.#random.pick(this.#living)!.name);
    const service = this.#random.pick(SERVICES)!;
    const long = this.#random.chance(0.02) ? 'x'.repeat(100_000) : '';
    client.say(groups, `${client.id} ${number} ${long}`, {
      service: service & 0x3f,
      selfDiscard: service > 0x3f,
    });
  }

  #disturb(): void {
    const random = this.#random;
    const { nodes, group } = this.#world;
    const dice = random.next();
    const node = random.pick(nodes)!;
    if (dice < 0.1 && nodes.length > 1) this.#world.kill(node);
    else if (dice < 0.2 && nodes.length < 5) this.#start();
    else if (dice < 0.3) {
      group.stall(node.place);
      this.#world.connect(...this.#parts().map((part) => part.filter((one) => one !== node)));
      return;
    }
    this.#world.connect(...this.#parts());
  }

  #parts(): SimNode[][] {
    const parts: SimNode[][] = [[], [], []];
    const most = this.#random.whole(0, 2);
    for (const node of this.#world.nodes) parts[this.#random.whole(0, most)]!.push(node);
    return parts;
  }

  #start(): void {
    const names = ['n1', 'n2', 'n3', 'n4', 'n5'];
    const free = names.filter((name) => !this.#world.nodes.some((node) => node.name === name));
    this.#world.start(this.#random.pick(free)!);
  }

  /** All are connected, and nothing is on its way. */
  #judgeQuiet(): void {
    for (const group of GROUPS) {
      const expected = this.#living
        .filter((client) => this.#wants.get(client)?.has(group))
        .map(({ name }) => name)
        .toSorted((a, b) => (inOrder(a) < inOrder(b) ? -1 : 1));
      for (const { server, name } of this.#world.nodes) {
        const found = server.status().groups.find((one) => one.name === group)?.members ?? [];
        const what = `${name} knows that ${expected} are in ${group}, and not ${found}`;
        assert(found.join() === expected.join(), what);
      }
      const memberships = this.#living.map(({ events }) => {
        return events.findLast((event) => event.kind === 'membership' && event.group === group);
      });
      this.#living.forEach((client, index) => {
        const last = memberships[index];
        if (!this.#wants.get(client)?.has(group) || last?.kind !== 'membership') return;
        assert(last.members.join() === expected.join(), `${client.name} has heard of ${expected}`);
      });
    }
    for (const node of this.#world.nodes) assert(node.reports.length === 0, node.reports.join());
  }
}

/** By daemon, then by user. */
function inOrder(name: string): string {
  const { user, daemon } = privateParts(name)!;
  return `${daemon} ${user}`;
}

export function runSeed(seed: number): SpreadRun {
  return new Run(seed).run();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first = 1, count = 1] = process.argv.slice(2).map(Number);
  for (let seed = first; seed < first + count; seed++) {
    try {
      const { trace, ...figures } = runSeed(seed);
      if (count === 1) process.stdout.write(`${trace}\n${JSON.stringify(figures)}\n`);
    } catch (error) {
      process.stdout.write(`seed ${seed}: ${(error as Error).message}\n`);
      if (count === 1) throw error;
      process.exitCode = 1;
      if (process.env['FIRST'] === '1') break;
    }
  }
}
