/**
 * Our Spread daemons against a client that was written from the protocol's description alone, in
 * another language (test/spread/).
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { AddressFigures, FIGURES_BYTES } from '../../src/core/address/figures.ts';
import { PROFILES } from '../../src/core/ring/timing.ts';
import { DEFAULT_ACCESS } from '../../src/core/spread/server/access-rules.ts';
import { DEFAULT_SPREAD_LIMITS } from '../../src/core/spread/server/server-events.ts';
import { SpreadClient } from '../../src/node/spread/spread-client.ts';
import { SpreadService } from '../../src/node/spread/spread-service.ts';

const CHECK = join(import.meta.dirname, '../spread/check_server.py');
const HOSTS = ['127.0.84.1', '127.0.84.2'] as const;

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, HOSTS[0], resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Until both know each other. */
async function agreed(services: readonly SpreadService[]): Promise<void> {
  for (;;) {
    const all = await Promise.all(services.map((service) => service.status()));
    if (all.every((status) => status?.daemons.length === HOSTS.length)) return;
  }
}

type Rig = {
  readonly port: number;
  /** Of the first one's unix socket. */
  readonly path: string;
  readonly services: readonly SpreadService[];
  readonly logs: readonly string[];
};

/** A socket whose process has gone: as root, of one that this daemon's user may not remove. */
function leaveBehind(path: string): void {
  const script = 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])';
  execFileSync('python3', ['-c', script, path], { timeout: 10_000 });
}

/** Two daemons that agree, stopped at the end. The first one's socket was somebody else's before. */
async function withDaemons(group: string, what: (rig: Rig) => Promise<void>): Promise<void> {
  const port = await freePort();
  const path = `/tmp/${port}`;
  leaveBehind(path);
  const logs: string[] = [];
  const figures = new AddressFigures(new SharedArrayBuffer(FIGURES_BYTES));
  const services = HOSTS.map((host, index) => {
    const socket = { port: port + 1, host, peers: HOSTS, multicast: null, interfaces: [] };
    return new SpreadService(
      {
        ring: { group, timing: PROFILES.lan, secrets: [], socket },
        host: {
          node: `n${index + 1}`,
          listen: [{ host, port }],
          path: index === 0 ? path : null,
          access: DEFAULT_ACCESS,
          limits: DEFAULT_SPREAD_LIMITS,
        },
        user: null,
      },
      { log: (text) => logs.push(text), figures },
    );
  });
  try {
    await agreed(services);
    await what({ port, path, services, logs });
  } finally {
    await Promise.all(services.map((service) => service.stop()));
    rmSync(path, { force: true });
  }
}

test('spread: a client in Python finds what the protocol promises', {
  timeout: 60_000,
}, async () => {
  await withDaemons('python', async ({ port, path, logs }) => {
    const args = ['-B', CHECK, path, HOSTS[1], String(port)];
    const { stdout } = await promisify(execFile)('python3', args, { timeout: 50_000 }).catch(
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`${error.stdout}${error.stderr}${logs.slice(-20).join('\n')}`);
      },
    );
    equal(stdout.trim().split('\n').length, 6, stdout);
  });
});

test('spread: a daemon that is killed is missed at once, and comes back', {
  timeout: 30_000,
}, async () => {
  await withDaemons('killed', async ({ port, path }) => {
    const heard: string[][] = [[], []];
    const news = new EventEmitter();
    const clients = [path.slice('/tmp/'.length), `${port}@${HOSTS[1]}`].map((daemon, index) => {
      const client = new SpreadClient({ daemon, user: 'c', retryMs: 50 }, (event) => {
        if (event.kind === 'connected') client.join('room');
        const what = event.kind === 'membership' ? `${event.cause} ${event.members}` : event.kind;
        heard[index]!.push(what);
        news.emit('heard');
      });
      client.open();
      return client;
    });
    const until = async (index: number, end: string): Promise<void> => {
      while (heard[index]!.at(-1)?.endsWith(end) !== true) {
        await once(news, 'heard');
      }
    };
    const both = ' #c#n1,#c#n2';
    try {
      await Promise.all([until(0, both), until(1, both)]);
      const [, second] = childrenOf(process.pid);
      const startMs = performance.now();
      process.kill(second!, 'SIGKILL');
      const alone = heard[0]!.length;
      await until(0, 'network #c#n1');
      const tookMs = performance.now() - startMs;
      // By its lifeline, and not by its silence of 200 ms.
      ok(tookMs < 200, `${tookMs} ms`);
      deepEqual(heard[0]!.slice(alone), ['transition', 'network #c#n1']);
      await until(0, both);
    } finally {
      for (const client of clients) client.close();
    }
  });
});

/** In the order in which they were started. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').map(Number);
}
