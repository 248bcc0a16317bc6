/**
 * A room of machines and switches, out of the kernel's network namespaces.
 *
 *     fhk-PID-switch    a bridge for each network, and one end of every cable
 *     fhk-PID-www1      the other end, eth0 eth1 ..., with the addresses
 *
 * Nothing of it is in the namespace of the host: no bridge, no address, no route that could clash
 * with what is there. Removing the namespaces removes the cables, so that is all there is to clean.
 *
 * What a newcomer gets wrong: a machine here has a network, a host name, a `/proc/loadavg` and a
 * `/usr/local` of its own, but shares processes, processors and memory with the host. Killing is
 * by process id.
 */
import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Namespaces of ours, and the process that made them. */
const OURS = /^fhk-(\d+)-/;

/**
 * A tmpfs on every Linux. An overlay may not keep its upper directory on another overlay, which is
 * what the root of a container is.
 */
const DISKS = '/dev/shm';

/** Programs this needs, and the Debian package of each. */
const PROGRAMS = {
  ip: 'iproute2',
  nft: 'nftables',
  setpriv: 'util-linux',
  unshare: 'util-linux',
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const SWEEPS = 3;

export type Cable = { readonly network: string; readonly address: string };

export type RunOptions = {
  readonly stdio: StdioOptions;
  /**
   * It sees and changes the machine's own `/usr/local`. For one process of a machine at a time: two
   * overlays cannot share what they write to.
   */
  readonly writes: boolean;
  /** Added to ours. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** @returns null when these tests can run here, or why not */
export function unavailable(): string | null {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'making network namespaces needs root';
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isInstalled(program));
  const packages = missing.map(([, name]) => name);
  if (packages.length > 0 && !install(packages)) return `cannot install ${packages.join(', ')}`;
  const name = `fhk-${process.pid}-probe`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'delete', name);
    return null;
  } catch (error) {
    return `this kernel or container gives no network namespaces (${String(error).split('\n')[0]})`;
  }
}

/** Removes what dead runs left behind, or, for a process id, what that run has made. */
export function sweep(pid: number | null = null): void {
  const isLeft = (name: string): boolean => {
    const maker = OURS.exec(name)?.[1];
    if (maker === undefined) return false;
    return pid === null ? !isAlive(maker) : maker === String(pid);
  };
  const names = ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  for (const name of names.filter(isLeft)) {
    for (const left of ip('netns', 'pids', name).split('\n').filter(Boolean)) {
      tryTo(() => process.kill(Number(left), 'SIGKILL'));
    }
    ip('netns', 'delete', name);
  }
  for (const name of readdirSync(DISKS).filter(isLeft)) {
    rmSync(join(DISKS, name), { recursive: true, force: true });
  }
}

