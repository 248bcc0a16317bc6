/**
 * The machines of the comparison: N web machines that share a pool, and a visitor, each a network
 * namespace; and the two products that keep the pool.
 *
 * Both get the same pool, the same machines, the same responder beside them. What a newcomer gets
 * wrong: keepalived knows no pool. It gets one VRRP instance for each address, with the machines'
 * priorities turned by one from address to address, which is how people spread addresses with it.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childOf, type Machine, Room } from '../../src/lab/room.ts';
import type { Change } from './gaps.ts';

export const ENGINES = ['ring', 'corosync', 'spread'] as const;
export const PRODUCTS = ['forehand', 'keepalived'] as const;
export type Product = (typeof PRODUCTS)[number];

export type Layout = {
  readonly engine: (typeof ENGINES)[number];
  readonly nodes: number;
  readonly addresses: number;
  /** `lan` is the default; keepalived then adverts every second, with `fast` every 0.1 s. */
  readonly profile: 'lan' | 'fast';
};

export const PROBE_PORT = 7_007;

const NETWORK = '192.168.77';
const FOREHAND = join(import.meta.dirname, '../../bin/forehand.ts');
const RESPONDER = join(import.meta.dirname, 'responder.ts');
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning'];

export function poolOf({ addresses }: Layout): string[] {
  return Array.from({ length: addresses }, (_, index) => `${NETWORK}.${101 + index}`);
}

export class Cluster {
  readonly product: Product;
  readonly layout: Layout;
  readonly visitor: Machine;
  readonly nodes: readonly ClusterNode[];
  readonly changes: Change[] = [];
  readonly #room = new Room();

  /** @param directory for configuration files; the caller's to remove */
  constructor(product: Product, layout: Layout, directory: string) {
    this.product = product;
    this.layout = layout;
    this.visitor = this.#room.machine('visitor', [{ network: 'lan', address: `${NETWORK}.1/24` }]);
    const names = Array.from({ length: layout.nodes }, (_, index) => `n${index + 1}`);
    const onChange = (change: Change): void => {
      this.changes.push(change);
    };
    this.nodes = names.map((name, index) => {
      const address = `${NETWORK}.${11 + index}/24`;
      const machine = this.#room.machine(name, [{ network: 'lan', address }]);
      machine.exec('sysctl', '-qw', 'net.ipv4.ip_nonlocal_bind=1');
      const daemon =
        product === 'forehand'
          ? forehandOn(machine, layout, directory)
          : keepalivedOn(machine, index, layout, directory);
      return new ClusterNode(machine, { daemon, pool: poolOf(layout), onChange });
    });
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
  }

  /** Nothing passes between this node and the others; the visitor is with the others. */
  cutOff(node: ClusterNode): void {
    const others = [this.visitor, ...this.nodes.map(({ machine }) => machine)].filter(
      (machine) => machine !== node.machine,
    );
    this.#room.cut(
      others.flatMap((other) => [
        [node.machine, other],
        [other, node.machine],
      ]),
    );
  }

  heal(): void {
    this.#room.heal();
  }

  /** What each node has in its kernel now, as the responders have said. */
  get holders(): ReadonlyMap<string, ReadonlySet<string>> {
    const holders = new Map<string, Set<string>>();
    for (const { machine, address, here } of this.changes) {
      const set = holders.get(address) ?? new Set();
      holders.set(address, set);
      if (here) set.add(machine);
      else set.delete(machine);
    }
    return holders;
  }

  close(): void {
    this.#room.close();
  }
}

/** What differs between the products. */
type Daemon = {
  readonly command: readonly string[];
  /** What carries its group, if that is another program; it goes on when the daemon is killed. */
  readonly engine?: readonly string[];
  /** All processes that are "the daemon", for kill and for stop signals. */
  readonly pids: (started: ChildProcess) => number[];
  /** Tells it to give its addresses away and stay; null: it knows no such thing. */
  readonly drain: readonly string[] | null;
};

export class ClusterNode {
  readonly machine: Machine;
  readonly #daemon: Daemon;
  readonly #pool: readonly string[];
  readonly #onChange: (change: Change) => void;
  #process: ChildProcess | null = null;
  #responder: ChildProcess | null = null;
  #here = new Set<string>();

