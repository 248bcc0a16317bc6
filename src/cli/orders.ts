/**
 * `forehand drain`, `resume`, `move`: tell a node what to do.
 *
 * What a newcomer gets wrong: any node can be told, and tells the one that is meant, if the cluster
 * has a secret. A node that is drained runs on and serves whoever has a session with it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ClusterPicture, NodePicture } from '../core/report/cluster-picture.ts';
import { type AskOptions, asking, fail, order } from './ask.ts';
import type { Cli } from './cli.ts';
import { openDoor } from './door.ts';

const LOOK_MS = 500;

/** Nobody has heard of it for so long: it has died, and whoever waits should know. */
const UNKNOWN_MS_MAX = 15_000;

type DrainOptions = AskOptions & { readonly wait?: boolean };

export function addOrders(program: Command, cli: Cli): void {
  const drain = 'let others serve and hold what this node does; it runs on until it is stopped';
  asking(program, 'drain', drain)
    .argument('[node]', 'another node of the cluster')
    .option('--wait', 'until it works on no request and holds no address any more')
    .action(async (node: string | undefined, options: DrainOptions) => {
      cli.exitCode = await order('drain', bodyOf(node), options, cli);
      if (cli.exitCode === 0 && options.wait === true) {
        cli.exitCode = await untilIdle(node, options, cli);
      }
    });
  asking(program, 'resume', 'take part again after a drain')
    .alias('undrain')
    .argument('[node]', 'another node of the cluster')
    .action(async (node: string | undefined, options: AskOptions) => {
      cli.exitCode = await order('resume', bodyOf(node), options, cli);
    });
  asking(program, 'move', 'let a node take over a shared address, without a gap')
    .argument('<address>', 'any address of a group; all of the group move')
    .argument('<node>', 'who is to hold it')
    .action(async (group: string, to: string, options: AskOptions) => {
      cli.exitCode = await order('move', { group, to }, options, cli);
    });
}

function bodyOf(node: string | undefined): Record<string, string> {
  return node === undefined ? {} : { node };
}

async function untilIdle(node: string | undefined, options: AskOptions, cli: Cli): Promise<number> {
  const { terminal } = cli;
  const door = openDoor(options);
  if ('error' in door) return fail(terminal, door.error);
  let said = '';
  let knownMs = performance.now();
  for (;;) {
    const answered = await door.ask('api/cluster');
    if ('error' in answered) return fail(terminal, answered.error);
    const picture = JSON.parse(answered.body) as ClusterPicture;
    const name = node ?? picture.node;
    const seen = picture.nodes.find((one) => one.name === name);
    const rest = seen === undefined ? 'it is not heard' : whatIsLeft(seen);
    if (rest === null) {
      if (options.json !== true) terminal.out(`${name} works on nothing and holds nothing\n`);
      return 0;
    }
    if (typeof seen?.inFlight === 'number') knownMs = performance.now();
    else if (performance.now() - knownMs > UNKNOWN_MS_MAX) {
      return fail(terminal, `${name}: ${rest}, so whether it is idle is not known`);
    }
    if (rest !== said && options.json !== true) terminal.out(`${name}: ${rest}\n`);
    said = rest;
    await delay(LOOK_MS);
  }
}

/** @returns null when it may be switched off */
function whatIsLeft({ inFlight, holding }: NodePicture): string | null {
  if (inFlight === null) return 'it cannot be asked';
  const parts = [
    ...(inFlight > 0 ? [`${inFlight} requests under way`] : []),
    ...(holding !== null && holding.length > 0 ? [`holds ${holding.join(', ')}`] : []),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}
