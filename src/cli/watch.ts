/**
 * `forehand top`, `events` and `requests`: look at a cluster at work.
 *
 * What a newcomer gets wrong: a terminal is given back as it was found, however the command ends;
 * and a picture that stops coming is said to be old, not left standing.
 */
import type { Command } from 'commander';
import type { ClusterPicture, NodeEvent } from '../core/report/cluster-picture.ts';
import type { LoggedEvent } from '../core/report/node-report.ts';
import type { RequestRecord } from '../core/report/request-record.ts';
import { printable, printableLines } from '../core/util/printable.ts';
import { type AskOptions, asking, fail, show } from './ask.ts';
import type { Cli } from './cli.ts';
import { columns } from './columns.ts';
import { openDoor } from './door.ts';
import { type Screen, topText } from './top-text.ts';

const ESC = '\x1b[';
/** The alternate screen, without a cursor. */
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;
const HOME_AND_CLEAR = `${ESC}H${ESC}J`;

/** Without a terminal. */
const SCREEN: Screen = { columns: 120, rows: 1_000 };

type TopOptions = AskOptions & { readonly once?: boolean };
type EventsOptions = AskOptions & { readonly follow?: boolean };
type RequestsOptions = AskOptions & { readonly count: string };

export function addWatch(program: Command, cli: Cli): void {
  asking(program, 'top', 'the cluster on one screen, each second anew; q ends it')
    .option('--once', 'print it once')
    .action(async (options: TopOptions) => {
      const once = options.once === true || options.json === true || !process.stdout.isTTY;
      cli.exitCode = once
        ? await show<ClusterPicture>('api/cluster', options, cli, (picture) =>
            topText(
              picture,
              { ...SCREEN, columns: process.stdout.columns ?? 120 },
              cli.terminal.paint,
            ),
          )
        : await live(options, cli);
    });
  asking(program, 'events', 'what happened in the cluster, newest last')
    .option('--follow', 'and what happens at the node that is asked, until interrupted')
    .action(async (options: EventsOptions) => {
      cli.exitCode = await show<ClusterPicture>('api/cluster', options, cli, ({ events }) =>
        events.map((event) => eventText(event, event.node)).join(''),
      );
      if (cli.exitCode === 0 && options.follow === true) cli.exitCode = await follow(options, cli);
    });
  asking(program, 'requests', 'the last requests of a node, newest last')
    .option('--count <n>', 'so many', '50')
    .action(async (options: RequestsOptions) => {
      const path = `api/requests?n=${encodeURIComponent(options.count)}`;
      cli.exitCode = await show<readonly RequestRecord[]>(path, options, cli, requestsText);
    });
}

async function live(options: AskOptions, { terminal }: Cli): Promise<number> {
  const door = openDoor(options);
  if ('error' in door) return fail(terminal, door.error);
  const { stdin, stdout } = process;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  let picture: ClusterPicture | null = null;
  const draw = (): void => {
    if (picture === null) return;
    // A terminal that nobody has told its size says 0.
    const screen = { columns: stdout.columns || 80, rows: Math.max(1, (stdout.rows || 24) - 1) };
    terminal.out(HOME_AND_CLEAR + topText(picture, screen, terminal.paint));
  };
  const onKey = (key: Buffer): void => {
    if (/^[qQ\x03\x1b]$/.test(key.toString())) end();
  };
  terminal.out(ENTER);
  stdin.setRawMode?.(true).on('data', onKey).resume();
  stdout.on('resize', draw);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  let why: string | null = null;
  try {
    why = await door.follow('api/live', ended.signal, (event, data) => {
      if (event !== 'picture') return;
      picture = JSON.parse(data) as ClusterPicture;
      draw();
    });
  } finally {
    stdout.off('resize', draw);
    stdin.off('data', onKey).pause();
    stdin.setRawMode?.(false);
    terminal.out(LEAVE);
  }
  // Once only: leaving puts the cursor back, and what comes next would be written over this.
  return why === null ? 0 : fail(terminal, why);
}

async function follow(options: AskOptions, { terminal }: Cli): Promise<number> {
  const door = openDoor(options);
  if ('error' in door) return fail(terminal, door.error);
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  const why = await door.follow('api/live', ended.signal, (event, data) => {
    if (event !== 'event') return;
    terminal.out(options.json === true ? `${data}\n` : eventText(JSON.parse(data) as LoggedEvent));
  });
  return why === null ? 0 : fail(terminal, why);
}

function eventText({ atMs, text, origin }: LoggedEvent | NodeEvent, node = ''): string {
  const who = origin === null ? '' : `  (${origin})`;
  const at = new Date(atMs).toISOString();
  return `${at} ${node === '' ? '' : `${node}: `}${printableLines(text)}${printable(who)}\n`;
}

function requestsText(records: readonly RequestRecord[]): string {
  if (records.length === 0) {
    return 'none yet: one request in 16 is recorded, and each while somebody watches them live\n';
  }
  const heads = ['ID', 'TIME', 'CLIENT', 'REQUEST', 'SERVER', 'STATUS', 'OUTCOME', 'MS'].map(
    (title) => ({ title, align: title === 'MS' ? ('right' as const) : ('left' as const) }),
  );
  const rows = records.map((record) => [
    record.id,
    new Date(record.atMs).toISOString().slice(11, 23),
    record.client,
    printable(`${record.method} ${record.target}`),
    record.server ?? record.way,
    String(record.status),
    record.outcome,
    record.totalMs.toFixed(1),
  ]);
  return `${columns(heads, rows).join('\n')}\n`;
}
