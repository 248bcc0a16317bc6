/** The rules of the ring, each with a way to break it. See `sim/mutants.ts`. */
import type { Mutant } from '../mutants.ts';

const FOUL = 'sim/ring/run.ts';
const CALM = 'sim/ring/calm.ts';
const PARTIAL = 'sim/ring/partial.ts';
/** For what needs a coincidence that hardly one seed in a thousand brings about. */
const SCENARIOS = 'src/core/ring/ring.test.ts';

const ring = (file: string): string => `src/core/ring/${file}`;

export const RING_MUTANTS: readonly Mutant[] = [
  {
    name: 'a blocked member goes on delivering',
    patches: [
      {
        file: ring('order.ts'),
        from: 'if (this.#frozen) return null;',
        to: '',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'messages do not wait for the horizon of all members',
    patches: [
      {
        file: ring('order.ts'),
        from: 'i === senderIndex || this.#isSelf(i) || horizon >= time,',
        to: 'i === senderIndex || this.#isSelf(i) || horizon >= 0,',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'a claim raises the horizon before all that it covers has come',
    patches: [
      {
        file: ring('stream.ts'),
        from: 'if (sent <= this.count && this.#wholeLast)',
        to: 'if (sent >= 0)',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'the clock does not follow what others send',
    patches: [
      {
        file: ring('order.ts'),
        from: 'if (!this.#frozen) this.#clock = Math.max(this.#clock, packet.time);',
        to: '',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'the target is what the first member holds, not the most',
    patches: [
      {
        file: ring('proposal.ts'),
        from: 'if (count > target.count)',
        to: 'if (target.count === -1)',
      },
      {
        file: ring('agreement.ts'),
        from: 'if (packet.targets.some(({ count }, i) => count < standing.received[i]!)) return false;',
        to: '',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'a view is installed before what was lacked has come',
    patches: [
      {
        file: ring('recovery.ts'),
        from: 'return this.#missing().length === 0;',
        to: 'return true;',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'lower epochs are accepted after higher ones',
    patches: [
      {
        file: ring('agreement.ts'),
        from: "packet.epoch <= this.#epochAccepted ? 'stale' : refuse",
        to: "packet.epoch < 0 ? 'stale' : refuse",
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'two leaders of one epoch are taken for one',
    patches: [
      {
        file: ring('packet.ts'),
        from: 'return a.epoch === b.epoch && a.bootId === b.bootId;',
        to: 'return a.epoch === b.epoch;',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'what waits for the window is left behind when the view changes',
    patches: [
      {
        file: ring('order.ts'),
        from: 'for (const message of this.waiting) this.#own.append(++this.#clock, message);',
        to: '',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'fragments are freed before all have them',
    patches: [
      {
        file: ring('order.ts'),
        from: 'all = Math.min(all, received[i]!)',
        to: 'all = Math.max(all, received[i]!)',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'a member that did not run does not notice',
    patches: [
      {
        file: ring('ring.ts'),
        from: 'if (lateMs > silenceMs / 2)',
        to: 'if (lateMs > 1e9)',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'a member that stalled installs what it had agreed to before',
    patches: [
      {
        file: ring('ring.ts'),
        from: 'this.#agreement.withdraw();',
        to: '',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'what was sent while blocked is forgotten',
    patches: [
      {
        file: ring('views.ts'),
        from: 'for (const message of held) order.send(message, nowMs);',
        to: 'held.length = 0;',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'lost fragments are not sent again',
    patches: [
      {
        file: ring('order.ts'),
        from: 'if (nowMs - this.#sentMs.get(sequence)! >= ageMsMin) this.#transmit(to, sequence);',
        to: '',
      },
    ],
    simulation: FOUL,
  },
  {
    name: 'who is heard counts, though it does not hear us',
    patches: [
      {
        file: ring('detector.ts'),
        from: "return peer.echo < peer.echoFrom ? 'it does not hear us' : null;",
        to: 'return null;',
      },
      {
        file: ring('detector.ts'),
        from: 'if (!connects(peer, this.#options.self.bootId)) continue;',
        to: '',
      },
    ],
    simulation: PARTIAL,
  },
  {
    name: 'links between others do not count',
    patches: [
      {
        file: ring('clique.ts'),
        from: 'return connects(a, b.member.bootId) && connects(b, a.member.bootId);',
        to: 'return a !== b;',
      },
    ],
    simulation: PARTIAL,
  },
  {
    name: 'who follows another leader is asked again and again',
    patches: [
      {
        file: ring('clique.ts'),
        from: 'return peer.refusedFor !== leader.bootId;',
        to: 'return true;',
      },
    ],
    simulation: PARTIAL,
  },
  {
    name: 'each follower of a leader that is not heard is asked in its turn',
    patches: [
      {
        file: ring('ring.ts'),
        from: 'if (other.leader?.bootId === bootId) other.refusedFor = bootId;',
        to: 'if (other === peer) other.refusedFor = bootId;',
      },
    ],
    simulation: SCENARIOS,
  },
  {
    name: 'who came into a view that we have not heard of is left behind',
    patches: [
      {
        file: ring('situation.ts'),
        from: 'fellows.some((fellow) => sameAttempt(fellow.view, view))',
        to: 'false',
      },
    ],
    simulation: SCENARIOS,
  },
  {
    name: 'a higher node does not wait for a lower one to notice a loss',
    patches: [
      {
        file: ring('leader.ts'),
        from: "if (situation.undecided) return 'nothing';",
        to: '',
      },
    ],
    simulation: CALM,
  },
  {
    name: 'who is left out by a leader that knows less goes its own way at once',
    patches: [
      {
        file: ring('leader.ts'),
        from: 'if (situation.leftOut) return gatherMsMax;',
        to: '',
      },
    ],
    simulation: CALM,
  },
  {
    name: 'newcomers are taken in even in a hurry',
    patches: [
      {
        file: ring('leader.ts'),
        from: "return urgent ? 'stayers' : 'clique';",
        to: "return 'clique';",
      },
    ],
    simulation: CALM,
  },
];