/** A killed process whose parent has not looked yet (`Z`) does nothing any more. */
function isAlive(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export class Room {
  readonly #prefix = `fhk-${process.pid}-`;
  readonly #disks: string;
  readonly #networks = new Set<string>();
  readonly #machines: Machine[] = [];
  readonly #onExit = (): void => this.close();
  readonly #onSignal = (): void => process.exit(1);

  constructor() {
    sweep();
    this.#disks = mkdtempSync(join(DISKS, this.#prefix));
    process.once('exit', this.#onExit);
    // Not once: the second one would end this process in the middle of its cleaning up.
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    ip('netns', 'add', this.#switch);
    ip('-n', this.#switch, 'link', 'set', 'lo', 'up');
    this.#nft('add table netdev lab');
  }

  /**
   * What the first of each pair sends no longer reaches the second, at the level of the switch: not
   * even ARP. All pairs in the same instant, as when one cable is cut.
   */
  cut(pairs: readonly (readonly [from: Machine, to: Machine])[]): void {
    const macs = new Map(pairs.map(([from]) => [from, from.macs]));
    // At the port of the receiver, by the sender's hardware address, so broadcasts are cut as well.
    const commands = pairs.flatMap(([from, to]) =>
      to.ports.flatMap((port) => {
        const hook = `{ type filter hook egress device "${port}" priority 0 ; }`;
        const rules = macs.get(from)!.map((mac) => {
          return `add rule netdev lab ${chainOf(port)} ether saddr ${mac} drop`;
        });
        return [`add chain netdev lab ${chainOf(port)} ${hook}`, ...rules];
      }),
    );
    this.#nft(commands.join('\n'));
  }

  /** Every cut is mended. */
  heal(): void {
    this.#nft('flush table netdev lab');
  }

  #nft(command: string): void {
    ip('netns', 'exec', this.#switch, 'nft', command);
  }

  /** A machine that is switched on and plugged in, without anything running. */
  machine(name: string, cables: readonly Cable[]): Machine {
    const namespace = this.#prefix + name;
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    cables.forEach(({ network }, index) => {
      this.#lay(network);
      const [port, card] = [portOf(name, index), `eth${index}`];
      const peer = ['peer', 'name', card, 'netns', namespace];
      ip('-n', this.#switch, 'link', 'add', port, 'type', 'veth', ...peer);
      ip('-n', this.#switch, 'link', 'set', port, 'master', network, 'up');
      ip('-n', namespace, 'link', 'set', card, 'up');
    });
    const disk = join(this.#disks, name);
    const machine = new Machine({ name, namespace, cables, switch: this.#switch, disk });
    machine.configure();
    this.#machines.push(machine);
    return machine;
  }

  /** Kills what runs, and removes everything. Idempotent. */
  close(): void {
    process.removeListener('exit', this.#onExit);
    this.#machines.length = 0;
    // Ctrl-C reaches the programs that clean up, too. Nobody presses it three times in that moment.
    for (let tries = 0; tries < SWEEPS && !tryTo(() => sweep(process.pid)); tries++);
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal);
  }

  get #switch(): string {
    return `${this.#prefix}switch`;
  }

  #lay(network: string): void {
    if (this.#networks.has(network)) return;
    this.#networks.add(network);
    ip('-n', this.#switch, 'link', 'add', network, 'type', 'bridge');
    ip('-n', this.#switch, 'link', 'set', network, 'up');
  }
}

export class Machine {
  readonly name: string;
  readonly cables: readonly Cable[];
  readonly #namespace: string;
  readonly #switch: string;
  /** What differs from the host's disk, and the file that is its `/proc/loadavg`. */
  readonly #disk: string;
  readonly #running = new Set<ChildProcess>();

  constructor(parts: {
    readonly name: string;
    readonly namespace: string;
    readonly cables: readonly Cable[];
    readonly switch: string;
    readonly disk: string;
  }) {
    this.name = parts.name;
    this.cables = parts.cables;
    this.#namespace = parts.namespace;
    this.#switch = parts.switch;
    this.#disk = parts.disk;
    for (const part of ['local', 'work', 'run'])
      mkdirSync(join(parts.disk, part), { recursive: true });
    this.load = 0;
  }

  /** Its ends at the switch. */
  get ports(): readonly string[] {
    return this.cables.map((_, index) => portOf(this.name, index));
  }

  /** Hardware addresses of its cards. */
  get macs(): readonly string[] {
    return this.cables.map((_, index) =>
      readLink(ip('-n', this.#namespace, '-o', 'link', 'show', `eth${index}`)),
    );
  }

  /** Where `/run` of this machine is for us. */
  get runDirectory(): string {
    return join(this.#disk, 'run');
  }

  /** Where `/usr/local` of this machine is for us. */
  get local(): string {
    return join(this.#disk, 'local');
  }

  /** The one-minute load average that programs on this machine read. */
  set load(load: number) {
    const text = `${load.toFixed(2)} ${load.toFixed(2)} ${load.toFixed(2)} 1/100 1000\n`;
    // In place: a mount holds the file, not its name.
    writeFileSync(join(this.#disk, 'loadavg'), text);
  }

  /** The process itself, not a shell around it: its pid is the program's. */
  run(program: string, args: readonly string[], options: RunOptions): ChildProcess {
    const { local, name } = this;
    const disk = this.#disk;
    const overlay =
      'mount -t overlay overlay ' +
      `-o lowerdir=/usr/local,upperdir=${local},workdir=${disk}/work /usr/local`;
    const script = [
      `hostname ${name}`,
      `mount --bind ${disk}/loadavg /proc/loadavg`,
      `mount --bind ${this.runDirectory} /run`,
      ...(options.writes ? [overlay] : []),
      'exec "$@"',
    ].join(' && ');
    // `ip netns exec` makes the mounts private already. The signal comes when we die, however.
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', this.#namespace, 'unshare', '--uts'].concat(
        ['sh', '-ec', script, 'sh', program],
        args,
      ),
      { stdio: options.stdio, env: { ...process.env, ...options.environment } },
    );
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }

  /** Runs a program to its end. @returns what it said on its standard output */
  exec(program: string, ...args: readonly string[]): string {
    return ip('netns', 'exec', this.#namespace, program, ...args);
  }

  /** The cable at the switch's end: this machine sees its carrier go. */
  unplug(card?: number): void {
    for (const port of this.#portsOf(card)) ip('-n', this.#switch, 'link', 'set', port, 'down');
  }

  plug(card?: number): void {
    for (const port of this.#portsOf(card)) ip('-n', this.#switch, 'link', 'set', port, 'up');
  }

  /** Everything that runs on it is gone at once; the cable stays in. */
  powerOff(): void {
    this.#signalAll('SIGKILL');
    this.#running.clear();
  }

  /** Nothing on it runs on until it is thawed. Its kernel goes on to answer for it. */
  freeze(): void {
    this.#signalAll('SIGSTOP');
  }

  thaw(): void {
    this.#signalAll('SIGCONT');
  }

  /** The addresses of its cards are those of its cables and no others, as after a start. */
  configure(): void {
    this.cables.forEach(({ address }, index) => {
      const card = `eth${index}`;
      ip('-n', this.#namespace, 'address', 'flush', 'dev', card, 'scope', 'global');
      ip('-n', this.#namespace, 'address', 'add', address, 'broadcast', '+', 'dev', card);
      ip('-n', this.#namespace, 'neighbour', 'flush', 'dev', card);
    });
  }

  #signalAll(signal: NodeJS.Signals): void {
    for (const pid of ip('netns', 'pids', this.#namespace).split('\n').filter(Boolean)) {
      tryTo(() => process.kill(Number(pid), signal));
    }
  }

  #portsOf(card?: number): readonly string[] {
    return card === undefined ? this.ports : [portOf(this.name, card)];
  }
}

/** The first child of a process. @returns null when it has none, or is gone */
export function childOf(pid: number): number | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === '' ? null : Number(children.split(' ')[0]);
  } catch {
    return null;
  }
}

function readLink(line: string): string {
  return /link\/ether (\S+)/.exec(line)?.[1] ?? '';
}

/** nft takes no dots in names. */
function chainOf(port: string): string {
  return `to_${port.replace(/[^a-z0-9]/g, '_')}`;
}

/** Short: the kernel takes 15 letters for an interface. */
function portOf(name: string, index: number): string {
  return `${name}.${index}`;
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function isInstalled(program: string): boolean {
  const directories = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin');
  return directories.some((directory) => existsSync(join(directory, program)));
}

function install(packages: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    existsSync('/usr/bin/apt-get') &&
    tryTo(() => execFileSync('apt-get', ['-q', 'update'], { env, stdio: 'ignore' })) &&
    tryTo(() => {
      const args = ['-qy', '--no-install-recommends', 'install', ...packages];
      execFileSync('apt-get', args, { env, stdio: 'ignore' });
    })
  );
}

/** @returns whether it did not throw */
function tryTo(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
