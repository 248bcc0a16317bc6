/**
 * `npm start -- --example 1`: the article's first example on this computer, with a shop behind it.
 *
 *     browser ─► director ─┬─► www1 + shop        every arrow is HTTP between processes;
 *                          ├─► www2 + shop        every machine is a `forehand run` of its own
 *                          ├─► www3 + shop
 *                          └─► www4 + shop
 *
 * What a newcomer gets wrong: nothing is restarted. Killing a machine is what the demo is for.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COOKIE } from './carts.ts';
import { filesOf, writeFiles } from './config-files.ts';
import { findLayout, type Layout, type MachineLayout } from './layout.ts';
import { makeDemoDirectory, sweepLeftovers } from './leftovers.ts';
import { Machine } from './machine.ts';
import { writeReadyFile } from './ready-file.ts';
import { say, sayAndExit } from './say.ts';
import type { ShopOptions } from './shop.ts';

/** Ten processes start at once; a small computer that is busy takes its time. */
const READY_MS_MAX = 60_000;
const LOOK_MS = 150;

/** Of the one demo that this process runs. */
type Demo = {
  readonly layout: Layout;
  readonly directory: string;
  readonly url: string;
  readonly machines: readonly Machine[];
  ending: boolean;
};

export async function startExample1(readyFile: string | null): Promise<void> {
  const layout = await findLayout(process.env['FOREHAND_DEMO_ONE_ADDRESS'] === '1');
  if (layout === null) sayAndExit('no free ports: stop another demo first');
  sweepLeftovers(tmpdir());
  const directory = makeDemoDirectory(tmpdir());
  writeFiles(directory, layout, randomBytes(24).toString('base64url'));
  const url = `http://${layout.director.address}:${layout.director.port}/`;
  const all = [layout.director, ...layout.shops];
  const machines = all.map((machine) => start(machine, layout, directory));
  const demo: Demo = { layout, directory, url, machines, ending: false };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void end(demo, 0));
  }
  for (const machine of machines) {
    machine.onGone = (how) => whenGone(demo, machine, how);
    machine.onShopGone = () => say(`  ${machine.options.name}: its shop has ended by itself.`);
  }
  say('Starting a director and four web servers ...');
  if (await untilServing(demo)) {
    const status = `${url}backhand/`;
    if (readyFile !== null) {
      const nodes = machines.map(({ pid, options: { name, address } }) => ({ name, address, pid }));
      writeReadyFile(readyFile, { url, status, control: null, nodes });
    }
    explain(demo);
  } else if (!demo.ending) {
    const seconds = READY_MS_MAX / 1_000;
    await end(demo, 1, `it did not start within ${seconds} s\n${logTail(demo)}`);
  }
}

function start(machine: MachineLayout, whole: Layout, directory: string): Machine {
  const { name, address, shopPort, place } = machine;
  const { config, load } = filesOf(directory, machine, whole);
  const places = whole.shops.map((shop) => [shop.place, shop.name]);
  const options: ShopOptions | null =
    shopPort === null
      ? null
      : {
          name,
          place,
          host: address,
          port: shopPort,
          loadFile: load,
          machines: Object.fromEntries(places) as Readonly<Record<string, string>>,
        };
  const shop = options === null ? null : JSON.stringify(options);
  return new Machine({ name, address, config, log: join(directory, `${name}.log`), shop });
}

/** It serves when the director reaches every machine that there is. */
async function untilServing(demo: Demo): Promise<boolean> {
  const endMs = performance.now() + READY_MS_MAX;
  for (const { name, place } of demo.layout.shops) {
    for (;;) {
      if (demo.ending || performance.now() > endMs) return false;
      const cookie = `${COOKIE}=${place}${'0'.repeat(32)}`;
      if ((await servedBy(`${demo.url}health`, cookie)) === name) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  return true;
}

async function servedBy(address: string, cookie: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(2_000);
    const response = await fetch(address, { headers: { cookie }, signal });
    const said = (await response.json()) as { readonly machine?: string };
    return said.machine ?? null;
  } catch {
    // Not there yet, or not yet what it will be: both mean that we look again.
    return null;
  }
}

function explain({ layout: { oneAddress }, machines, url, directory }: Demo): void {
  const rows = machines.map(({ pid, options: { name, address, config } }) => {
    return `    ${name.padEnd(9)} ${address.padEnd(11)} pid ${String(pid).padEnd(8)} ${config}`;
  });
  const alone = oneAddress
    ? '\n  This system has one loopback address, so the machines differ by port.\n'
    : '';
  say(`
  The shop    ${url}
  The cluster ${url}backhand/
${alone}
${rows.join('\n')}

  Try this:
    1. Put books into the cart and reload: the cart stays with its machine.
    2. Pull a plug: kill -9 ${machines[1]?.pid}
       Its customers go on with the others and are told; the cluster page turns its row red.
    3. Keep a machine busy: curl '${url}work?seconds=30'
       New customers go elsewhere: watch Load on the cluster page.

  Ctrl-C ends everything. Logs are beside the configuration files, in ${directory}
`);
}

function whenGone(demo: Demo, machine: Machine, how: string): void {
  const { machines, ending } = demo;
  const [director] = machines;
  if (ending) return;
  const { name } = machine.options;
  if (machine !== director) {
    const left = machines.filter((other) => other !== director && other.running).length;
    say(`  ${name} is gone (${how}), and its shop with it; ${left} web servers are left.`);
  } else
    void end(demo, 1, `the director is gone (${how}), and with it the way in\n${logTail(demo)}`);
}

/** The last words of all machines: with the cause of whatever kept the demo from starting. */
function logTail({ machines }: Demo): string {
  return machines
    .map(({ options: { name, log } }) => {
      const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3);
      return lines.map((line) => `  ${name}: ${line}`).join('\n');
    })
    .join('\n');
}

async function end(demo: Demo, code: number, problem?: string): Promise<void> {
  if (demo.ending) return;
  demo.ending = true;
  if (problem !== undefined) process.stderr.write(`forehand: ${problem}\n`);
  await Promise.all(demo.machines.map((machine) => machine.stop()));
  demo.layout.release();
  rmSync(demo.directory, { recursive: true, force: true });
  process.exit(code);
}
