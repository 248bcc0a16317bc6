/** Goal: figures come from /proc, or else from the system, each for itself. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Sampler, type SamplerParts, SYSTEM_PARTS } from './sampler.ts';

function parts(files: Record<string, string>): SamplerParts {
  let idle = 0;
  return {
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: ${path}`);
      return text;
    },
    system: {
      loadavg: () => [1.5, 0, 0],
      cpus: () => {
        idle += 30;
        const times = { user: 70, nice: 0, sys: 0, idle, irq: 0 };
        return [0, 1].map(() => ({ model: '', speed: 0, times }));
      },
      totalmem: () => 4 * 2 ** 30,
      freemem: () => 2 ** 30,
    },
  };
}

test('Sampler.sample() reads /proc', () => {
  const files: Record<string, string> = {
    '/proc/loadavg': '0.25 0.00 0.00 1/1 1',
    '/proc/stat': 'cpu  10 0 0 90\ncpu0 10 0 0 90\n',
    '/proc/meminfo': 'MemTotal: 2048000 kB\nMemAvailable: 1024000 kB\n',
  };
  const sampler = new Sampler(parts(files), null);
  equal(sampler.sample().cpuIdleMilli, 1_000);
  files['/proc/stat'] = 'cpu  70 0 0 130\ncpu0 70 0 0 130\n';
  deepEqual(sampler.sample(), {
    loadMilli: 250,
    cpuIdleMilli: 400,
    cpuCount: 1,
    memoryTotalMb: 2_000,
    memoryAvailableMb: 1_000,
  });
});

test('Sampler.sample() asks the system where there is no /proc, or nonsense in it', () => {
  for (const files of [{}, { '/proc/loadavg': 'x', '/proc/stat': '', '/proc/meminfo': '\n' }]) {
    const sampler = new Sampler(parts(files), null);
    sampler.sample();
    deepEqual(sampler.sample(), {
      loadMilli: 1_500,
      cpuIdleMilli: 1_000,
      cpuCount: 2,
      memoryTotalMb: 4_096,
      memoryAvailableMb: 1_024,
    });
  }
});

test('Sampler.sample() of this very machine is sensible', () => {
  const figures = new Sampler(SYSTEM_PARTS, null).sample();
  ok(figures.cpuCount >= 1);
  ok(figures.memoryTotalMb > 0 && figures.memoryAvailableMb <= figures.memoryTotalMb);
});

test('Sampler.sample() takes the load from its source when that knows it', () => {
  const files = { '/proc/loadavg': '0.25 0.00 0.00 1/1 1' };
  const answers = [420, null, 0];
  const source = { loadMilli: () => answers.shift() ?? null };
  const sampler = new Sampler(parts(files), source);
  deepEqual(
    [1, 2, 3].map(() => sampler.sample().loadMilli),
    [420, 250, 0],
  );
});
