/**
 * What processes have told, put before the judge of the simulated ring: the four promises of
 * `core/ring/group.ts` are the same there and here.
 *
 * What a newcomer gets wrong: the pipes of two processes have no common order, and none is needed.
 * Each record is in the order of its own process; a message is looked at after it was sent.
 */
import { Judge, type Subject } from '../../sim/ring/judge.ts';
import type { GroupEvent } from '../../src/core/ring/group.ts';
import type { MemberLine } from './group-member.ts';

/** One life of a member, and what it has told so far. */
export type Told = { readonly subject: Subject; readonly lines: readonly MemberLine[] };

/** Where an engine is not as the others; docs/reference/engines.md says why. */
export type Allowances = {
  /** Members of one view may come out of a short partition unequal, and know it. */
  readonly mayDiverge: boolean;
  /** It may be in a view before its member has heard of that; what is sent then is sent there. */
  readonly mayRunAhead: boolean;
};

/** @throws what was broken; `finish` of what it returns says the rest when all has been told */
export function judge(all: readonly Told[], { mayDiverge, mayRunAhead }: Allowances): Judge {
  const judging = new Judge({ silenceMs: Number.POSITIVE_INFINITY, mayDiverge });
  const numbers = new Map<string, Uint8Array>();
  const bytesOf = (text: string): Uint8Array => {
    const bytes = numbers.get(text) ?? numbered(numbers.size);
    numbers.set(text, bytes);
    return bytes;
  };
  const sent = new Set<string>();
  const queues = all.map(({ subject, lines }) => ({
    subject,
    lines: placed(lines, mayRunAhead),
    next: 0,
  }));
  for (const { subject } of queues) judging.started(subject);
  /** @returns whether there is no more to tell before somebody else has told more */
  const tell = (queue: (typeof queues)[number], isSent: (text: string) => boolean): boolean => {
    const line = queue.lines[queue.next];
    if (line === undefined || (line.kind === 'message' && !isSent(line.text))) return true;
    queue.next++;
    if (line.kind === 'sent') {
      sent.add(line.text);
      judging.sent(queue.subject, bytesOf(line.text));
    } else if (line.kind !== 'started') judging.delivered(queue.subject, eventOf(line, bytesOf));
    return false;
  };
  for (let moved = true; moved; ) {
    moved = false;
    for (const queue of queues) while (!tell(queue, (text) => sent.has(text))) moved = true;
  }
  // What is left begins with a message that nobody sent, or not yet: the judge says so.
  for (const queue of queues) tell(queue, () => true);
  return judging;
}

/**
 * What was sent in no open view is told where it belongs, which is the next view. With a stall, or
 * the end, before that it belongs nowhere.
 */
function placed(lines: readonly MemberLine[], mayRunAhead: boolean): readonly MemberLine[] {
  const cameBack = new Map<string, number>();
  let views = 0;
  for (const line of lines) {
    if (line.kind === 'view') views++;
    else if (line.kind === 'message') cameBack.set(line.text, views);
  }
  views = 0;
  let isOpen = false;
  let held: { readonly line: MemberLine; readonly view: number; readonly isBack: boolean }[] = [];
  const out: MemberLine[] = [];
  for (const line of lines) {
    if (line.kind === 'sent') {
      const due = isOpen ? views : views + 1;
      const isAhead = mayRunAhead && cameBack.get(line.text) === due + 1;
      const view = isAhead ? due + 1 : due;
      const isBack = mayRunAhead && cameBack.get(line.text) === view;
      if (isOpen && !isAhead) out.push(line);
      else held.push({ line, view, isBack });
      continue;
    }
    out.push(line);
    if (line.kind === 'view') {
      views++;
      isOpen = true;
      out.push(...held.filter(({ view }) => view === views).map((one) => one.line));
      held = held.filter(({ view }) => view > views);
    } else if (line.kind === 'blocked' || line.kind === 'stalled') isOpen = false;
    // It may have stalled, and be past that, before its member has heard of it.
    if (line.kind === 'stalled') held = held.filter(({ isBack }) => isBack);
  }
  return out;
}

function eventOf(
  line: Exclude<MemberLine, { kind: 'started' | 'sent' }>,
  bytesOf: (text: string) => Uint8Array,
): GroupEvent {
  switch (line.kind) {
    case 'view':
      return { ...line, beside: null };
    case 'message':
      return { kind: 'message', senderIndex: line.senderIndex, bytes: bytesOf(line.text) };
    case 'beside':
      return { kind: 'beside', member: null };
    default:
      return { kind: line.kind };
  }
}

/** The judge knows messages by the two numbers that they begin with. */
function numbered(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setFloat64(0, number);
  return bytes;
}
