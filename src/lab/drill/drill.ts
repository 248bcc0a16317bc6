/**
 * Runs a drill: the lab, the load, the events, and what the clients saw.
 *
 * What a newcomer gets wrong: the load begins when the cluster is whole, every address of the
 * targets held by somebody; and it ends when the last request has had its time.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { held, Mistake, obey } from '../commands.ts';
import { Lab, type LabMachine } from '../lab.ts';
import type { DrillEvent, LoadedDrill } from './definition.ts';
import { type EventTally, type Happened, parseLine, type Request, tally } from './tally.ts';

const LOAD = join(import.meta.dirname, 'load.ts');

/** Longer than the clients' patience. */
const REST_MS = 10_500;

/** A cluster of seven on two processors, maturity included. */
const READY_MS = 60_000;
const LOOK_MS = 250;

/** For the balance of addresses, and announcements that are all known to all. */
const SETTLE_MS = 8_000;

export type DrillParts = {
  readonly onLog: (machine: string, line: string) => void;
  /** What happens, as it happens. */
  readonly say: (text: string) => void;
};

export type DrillResult = {
  readonly startMs: number;
  readonly endMs: number;
  readonly targets: readonly string[];
  readonly happened: readonly Happened[];
  readonly requests: readonly Request[];
  readonly events: readonly EventTally[];
};

export async function runDrill(
  drill: LoadedDrill,
  events: readonly DrillEvent[],
  parts: DrillParts,
): Promise<DrillResult> {
  const lab = new Lab(drill.lab, { onLog: parts.onLog });
  try {
    parts.say(`starting ${lab.machines.size} machines`);
    await Promise.all([...lab.machines.values()].map((machine) => machine.start()));
    const hosts = drill.load.targets.map((target) => new URL(target).hostname);
    await untilReady(lab, hosts, drill.load);
    await delay(SETTLE_MS);
    return await underLoad(lab, drill, events, parts);
  } finally {
    lab.close();
  }
}

async function underLoad(
  lab: Lab,
  { load, lastS }: LoadedDrill,
  events: readonly DrillEvent[],
  { onLog, say }: DrillParts,
): Promise<DrillResult> {
  const requests: Request[] = [];
  const clients = startLoad(lab, load, requests);
  // An event may switch off the machine that plays the clients.
  const clientsEnded = once(clients, 'exit');
  // Whoever plays the clients needs a moment to begin.
  await Promise.race([once(clients.stdout!, 'data'), clientsEnded]);
  const startMs = requests[0]?.beganMs ?? nowMs();
  const happened: Happened[] = [{ atMs: startMs, what: 'load', held: [], problem: null }];
  for (const event of events) {
    await delay(Math.max(0, startMs + event.atS * 1_000 - nowMs()));
    say(event.do);
    const atHeld = heldBy(event, lab, load.targets);
    const atMs = nowMs();
    let problem: string | null = null;
    try {
      await obey(event.do, { lab, say: (text) => onLog('drill', text) });
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      problem = error.message;
    }
    happened.push({ atMs, what: event.do, held: atHeld, problem });
  }
  await delay(Math.max(0, startMs + lastS * 1_000 - nowMs()));
  const endMs = nowMs();
  await delay(REST_MS);
  clients.kill('SIGTERM');
  await clientsEnded;
  requests.sort((a, b) => a.beganMs - b.beganMs);
  const counted = requests.filter(({ beganMs }) => beganMs >= startMs && beganMs < endMs);
  const { targets } = load;
  const tallies = tally(counted, happened, targets.length, endMs);
  return { startMs, endMs, targets, happened, requests: counted, events: tallies };
}

function startLoad(lab: Lab, load: LoadedDrill['load'], requests: Request[]) {
  const { machine } = lab.machines.get(load.from)!;
  const clients = machine.run(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', LOAD, String(load.perSecond), ...load.targets],
    { stdio: ['ignore', 'pipe', 'inherit'], writes: false },
  );
  let rest = '';
  clients.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = parseLine(line);
      if (parsed !== null) requests.push(parsed);
    }
  });
  return clients;
}

/** Which targets the machine of an event holds now. */
function heldBy(event: DrillEvent, lab: Lab, targets: readonly string[]): number[] {
  const [, name = ''] = event.do.split(/\s+/);
  const machine = lab.machines.get(name);
  if (machine === undefined || !machine.on) return [];
  return targets.flatMap((target, index) => (has(machine, target) ? [index] : []));
}

function has(machine: LabMachine, target: string): boolean {
  const { hostname } = new URL(target);
  const own = machine.machine.cables.map(({ address }) => address.split('/')[0]);
  const addresses = held(machine)
    .split(' ')
    .map((address) => address.split('/')[0]);
  return [...own, ...addresses].includes(hostname);
}

/** Every target is answered well from where the load will come. */
async function untilReady(
  lab: Lab,
  hosts: readonly string[],
  { from, targets }: LoadedDrill['load'],
): Promise<void> {
  const { machine } = lab.machines.get(from)!;
  const script = `Promise.all(process.argv.slice(1).map((url) => fetch(url).then((r) => {
    if (!r.ok) throw new Error(url + ' ' + r.status);
  }))).catch((error) => { process.stderr.write(String(error.cause ?? error)); process.exit(1); })`;
  const beganMs = nowMs();
  for (;;) {
    try {
      machine.exec(process.execPath, '--eval', script, '--', ...targets);
      return;
    } catch (error) {
      if (nowMs() - beganMs < READY_MS) {
        await delay(LOOK_MS);
        continue;
      }
      throw new Error(`not all of ${hosts.join(', ')} answer: ${String(error)}`, { cause: error });
    }
  }
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