  constructor(
    machine: Machine,
    parts: {
      readonly daemon: Daemon;
      readonly pool: readonly string[];
      readonly onChange: (change: Change) => void;
    },
  ) {
    this.machine = machine;
    this.#daemon = parts.daemon;
    this.#pool = parts.pool;
    this.#onChange = parts.onChange;
  }

  get name(): string {
    return this.machine.name;
  }

  /** Addresses of the pool that are here. */
  get holds(): readonly string[] {
    return [...this.#here];
  }

  async start(): Promise<void> {
    const [program, ...args] = this.#daemon.engine ?? [];
    if (program !== undefined) this.machine.run(program, args, { stdio: 'ignore', writes: false });
    await this.startResponder();
    this.startDaemon();
  }

  async startResponder(): Promise<void> {
    const args = [...NODE_FLAGS, RESPONDER, String(PROBE_PORT), ...this.#pool];
    const responder = this.machine.run(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      writes: false,
    });
    this.#responder = responder;
    await new Promise<void>((resolve) => {
      let rest = '';
      responder.stdout?.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line === 'ready') resolve();
          else this.#note(JSON.parse(line) as Omit<Change, 'machine'>);
        }
      });
    });
  }

  startDaemon(): void {
    const [program, ...args] = this.#daemon.command;
    const log = this.#openLog();
    this.#process = this.machine.run(program!, args, {
      stdio: ['ignore', 'ignore', log],
      writes: false,
    });
    if (log !== 'ignore') closeSync(log);
  }

  /** BENCH_LOG names a directory for what the daemons say, a file for each node. */
  #openLog(): number | 'ignore' {
    const directory = process.env['BENCH_LOG'];
    if (directory === undefined) return 'ignore';
    mkdirSync(directory, { recursive: true });
    return openSync(join(directory, `${this.name}.log`), 'a');
  }

  /** The daemon, and with it what it serves. */
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    const daemon = this.#process === null ? [] : this.#daemon.pids(this.#process);
    for (const pid of [...daemon, this.#responder?.pid]) {
      if (pid !== undefined) process.kill(pid, signal);
    }
  }

  /** As an operator ends it. The responder goes on. */
  terminate(): void {
    this.#process?.kill('SIGTERM');
  }

  /** @returns false where the product has no such command */
  drain(): boolean {
    const { drain } = this.#daemon;
    if (drain === null) return false;
    const [program, ...args] = drain;
    this.machine.run(program!, args, { stdio: 'ignore', writes: false });
    return true;
  }

  powerCut(): void {
    this.machine.unplug();
    this.machine.freeze();
  }

  /** As new: nothing runs, no address but its own, plugged in. */
  async reset(): Promise<void> {
    const gone = [this.#process, this.#responder].flatMap((child) =>
      child === null || child.exitCode !== null || child.signalCode !== null
        ? []
        : [once(child, 'exit')],
    );
    this.machine.powerOff();
    await Promise.all(gone);
    this.machine.configure();
    this.machine.plug();
    const atMs = performance.timeOrigin + performance.now();
    for (const address of this.#here) this.#note({ atMs, address, here: false });
    await this.start();
  }

  #note(change: Omit<Change, 'machine'>): void {
    if (change.here) this.#here.add(change.address);
    else this.#here.delete(change.address);
    this.#onChange({ ...change, machine: this.name });
  }
}

/** Every node is a Spread daemon, too, and a client of its own. */
const SPREAD = "spread: { serve: true, listen: 4803, accept: ['localhost'] },";

function forehandOn({ name }: Machine, layout: Layout, directory: string): Daemon {
  const file = join(directory, 'forehand.config.ts');
  const nodes = Array.from({ length: layout.nodes }, (_, index) => {
    return `    n${index + 1}: { address: '${NETWORK}.${11 + index}' },`;
  });
  const pool = poolOf(layout).map((address) => `'eth0 ${address}/24'`);
  writeFileSync(
    file,
    `import { defineCluster } from 'forehand';
export default defineCluster({
  listen: [],
  ${layout.engine === 'spread' ? SPREAD : ''}
  nodes: {
${nodes.join('\n')}
  },
  addresses: {
    pool: [${pool.join(', ')}],
    mature: '2s',
    balance: { interval: '500ms' },
    group: {
      engine: ${layout.engine === 'spread' ? "{ spread: '4803@127.0.0.1' }" : `'${layout.engine}'`},
      port: 4805, profile: '${layout.profile}', secret: 'of the benchmark',
    },
  },
});
`,
  );
  const forehand = [process.execPath, ...NODE_FLAGS, FOREHAND];
  return {
    command: [...forehand, 'run', file],
    ...(layout.engine === 'corosync' ? { engine: corosyncOn(layout, directory) } : {}),
    // The node itself: its guard is what is left to clean up after it.
    pids: ({ pid }) => (pid === undefined ? [] : [childOf(pid) ?? pid]),
    drain: [...forehand, 'drain', '--control', `/run/forehand/${name}.sock`],
  };
}

