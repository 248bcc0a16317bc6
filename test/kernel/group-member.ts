/**
 * A member of a group, as a program for one machine. Its argument is its group and engine, as JSON.
 *
 *     standard input    a line is a message; the end is to leave
 *     standard output   a JSON line for all that was sent and all that came, in the order of both
 *
 * What a newcomer gets wrong: it says something itself whenever it is blocked. The next view is a
 * few milliseconds away then, and nobody at the other end of a pipe is that quick.
 */
import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { GroupEvent, Member, View } from '../../src/core/ring/group.ts';
import type { NodeGroup } from '../../src/node/engine/node-group.ts';
import { type GroupOptions, openGroup } from '../../src/node/engine/open-group.ts';

export type MemberOptions = {
  readonly name: string;
  readonly engine: GroupOptions['engine'];
  readonly ring: Omit<GroupOptions['ring'], 'self'>;
};

/** `sent`: from here on it may come to anybody. */
export type MemberLine =
  | { readonly kind: 'started'; readonly self: Member }
  | { readonly kind: 'sent'; readonly text: string }
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'message'; readonly senderIndex: number; readonly text: string }
  | { readonly kind: 'blocked' | 'stalled' | 'beside' };

/** What a member says in a blocked view, its `count`th. */
export function blockedText({ name, bootId }: Member, count: number): string {
  return `${name} ${bootId} is blocked ${count}`;
}

/** As many as `randomInt` gives. */
const BOOT_ID_MAX = 2 ** 48 - 1;

async function main(argument: string): Promise<void> {
  const { name, engine, ring }: MemberOptions = JSON.parse(argument);
  const self = { name, bootId: randomInt(1, BOOT_ID_MAX) };
  let group: NodeGroup | null = null;
  let blocks = 0;
  const send = (text: string): void => {
    if (group === null) return;
    say({ kind: 'sent', text });
    group.send(Buffer.from(text));
  };
  say({ kind: 'started', self });
  const opened = await openGroup(
    { engine, ring: { ...ring, self } },
    {
      onEvent: (event) => {
        say(lineOf(event));
        if (event.kind === 'blocked') send(blockedText(self, ++blocks));
      },
      onReport: report,
      onWill: () => undefined,
      onFailed: fail,
    },
  );
  if ('error' in opened) {
    fail(opened.error);
    return;
  }
  group = opened;
  const input = createInterface({ input: process.stdin });
  input.on('line', send);
  input.once('close', () => void opened.leave().then(() => process.exit()));
}

function lineOf(event: GroupEvent): MemberLine {
  switch (event.kind) {
    case 'view':
      return { kind: 'view', view: event.view };
    case 'message': {
      const text = Buffer.from(event.bytes).toString();
      return { kind: 'message', senderIndex: event.senderIndex, text };
    }
    default:
      return { kind: event.kind };
  }
}

/** A pipe is written to at once, so what was said is not lost when this process is killed. */
function say(line: MemberLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function report(text: string): void {
  process.stderr.write(`${text}\n`);
}

function fail(message: string): void {
  report(message);
  process.exit(1);
}

if (import.meta.main) await main(process.argv[2]!);
