/**
 * What Linux says of the machine in /proc, as numbers: load, processors, memory.
 *
 * Each parser takes the file's text and gives null when it is not what was expected, so that the
 * caller can turn to something else. Sources: proc_loadavg(5), proc_stat(5), proc_meminfo(5).
 *
 * What a newcomer gets wrong: "free" memory is no measure, a healthy machine has none. MemAvailable
 * (Linux 3.14) is what can be had without swapping; on older kernels free, buffers and page cache
 * together come near it. In bytes or pages nothing here counts: mod_backhand once did and changed.
 */

/** The one-minute average times 1000. */
export function parseLoadavgMilli(text: string): number | null {
  const match = /^(\d+\.\d+) \d+\.\d+ \d+\.\d+/.exec(text);
  return match === null ? null : Math.round(Number(match[1]) * 1000);
}

/** Clock ticks of all processors together, since the machine started. */
export type CpuTicks = {
  readonly idle: number;
  readonly total: number;
  readonly cpuCount: number;
};

/**
 * Waiting for a disk (iowait) is idle: the processor could run a request. Time stolen by the
 * hypervisor is not. Guest time is left out, as it is contained in user time already.
 */
export function parseStat(text: string): CpuTicks | null {
  const line = /^cpu +(.+)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  // user nice system idle [iowait irq softirq steal guest guest_nice]; Linux 2.4 had the first
  // four.
  const ticks = line.trim().split(/ +/).map(Number);
  if (ticks.length < 4 || ticks.some((count) => !Number.isFinite(count))) return null;
  const cpuCount = text.match(/^cpu\d+ /gm)?.length ?? 1;
  const total = ticks.slice(0, 8).reduce((sum, count) => sum + count, 0);
  return { idle: ticks[3]! + (ticks[4] ?? 0), total, cpuCount };
}

/**
 * Share of the time between two readings in which the processors idled, times 1000. All of it, when
 * no time passed, or when counters ran backwards (iowait may, see proc_stat(5)).
 */
export function cpuIdleMilli(before: CpuTicks, after: CpuTicks): number {
  const total = after.total - before.total;
  const idle = after.idle - before.idle;
  if (total <= 0) return 1_000;
  return Math.round(Math.min(Math.max(0, idle / total), 1) * 1_000);
}

export type Memory = { readonly totalMb: number; readonly availableMb: number };

export function parseMeminfo(text: string): Memory | null {
  const kb = (name: string): number | null => {
    const match = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text);
    return match === null ? null : Number(match[1]);
  };
  const totalKb = kb('MemTotal');
  if (totalKb === null || totalKb === 0) return null;
  const reclaimableKb = (kb('MemFree') ?? 0) + (kb('Buffers') ?? 0) + (kb('Cached') ?? 0);
  const availableKb = Math.min(kb('MemAvailable') ?? reclaimableKb, totalKb);
  return { totalMb: Math.round(totalKb / 1024), availableMb: Math.floor(availableKb / 1024) };
}
