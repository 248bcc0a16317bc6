/**
 * What keepers say to each other in the group, in one order for all.
 *
 *     | version | kind | view: epoch (8), proposer (text) | body ... |
 *
 *     STATE     what I hold and am, once in each view      (Wackamole's STATE)
 *     CONDITION my reasons, hardware and strangers, anew whenever they change
 *     MATURING  somebody has waited long enough: all may take addresses     (MATURING)
 *     BALANCE   a round of evening out is due                               (BALANCE)
 *     EXCLUDE   go on without those who have not sent their STATE
 *     UP        I hold what I am heir to
 *     AGAIN     the heir of what I own does not come up: plan anew
 *     MOVE      an operator wants a group at a certain member
 *     RELOAD    my weight and preferences, from now on; and the terms I should like to go by
 *
 * Texts are `length (1), UTF-8`. Every message names the view it was meant for: what was sent in
 * the instant before a view ended arrives in the next one, where it would be about another table.
 *
 * What a newcomer gets wrong: this comes from the network. `decode` never throws, refuses a message
 * with a single doubtful field as a whole, and its limits are what keeps memory small.
 */
import { MESSAGE_BYTES_MAX, type ViewId } from '../ring/group.ts';
import { unreachable } from '../util/assert.ts';
import { type Ineligibility, NEVER, RELUCTANT, type Reason } from './keeper-events.ts';
import { type Condition, type MemberFacts, POLICIES, type Terms } from './member-facts.ts';
import { OctetReader, OctetWriter } from './octets.ts';
import { ADDRESSES_MAX, GROUPS_MAX, WEIGHT_MAX } from './pool.ts';
import { CAUSES, Claim, type Why } from './table.ts';

export type Held = { readonly group: string; readonly claim: Claim; readonly why: Why };

/** Who held a group last, of those the sender knows of: a memory that outlives a view. */
export type Remembered = { readonly group: string; readonly owner: string };

export type KeeperMessage =
  | {
      readonly kind: 'state';
      readonly facts: MemberFacts;
      readonly held: readonly Held[];
      readonly remembered: readonly Remembered[];
    }
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'maturing' }
  | { readonly kind: 'balance'; readonly rate: number | 'all' }
  | { readonly kind: 'exclude' }
  | { readonly kind: 'up'; readonly group: string }
  | { readonly kind: 'again'; readonly group: string; readonly heir: string }
  | { readonly kind: 'move'; readonly group: string; readonly to: string }
  | ReloadMessage;

/** The terms count when all members of the view like the same ones. */
export type ReloadMessage = {
  readonly kind: 'reload';
  readonly weight: number;
  readonly prefer: readonly string[];
  readonly terms: Terms;
};

export type Envelope = { readonly view: ViewId; readonly message: KeeperMessage };

const VERSION = 1;

/** Numbers are for ever: a kind that goes out of use leaves its number behind. */
const KINDS = [
  'state',
  'condition',
  'maturing',
  'balance',
  'exclude',
  'up',
  'again',
  'move',
  'reload',
] as const;
const REASONS: readonly Reason[] = [...NEVER, ...RELUCTANT];

/** Interfaces of one machine that carry addresses, and reasons that apply at once. */
const MACS_MAX = 64;
const REASONS_MAX = 16;
const RATE_ALL = 0xffff;
const NODES_MAX = 1_000;

export function encode({ view, message }: Envelope): Uint8Array {
  const writer = new OctetWriter();
  writer.uint(VERSION, 1);
  writer.uint(KINDS.indexOf(message.kind), 1);
  writer.uint(view.epoch, 8);
  writer.text(view.proposer);
  writeBody(writer, message);
  return writer.bytes();
}

/** @returns null when it is not wholly understood */
export function decode(bytes: Uint8Array): Envelope | null {
  if (bytes.length > MESSAGE_BYTES_MAX) return null;
  const reader = new OctetReader(bytes);
  if (reader.uint(1) !== VERSION) return null;
  const kind = KINDS[reader.uint(1)];
  const view = { epoch: reader.uint(8), proposer: reader.text() };
  if (kind === undefined || reader.bad) return null;
  const message = readBody(reader, kind);
  return reader.bad || !reader.ended ? null : { view, message };
}

function writeBody(writer: OctetWriter, message: KeeperMessage): void {
  switch (message.kind) {
    case 'state':
      writeFacts(writer, message.facts);
      writer.uint(message.held.length, 2);
      for (const { group, claim, why } of message.held) {
        writer.text(group);
        writer.uint(claim, 1);
        writer.uint(CAUSES.indexOf(why.cause), 1);
        writer.text(why.from ?? '');
      }
      writer.uint(message.remembered.length, 2);
      for (const { group, owner } of message.remembered) {
        writer.text(group);
        writer.text(owner);
      }
      return;
    case 'condition':
      writeCondition(writer, message.condition);
      return;
    case 'balance':
      writer.uint(message.rate === 'all' ? RATE_ALL : message.rate, 2);
      return;
    case 'up':
      writer.text(message.group);
      return;
    case 'again':
      writer.text(message.group);
      writer.text(message.heir);
      return;
    case 'move':
      writer.text(message.group);
      writer.text(message.to);
      return;
    case 'reload':
      writeShare(writer, message);
      writeTerms(writer, message.terms);
      return;
    case 'maturing':
    case 'exclude':
      return;
    default:
      unreachable(message);
  }
}

