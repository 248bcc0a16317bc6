/**
 * `forehand status`: who holds what and why, as the node that is asked sees it.
 */
import type { Command } from 'commander';
import type { NodeReport } from '../core/report/node-report.ts';
import type { NodeStatus } from '../node/node-status.ts';
import { type AskOptions, asking, show } from './ask.ts';
import type { Cli } from './cli.ts';
import { statusText } from './status-text.ts';

export function addStatus(program: Command, cli: Cli): void {
  const description = 'who holds which address, and why each other node does not';
  asking(program, 'status', description).action(async (options: AskOptions) => {
    const { paint } = cli.terminal;
    cli.exitCode =
      options.node === undefined
        ? await show<NodeStatus>('status', options, cli, (status) => statusText(status, paint))
        : await show<NodeReport>('api/node', options, cli, (report) =>
            statusText(statusOf(report), paint),
          );
  });
}

/** Over the network a node does not tell which links it has. */
function statusOf(report: NodeReport): NodeStatus {
  const { node, pid, nowMs, startedMs, state, listen, addresses } = report;
  return {
    node,
    pid,
    upMs: nowMs - startedMs,
    proxy: state === null ? null : { listen, state },
    addresses: addresses === null ? null : { ...addresses, ring: null, engine: null },
    spread: null,
  };
}