/** The least that there can be, with the token that docs/benchmarks.md names. */
function corosyncOn(layout: Layout, directory: string): string[] {
  const file = join(directory, 'corosync.conf');
  const nodes = Array.from({ length: layout.nodes }, (_, index) => {
    const address = `${NETWORK}.${11 + index}`;
    return `node {\n name: n${index + 1}\n nodeid: ${index + 1}\n ring0_addr: ${address}\n }\n`;
  });
  const totem = ['version: 2', 'cluster_name: bench', 'transport: knet', 'token: 500'];
  totem.push('token_coefficient: 0', 'crypto_cipher: none', 'crypto_hash: none');
  const system = ['allow_knet_handle_fallback: yes', 'sched_rr: no', 'move_to_root_cgroup: no'];
  const logging = ['to_stderr: yes', 'to_syslog: no'];
  writeFileSync(
    file,
    `totem {\n${totem.join('\n')}\n}\nnodelist {\n${nodes.join('')}}\n` +
      `logging {\n${logging.join('\n')}\n}\nsystem {\n${system.join('\n')}\n}\n`,
  );
  const own = ['/run', '/var/lib/corosync'].map((path) => `mount -t tmpfs tmpfs ${path}`);
  return ['sh', '-ec', `${own.join(' && ')} && exec corosync -f -c ${file}`];
}

function keepalivedOn({ name }: Machine, index: number, layout: Layout, directory: string): Daemon {
  const own = join(directory, name);
  mkdirSync(own, { recursive: true });
  const instances = poolOf(layout).map((address, at) => {
    const turn = (index - at + layout.nodes * layout.addresses) % layout.nodes;
    return `vrrp_instance v${at} {
  state BACKUP
  interface eth0
  virtual_router_id ${at + 1}
  priority ${200 - turn * 10}
  advert_int ${layout.profile === 'fast' ? 0.1 : 1}
  garp_master_delay 1
  version 3
  virtual_ipaddress { ${address}/24 }
}`;
  });
  const file = join(own, 'keepalived.conf');
  writeFileSync(file, `global_defs { router_id ${name} }\n${instances.join('\n')}\n`);
  const pidFiles = ['-p', join(own, 'k.pid'), '-r', join(own, 'vrrp.pid')];
  // A killed one leaves its files behind, and would then think that it runs.
  const fresh = ['sh', '-c', `rm -f ${own}/*.pid && exec "$@"`, 'sh'];
  return {
    command: [...fresh, 'keepalived', '-n', '-l', '-P', '-f', file, ...pidFiles],
    pids: ({ pid }) => (pid === undefined ? [] : [pid, ...childrenOf(pid)]),
    drain: null,
  };
}

function childrenOf(pid: number): number[] {
  const child = childOf(pid);
  return child === null ? [] : [child];
}

/** The visitor's tries, from `start` to `stop`. */
export class Probe {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(visitor: Machine, addresses: readonly string[]): Promise<Probe> {
    const prober = join(import.meta.dirname, 'prober.ts');
    const args = [...NODE_FLAGS, prober, String(PROBE_PORT), ...addresses];
    const child = visitor.run(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      writes: false,
    });
    await once(child.stderr!, 'data');
    return new Probe(child);
  }

  async stop<T>(): Promise<T> {
    const chunks: Buffer[] = [];
    this.#process.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = once(this.#process, 'close');
    this.#process.kill('SIGTERM');
    await closed;
    return JSON.parse(Buffer.concat(chunks).toString()) as T;
  }
}