function readBody(reader: OctetReader, kind: KeeperMessage['kind']): KeeperMessage {
  switch (kind) {
    case 'state':
      return {
        kind,
        facts: readFacts(reader),
        held: reader.list(reader.upTo(GROUPS_MAX, 2), () => readHeld(reader)),
        remembered: reader.list(reader.upTo(GROUPS_MAX, 2), () => ({
          group: reader.text(),
          owner: reader.text(),
        })),
      };
    case 'condition':
      return { kind, condition: readCondition(reader) };
    case 'balance': {
      const rate = reader.uint(2);
      return { kind, rate: rate === RATE_ALL ? 'all' : rate };
    }
    case 'up':
      return { kind, group: reader.text() };
    case 'again':
      return { kind, group: reader.text(), heir: reader.text() };
    case 'move':
      return { kind, group: reader.text(), to: reader.text() };
    case 'reload':
      return { kind, ...readShare(reader), terms: readTerms(reader) };
    case 'maturing':
    case 'exclude':
      return { kind };
    default:
      return unreachable(kind);
  }
}

function readHeld(reader: OctetReader): Held {
  const group = reader.text();
  const claim = reader.upTo(Claim.preferred, 1) as Claim;
  const cause = CAUSES[reader.upTo(CAUSES.length - 1, 1)]!;
  const from = reader.text();
  return { group, claim, why: { cause, from: from === '' ? null : from } };
}

function writeFacts(writer: OctetWriter, facts: MemberFacts): void {
  writer.uint(facts.mature ? 1 : 0, 1);
  writeShare(writer, facts);
  writeTerms(writer, facts.terms);
  writeCondition(writer, facts.condition);
}

type Share = Pick<MemberFacts, 'weight' | 'prefer'>;

function writeShare(writer: OctetWriter, { weight, prefer }: Share): void {
  writer.uint(weight, 1);
  writer.uint(prefer.length, 2);
  for (const group of prefer) writer.text(group);
}

function readShare(reader: OctetReader): Share {
  const weight = reader.upTo(WEIGHT_MAX, 1);
  if (weight === 0) reader.bad = true;
  return { weight, prefer: reader.list(reader.upTo(GROUPS_MAX, 2), () => reader.text()) };
}

function readFacts(reader: OctetReader): MemberFacts {
  const mature = reader.upTo(1, 1) === 1;
  const share = readShare(reader);
  return { mature, ...share, terms: readTerms(reader), condition: readCondition(reader) };
}

function writeTerms(writer: OctetWriter, { pool, policy, nodes }: Terms): void {
  writer.uint(POLICIES.indexOf(policy), 1);
  writer.uint(nodes, 2);
  writer.uint(pool.length, 2);
  for (const { addresses } of pool) {
    writer.uint(addresses.length, 2);
    for (const { address, prefixLength } of addresses) {
      writer.address(address);
      writer.uint(prefixLength, 1);
    }
  }
}

/** A group's name is its first address, and so does not travel. */
function readTerms(reader: OctetReader): Terms {
  const policy = POLICIES[reader.upTo(POLICIES.length - 1, 1)]!;
  const nodes = reader.upTo(NODES_MAX, 2);
  const pool = reader.list(reader.upTo(GROUPS_MAX, 2), () => {
    const addresses = reader.list(reader.upTo(ADDRESSES_MAX, 2), () => ({
      address: reader.address(),
      prefixLength: reader.upTo(128, 1),
    }));
    if (addresses.length === 0) reader.bad = true;
    return { name: addresses[0]?.address ?? '', addresses };
  });
  if (new Set(pool.map(({ name }) => name)).size < pool.length) reader.bad = true;
  return { pool, policy, nodes };
}

function writeCondition(writer: OctetWriter, condition: Condition): void {
  const { reasons, macs, strangers, failing } = condition;
  writer.uint(reasons.length, 1);
  for (const { reason, detail } of reasons) {
    writer.uint(REASONS.indexOf(reason), 1);
    writer.text(detail);
  }
  writer.uint(macs.length, 1);
  for (const mac of macs) writer.text(mac);
  writer.uint(strangers.length, 2);
  for (const { group, address, mac } of strangers) {
    writer.text(group);
    writer.text(address);
    writer.text(mac);
  }
  writer.uint(failing.length, 2);
  for (const group of failing) writer.text(group);
}

function readCondition(reader: OctetReader): Condition {
  const reasons = reader.list(reader.upTo(REASONS_MAX, 1), (): Ineligibility => {
    const reason = REASONS[reader.upTo(REASONS.length - 1, 1)]!;
    return { reason, detail: reader.text() };
  });
  const macs = reader.list(reader.upTo(MACS_MAX, 1), () => reader.text());
  const strangers = reader.list(reader.upTo(GROUPS_MAX, 2), () => ({
    group: reader.text(),
    address: reader.text(),
    mac: reader.text(),
  }));
  const failing = reader.list(reader.upTo(GROUPS_MAX, 2), () => reader.text());
  return { reasons, macs, strangers, failing };
}

/** What is said of this node, cut to what a message may hold. */
export function fittingCondition(condition: Condition): Condition {
  const { reasons, macs, strangers, failing } = condition;
  return {
    reasons: reasons.slice(0, REASONS_MAX).map(({ reason, detail }) => {
      // What a log line must not hold, `OctetReader.text` would refuse at every other member.
      return { reason, detail: detail.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/gu, ' ').slice(0, 120) };
    }),
    macs: macs.slice(0, MACS_MAX),
    strangers: strangers.slice(0, GROUPS_MAX),
    failing: failing.slice(0, GROUPS_MAX),
  };
}
