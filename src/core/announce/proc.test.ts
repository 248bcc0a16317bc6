/**
 * Goal: the figures are right on kernels from 2.4 to today's; texts are as those kernels write
 * them.
 */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { cpuIdleMilli, parseLoadavgMilli, parseMeminfo, parseStat } from './proc.ts';

test('parseLoadavgMilli() takes the first average', () => {
  const texts: readonly (readonly [text: string, milli: number | null])[] = [
    ['0.00 0.01 0.05 1/123 4567\n', 0],
    ['3.70 2.15 1.01 12/345 6789\n', 3_700],
    ['0.57 0.63 0.60 2/98 1234', 570],
    ['512.13 400.00 300.00 600/700 8', 512_130],
    ['', null],
    ['load average: 1.0', null],
  ];
  for (const [text, milli] of texts) equal(parseLoadavgMilli(text), milli, text);
});

const STAT_2_4 = `cpu  1132 34 1441 11311
cpu0 1132 34 1441 11311
page 5741 1808
swap 1 0
`;
const STAT_2_6_8 = `cpu  2255 34 2290 22625 6290 127 456
cpu0 1132 34 1441 11311 3675 127 438
cpu1 1123 0 849 11314 2614 0 18
intr 114930548 113199788 3 0
ctxt 1990473
`;
const STAT_6 = `cpu  10132153 290696 3084719 46828483 16683 0 25195 4000 175628 0
cpu0 1393280 32966 572056 13343292 6130 0 17875 1000 23933 0
cpu1 1335498 28612 507811 13358722 5044 0 4340 1000 24141 0
cpu2 1000000 28612 507811 13358722 5044 0 4340 1000 24141 0
cpu3 1000000 28612 507811 13358722 5044 0 4340 1000 24141 0
intr 1462898 0 0
`;

test('parseStat() counts waiting for disks as idle, stolen time as busy, guests once', () => {
  deepEqual(parseStat(STAT_2_4), { idle: 11_311, total: 13_918, cpuCount: 1 });
  deepEqual(parseStat(STAT_2_6_8), { idle: 28_915, total: 34_077, cpuCount: 2 });
  deepEqual(parseStat(STAT_6), {
    idle: 46_845_166,
    total: 10_132_153 + 290_696 + 3_084_719 + 46_828_483 + 16_683 + 25_195 + 4_000,
    cpuCount: 4,
  });
  equal(parseStat(''), null);
  equal(parseStat('cpu  1 2 x 4\n'), null);
  equal(parseStat('cpu0 1 2 3 4\n'), null);
});

test('cpuIdleMilli() is the share of the time between two readings', () => {
  const ticks = (idle: number, total: number) => ({ idle, total, cpuCount: 1 });
  equal(cpuIdleMilli(ticks(0, 0), ticks(75, 100)), 750);
  equal(cpuIdleMilli(ticks(1_000, 2_000), ticks(1_000, 2_100)), 0);
  equal(cpuIdleMilli(ticks(1_000, 2_000), ticks(1_100, 2_100)), 1_000);
  equal(cpuIdleMilli(ticks(5, 10), ticks(5, 10)), 1_000);
  equal(cpuIdleMilli(ticks(50, 100), ticks(40, 110)), 0);
});

const MEMINFO_2_4 = `        total:    used:    free:  shared: buffers:  cached:
Mem:  130764800 127037440  3727360        0  5238784 66056192
Swap: 271392768  1064960 270327808
MemTotal:       127700 kB
MemFree:          3640 kB
MemShared:           0 kB
Buffers:          5116 kB
Cached:          63468 kB
SwapCached:       1040 kB
`;
const MEMINFO_2_6_32 = `MemTotal:        8061096 kB
MemFree:          221188 kB
Buffers:          310256 kB
Cached:          4860616 kB
SwapCached:         1204 kB
`;
const MEMINFO_6 = `MemTotal:       32594860 kB
MemFree:         1027880 kB
MemAvailable:   23101544 kB
Buffers:         1003440 kB
Cached:         20410800 kB
SwapCached:            0 kB
`;

test('parseMeminfo() takes MemAvailable, or what came near it before Linux 3.14', () => {
  deepEqual(parseMeminfo(MEMINFO_2_4), { totalMb: 125, availableMb: 70 });
  deepEqual(parseMeminfo(MEMINFO_2_6_32), { totalMb: 7_872, availableMb: 5_265 });
  deepEqual(parseMeminfo(MEMINFO_6), { totalMb: 31_831, availableMb: 22_560 });
  deepEqual(parseMeminfo('MemTotal: 1024 kB\nMemAvailable: 2048 kB\n'), {
    totalMb: 1,
    availableMb: 1,
  });
  equal(parseMeminfo(''), null);
  equal(parseMeminfo('MemTotal: 0 kB\n'), null);
});
