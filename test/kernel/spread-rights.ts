/**
 * Starts a Spread daemon as a node does, and prints what the kernel says of its process: a program
 * of its own, so that `spread.test.ts` can start it with whatever rights.
 */
import { readFileSync } from 'node:fs';
import { AddressFigures, FIGURES_BYTES } from '../../src/core/address/figures.ts';
import { PROFILES } from '../../src/core/ring/timing.ts';
import { DEFAULT_ACCESS } from '../../src/core/spread/server/access-rules.ts';
import { DEFAULT_SPREAD_LIMITS } from '../../src/core/spread/server/server-events.ts';
import { SpreadService } from '../../src/node/spread/spread-service.ts';

const host = '127.0.87.1';
const service = new SpreadService(
  {
    ring: {
      group: 'rights',
      timing: PROFILES.lan,
      secrets: [],
      socket: { port: 24_905, host, peers: [], multicast: null, interfaces: [] },
    },
    host: {
      node: 'n1',
      listen: [{ host, port: 24_904 }],
      path: '/tmp/24904',
      access: DEFAULT_ACCESS,
      limits: DEFAULT_SPREAD_LIMITS,
    },
    user: null,
  },
  {
    log: (text) => {
      if (!text.startsWith('the Spread daemon')) return;
      const child = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
      const status = text.includes('runs') ? readFileSync(`/proc/${child}/status`, 'utf8') : text;
      process.stdout.write(status);
      void service.stop();
    },
    figures: new AddressFigures(new SharedArrayBuffer(FIGURES_BYTES)),
  },
);
