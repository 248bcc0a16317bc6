/**
 * Runs through the life of a group, in memory, so that little of it is done for the first time when
 * it matters.
 *
 * A node may wait for months before a member dies, and then has milliseconds. What was never run is
 * not compiled, and to compile it takes longer than to do it: the first view change of four rings
 * in one thread took 4 to 5 ms, the second one 1 ms. Where twelve nodes shared two processors, the
 * first death that they saw was in a view of the others after 116 ms, and after 50 with this.
 *
 * What a newcomer gets wrong: this is not all that a ring can do. Refusals and members that do not
 * answer are left out, as whoever meets one of those waits for longer than a compiler.
 */
import { MemoryNetwork, type MemoryNode } from './memory-network.ts';
import { PROFILES } from './timing.ts';

const NODES = 4;

/** @returns of each node the views it was in: `a b c d`, for whoever doubts that anything is done */
export function rehearse(): readonly (readonly string[])[] {
  const network = new MemoryNetwork(PROFILES.fast);
  const { silenceMs } = network.timing;
  const nodes = network.gather(NODES);
  const [leader, silent, mourned, last] = nodes as [MemoryNode, MemoryNode, MemoryNode, MemoryNode];
  const talk = (): void => {
    for (const node of nodes) if (node.running) network.send(node, 'hello');
    network.run(silenceMs);
  };
  talk();
  // The last word of one is said for it.
  leader.running = false;
  const bytes = leader.ring.lastWord();
  for (const node of nodes) {
    if (node.running) network.step(node, { kind: 'datagram', from: leader.at, bytes });
  }
  talk();
  // Of the other the lifeline breaks, and what it said last has come to one only.
  network.passes = (from, to) => from !== mourned || to === last;
  network.send(mourned, 'farewell');
  network.run(network.timing.heartbeatMs / 2);
  mourned.running = false;
  network.passes = () => true;
  for (const node of nodes) {
    if (node.running) network.step(node, { kind: 'died', member: mourned.member });
  }
  talk();
  // One that is only silent, until it comes back.
  network.passes = (from, to) => from !== silent && to !== silent;
  network.run(2 * silenceMs);
  network.passes = () => true;
  talk();
  // One that knows itself to be cut off. After that the other one trusts it again, a little later.
  network.step(silent, { kind: 'link', up: false });
  network.run(2 * silenceMs);
  network.step(silent, { kind: 'link', up: true });
  network.run(2 * silenceMs);
  talk();
  network.step(silent, { kind: 'leave' });
  silent.running = false;
  network.run(silenceMs);
  return nodes.map((node) => node.viewNames);
}
