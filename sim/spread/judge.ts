/**
 * What clients of Spread are promised, judged from what they heard and from nothing else.
 *
 * 1. Messages come in one order: two clients that hear the same two hear them the same way round.
 * 2. None comes twice, and those of one sender in the order it sent them.
 * 3. A membership of one gid is the same list to all who hear it, and whoever hears it is in it.
 * 4. Those who come along from one membership of a group to the next, by its sets, come from the
 *    same one, and have heard the same messages in it. (Of a join, a leave or a disconnect: all but
 *    who changed.)
 * 5. Nobody hears of a group it has never asked for.
 * 6. A transition is followed by a membership, as soon as all is quiet.
 */
import { assert } from '../../src/core/util/assert.ts';
import { type SimClient, textOf } from './spread-world.ts';

/** @throws what promise is broken, and to whom */
export function judge(clients: readonly SimClient[]): void {
  const positions = new Map<SimClient, Map<string, number>>();
  for (const client of clients) positions.set(client, judgeOne(client));
  for (const a of clients) {
    for (const b of clients) {
      if (a.id < b.id) judgeOrder([a, positions.get(a)!], [b, positions.get(b)!]);
    }
  }
  judgeMemberships(clients);
}

/** @throws when somebody was told of a change that never came, though all is quiet */
export function judgeQuiet(clients: readonly SimClient[]): void {
  for (const { events, name } of clients) {
    const waiting = new Set<string>();
    for (const event of events) {
      if (event.kind === 'transition') waiting.add(event.group);
      if (event.kind === 'membership' || event.kind === 'left') waiting.delete(event.group);
    }
    assert(waiting.size === 0, `${name} has heard what became of ${[...waiting]}`);
  }
}

/** @returns where each message stands */
function judgeOne(client: SimClient): Map<string, number> {
  const positions = new Map<string, number>();
  const last = new Map<string, number>();
  for (const event of client.events) {
    if (event.kind === 'membership') {
      assert(client.asked.has(event.group), `${client.name} has asked for ${event.group}`);
    }
    if (event.kind !== 'message') continue;
    const meant = event.groups.some((group) => client.asked.has(group) || group === client.name);
    assert(meant, `${client.name} is meant by ${event.groups}`);
    const text = textOf(event.bytes);
    assert(!positions.has(text), `${client.name} hears ${text} once`);
    positions.set(text, positions.size);
    const [sender = '', number] = text.split(' ');
    assert((last.get(sender) ?? -1) < Number(number), `${client.name} hears ${text} in its turn`);
    last.set(sender, Number(number));
  }
  return positions;
}

type Heard = readonly [SimClient, ReadonlyMap<string, number>];

function judgeOrder([a, heardByA]: Heard, [b, heardByB]: Heard): void {
  let last = -1;
  for (const text of heardByA.keys()) {
    const at = heardByB.get(text);
    if (at === undefined) continue;
    assert(at > last, `${b.name} hears ${text} after what ${a.name} hears before it`);
    last = at;
  }
}

/** One membership as one client lived through it. */
type Stay = {
  readonly client: SimClient;
  readonly gid: string;
  readonly members: string;
  readonly messages: string[];
  /** Of the one after it: who came along, and its gid. */
  next: { readonly gid: string; readonly together: readonly string[] } | null;
};

function judgeMemberships(clients: readonly SimClient[]): void {
  const stays = clients.flatMap(staysOf);
  const byGid = Map.groupBy(stays, ({ gid }) => gid);
  for (const [gid, same] of byGid) {
    const [first] = same;
    for (const stay of same) {
      assert(stay.members === first!.members, `${gid} is one membership to ${stay.client.name}`);
    }
  }
  for (const [gid, same] of Map.groupBy(stays, ({ next }) => next?.gid ?? '')) {
    if (gid === '') continue;
    for (const a of same) {
      for (const b of same) {
        if (a.next?.together.includes(b.client.name) !== true) continue;
        assert(a.gid === b.gid, `${a.client.name} and ${b.client.name} come from one to ${gid}`);
        // Some of its own a client does not want to hear.
        const others = ({ messages }: Stay): string => {
          const own = [a, b].map(({ client }) => `${client.id} `);
          return messages.filter((text) => !own.some((id) => text.startsWith(id))).join();
        };
        const [inA, inB] = [others(a), others(b)];
        assert(inA === inB, `${a.client.name} and ${b.client.name} hear the same before ${gid}`);
      }
    }
  }
}

function staysOf(client: SimClient): Stay[] {
  const stays: Stay[] = [];
  const current = new Map<string, Stay>();
  for (const event of client.events) {
    if (event.kind === 'membership') {
      const gid = `${event.group} ${Buffer.from(event.gid).toString('hex')}`;
      assert(event.selfIndex >= 0, `${client.name} is in what it hears of`);
      const members = event.members.join(' ');
      const byNetwork = event.cause === 'network';
      const changed = event.sets[0]?.[0];
      const together = byNetwork
        ? event.sets[event.ownSet]!
        : event.members.filter((name) => event.cause !== 'join' || name !== changed);
      if (byNetwork) {
        assert(together.includes(client.name), `${client.name} comes along with itself`);
        assert(event.sets.flat().toSorted().join() === event.members.toSorted().join(), 'all come');
      }
      const before = current.get(event.group);
      if (before !== undefined) before.next = { gid, together };
      const stay: Stay = { client, gid, members, messages: [], next: null };
      current.set(event.group, stay);
      stays.push(stay);
    } else if (event.kind === 'left') current.delete(event.group);
    else if (event.kind === 'message') {
      for (const group of event.groups) current.get(group)?.messages.push(textOf(event.bytes));
    }
  }
  return stays;
}
