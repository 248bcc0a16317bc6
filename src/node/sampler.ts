/**
 * How busy this machine is: what goes into each announcement.
 *
 * From /proc where there is one, else from what `node:os` knows (macOS), each figure for itself.
 * The files are read synchronously: the kernel makes their text on the spot, and an answer that
 * came later would be of another moment.
 *
 * What a newcomer gets wrong: the idle share is of the time between two samples, so the first
 * sample can only say "idle". One sampler, asked once an interval.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import {
  type CpuTicks,
  cpuIdleMilli,
  type Memory,
  parseLoadavgMilli,
  parseMeminfo,
  parseStat,
} from '../core/announce/proc.ts';
import type { LoadSource } from './load-source.ts';

export type Figures = {
  readonly loadMilli: number;
  readonly cpuIdleMilli: number;
  readonly cpuCount: number;
  readonly memoryTotalMb: number;
  readonly memoryAvailableMb: number;
};

export type SamplerParts = {
  /** May throw: the figure then comes from `system`. */
  readonly readFile: (path: string) => string;
  readonly system: Pick<typeof os, 'loadavg' | 'cpus' | 'totalmem' | 'freemem'>;
};

export const SYSTEM_PARTS: SamplerParts = {
  readFile: (path) => readFileSync(path, 'latin1'),
  system: os,
};

export class Sampler {
  readonly #parts: SamplerParts;
  readonly #loadSource: Pick<LoadSource, 'loadMilli'> | null;
  #ticks: CpuTicks | null = null;

  /** @param loadSource what says the load instead of the machine; null: nothing does */
  constructor(parts: SamplerParts, loadSource: Pick<LoadSource, 'loadMilli'> | null) {
    this.#loadSource = loadSource;
    this.#parts = parts;
  }

  sample(): Figures {
    const { system } = this.#parts;
    const loadMilli =
      this.#loadSource?.loadMilli() ??
      this.#read('/proc/loadavg', parseLoadavgMilli) ??
      Math.round(system.loadavg()[0]! * 1_000);
    const ticks = this.#read('/proc/stat', parseStat) ?? ticksOf(system.cpus());
    const memory = this.#read('/proc/meminfo', parseMeminfo) ?? memoryOf(system);
    const idleMilli = this.#ticks === null ? 1_000 : cpuIdleMilli(this.#ticks, ticks);
    this.#ticks = ticks;
    return {
      loadMilli,
      cpuIdleMilli: idleMilli,
      cpuCount: ticks.cpuCount,
      memoryTotalMb: memory.totalMb,
      memoryAvailableMb: memory.availableMb,
    };
  }

  #read<T>(path: string, parse: (text: string) => T | null): T | null {
    try {
      return parse(this.#parts.readFile(path));
    } catch {
      return null;
    }
  }
}

function ticksOf(cpus: readonly os.CpuInfo[]): CpuTicks {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total, cpuCount: Math.max(1, cpus.length) };
}

function memoryOf(system: SamplerParts['system']): Memory {
  const mb = (bytes: number) => Math.floor(bytes / 1_048_576);
  return { totalMb: mb(system.totalmem()), availableMb: mb(system.freemem()) };
}
