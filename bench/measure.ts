/** One run of one scenario against one proxy. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProxyName, Rig } from './rig.ts';
import type { Scenario } from './scenarios.ts';

export type Figures = {
  /** utime + stime of the proxy for each request. */
  readonly cpuUs: number;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
  readonly requests: number;
  /** Socket errors, time-outs and answers other than 2xx and 3xx. */
  readonly failed: number;
};

/** proc(5): clock ticks per second, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

const run = promisify(execFile);

export async function measure(
  rig: Rig,
  proxy: ProxyName,
  scenario: Scenario,
  seconds: number,
): Promise<Figures> {
  const { pids, port } = rig.proxies[proxy];
  const url = `http://127.0.0.1:${port}${scenario.path}`;
  const args = ['-t1', `-c${scenario.connections}`, `-d${seconds}s`, '--latency'];
  if (scenario.script !== null) {
    const file = join(rig.directory, `${scenario.name}.lua`);
    writeFileSync(file, scenario.script);
    args.push('-s', file);
  }
  const before = pids.reduce((sum, pid) => sum + cpuTicks(pid), 0);
  const { stdout } = await run('taskset', ['-c', rig.loadCpu, 'wrk', ...args, url]);
  const ticks = pids.reduce((sum, pid) => sum + cpuTicks(pid), 0) - before;
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  if (requests === 0) throw new Error(`${proxy} served nothing in ${scenario.name}:\n${stdout}`);
  return {
    cpuUs: (ticks / TICKS_PER_SECOND / requests) * 1e6,
    rps: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)![1]),
    p50Ms: latencyMs(stdout, 50),
    p99Ms: latencyMs(stdout, 99),
    rssMb: pids.reduce((sum, pid) => sum + rssMb(pid), 0),
    requests,
    failed: failures(stdout),
  };
}

function failures(output: string): number {
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
    output,
  );
  const counts = (sockets ?? []).slice(1).map(Number);
  const statuses = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0);
  return counts.reduce((sum, count) => sum + count, statuses);
}

function latencyMs(output: string, percent: number): number {
  const match = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(output)!;
  const unit = { us: 0.001, ms: 1, s: 1_000 }[match[2] as 'us' | 'ms' | 's'];
  return Number(match[1]) * unit;
}

function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function rssMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
