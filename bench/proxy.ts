/**
 * CPU per request of forehand's relay beside HAProxy's and nginx's.
 *
 *     npm run bench:proxy                          every scenario, five rounds
 *     npm run bench:proxy -- --rounds 21 --seconds 1 --only small-64,browser-64 --json result.json
 *
 * Method: one origin (nginx), one load generator (wrk), three proxies that do the same work: pool
 * connections to the origin, add X-Forwarded-For, -Proto, -Host and Via. Each has one worker. In
 * each round every proxy takes its turn in an order that rotates, so that a slow minute of the
 * machine hits all of them; a ratio is taken within its round, and the median of the ratios counts.
 * It is to the better of HAProxy and nginx: whose median over the rounds is lower. The ratio to
 * whichever was lower in each round is printed too (`ratioLowest`), and is higher by the noise: of
 * two equal numbers with an error the smaller one is below both's mean. CPU is utime + stime of the
 * proxy's processes (proc(5)) over the requests of the run. The proxies run on one processor,
 * origin and load on another.
 *
 * A request that fails or is answered by anything but 200 makes the whole run fail.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Figures, measure } from './measure.ts';
import { PROXIES, type ProxyName, startRig } from './rig.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    warm: { type: 'string', default: '5' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const only = values.only?.split(',') ?? SCENARIOS.map(({ name }) => name);
const scenarios = SCENARIOS.filter(({ name }) => only.includes(name));
if (!only.every((name) => SCENARIOS.some((one) => one.name === name)))
  throw new Error(`no such scenarios: ${values.only}`);

type Result = Record<ProxyName, Figures> & {
  readonly name: string;
  readonly better: ProxyName;
  readonly ratio: number;
  readonly ratios: readonly number[];
  readonly ratioLowest: number;
};

await using rig = await startRig();
console.log(rig.versions);
const results: Result[] = [];
for (const scenario of scenarios) {
  const result = await runScenario(scenario);
  results.push(result);
  print(result);
}
if (values.json !== undefined) {
  const { versions } = rig;
  writeFileSync(values.json, JSON.stringify({ versions, rounds, seconds, scenarios: results }));
}
const failed = results.some((result) => PROXIES.some((proxy) => result[proxy].failed > 0));
if (failed) console.log('FAILED: requests were lost');
process.exitCode = failed ? 1 : 0;

async function runScenario(scenario: Scenario): Promise<Result> {
  const runs: Record<ProxyName, Figures[]> = { forehand: [], haproxy: [], nginx: [] };
  // Not counted: caches, connection pools, the optimising compiler, which takes its seconds.
  for (const proxy of PROXIES) await measure(rig, proxy, scenario, Number(values.warm));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < PROXIES.length; turn++) {
      const proxy = PROXIES[(turn + round) % PROXIES.length]!;
      runs[proxy].push(await measure(rig, proxy, scenario, seconds));
    }
  }
  const [forehand, haproxy, nginx] = PROXIES.map((proxy) => medians(runs[proxy]));
  const better = haproxy!.cpuUs < nginx!.cpuUs ? 'haproxy' : 'nginx';
  const ratiosTo = (other: (round: number) => number): number[] =>
    runs.forehand.map(({ cpuUs }, round) => cpuUs / other(round));
  const ratios = ratiosTo((round) => runs[better][round]!.cpuUs);
  const lowest = ratiosTo((round) =>
    Math.min(runs.haproxy[round]!.cpuUs, runs.nginx[round]!.cpuUs),
  );
  return {
    name: scenario.name,
    better,
    ratio: median(ratios),
    ratios,
    ratioLowest: median(lowest),
    forehand: forehand!,
    haproxy: haproxy!,
    nginx: nginx!,
  };
}

/** Each figure's own median; failures are added up, as none may hide. */
function medians(runs: readonly Figures[]): Figures {
  const of = (key: keyof Figures): number => median(runs.map((run) => run[key]));
  return {
    cpuUs: of('cpuUs'),
    rps: of('rps'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    rssMb: of('rssMb'),
    requests: runs.reduce((sum, run) => sum + run.requests, 0),
    failed: runs.reduce((sum, run) => sum + run.failed, 0),
  };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function print(result: Result): void {
  const spread = result.ratios.map((ratio) => ratio.toFixed(2)).join(' ');
  console.log(
    `\n${result.name}: ratio ${result.ratio.toFixed(2)} to ${result.better} (${spread}),` +
      ` to the lower of each round ${result.ratioLowest.toFixed(2)}`,
  );
  for (const proxy of PROXIES) {
    const { cpuUs, rps, p50Ms, p99Ms, rssMb, requests, failed } = result[proxy];
    const speed = Math.round(rps).toString().padStart(8);
    console.log(
      `  ${proxy.padEnd(9)}${cpuUs.toFixed(1).padStart(8)} us${speed}` +
        ` rps  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms  ${rssMb.toFixed(0)} MB` +
        `  ${requests} requests, ${failed} failed`,
    );
  }
}
