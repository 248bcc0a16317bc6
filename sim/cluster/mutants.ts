/** The rules of the keeper and its driver, each with a way to break it. See `sim/mutants.ts`. */
import type { Mutant } from '../mutants.ts';

const SIMULATION = 'sim/cluster/run.ts';
/** What it prevents lasts for a silence, and storms are borne for longer than that. */
const BESIDE_TEST = 'src/core/ring/beside.test.ts';
const RING_TEST = 'src/core/ring/ring.test.ts';
const KEEPER = 'src/core/address/keeper.ts';
const REPLICA = 'src/core/address/replica.ts';
const ALLOCATION = 'src/core/address/allocation.ts';
const DRIVER = 'src/node/address/address-driver.ts';

function mutant(
  name: string,
  file: string,
  from: string,
  to: string,
  simulation = SIMULATION,
): Mutant {
  return { name: `cluster: ${name}`, patches: [{ file, from, to }], simulation };
}

export const CLUSTER_MUTANTS: readonly Mutant[] = [
  mutant(
    'what is not ours any more is let go',
    KEEPER,
    'if (row === null) {\n        const handedOver',
    'if (row === null && barred) {\n        const handedOver',
  ),
  mutant(
    'after a merge all holders announce',
    KEEPER,
    'for (const { group, owner } of replica.rows) if (owner === self) this.#announced.add(group);',
    '',
  ),
  mutant(
    'a planned move makes before it breaks',
    KEEPER,
    'const ours = row?.owner === self || row?.heir?.name === self;',
    'const ours = row?.heir == null ? row?.owner === self : row.heir.name === self;',
  ),
  mutant(
    'each move to here is said to be done',
    KEEPER,
    'if (heir?.name !== self) this.#said.ups.delete(group);',
    '',
  ),
  mutant(
    'who has stalled lets all go',
    KEEPER,
    "case 'stalled':\n        this.#forgetAll();",
    "case 'stalled':",
  ),
  {
    name: 'cluster: the view that goes first serves alone',
    patches: [
      {
        file: KEEPER,
        from: 'this.#own.beside = this.#heeded(event.member);',
        to: 'this.#own.beside = null;',
      },
      { file: KEEPER, from: 'this.#own.beside = beside;', to: 'this.#own.beside = null;' },
    ],
    simulation: SIMULATION,
  },
  mutant(
    'under quorum a margin is waited',
    KEEPER,
    'const waits = owns ? this.#nowMs < this.#takeFromMs : this.#blocked;',
    'const waits = owns ? false : this.#blocked;',
  ),
  mutant(
    'an heir takes nothing while the members are about to change',
    KEEPER,
    'const waits = owns ? this.#nowMs < this.#takeFromMs : this.#blocked;',
    'const waits = owns && this.#nowMs < this.#takeFromMs;',
    // Which seeds meet it changes with every change: a planned move, and a view in that ms.
    'src/core/address/keeper-moves.test.ts',
  ),
  mutant(
    'a fresh cluster matures by itself',
    KEEPER,
    'if (this.#nowMs >= this.#matureAtMs && !this.#said.maturing) {',
    'if (this.#mature && !this.#said.maturing) {',
  ),
  mutant('a mature member matures all', REPLICA, 'if (state.facts.mature) this.mature = true;', ''),
  mutant(
    'with newcomers states are exchanged',
    REPLICA,
    "if (old?.phase !== 'run' || view.together.length < view.members.length) return null;",
    "if (old?.phase !== 'run') return null;",
  ),
  mutant(
    'all members speak before addresses are given away',
    REPLICA,
    'if (waiting) return [];',
    '',
  ),
  mutant(
    'half is no quorum',
    'src/core/address/eligibility.ts',
    'return reachable * 2 > nodes;',
    'return reachable * 2 >= nodes;',
  ),
  {
    name: 'cluster: who is ruled out holds nothing',
    patches: [
      {
        file: 'src/core/address/eligibility.ts',
        from: 'if (reasons.some(isNever)) return null;',
        to: '',
      },
      {
        file: 'src/core/address/own-condition.ts',
        from: 'return this.beside !== null || this.reasons.some(isNever);',
        to: 'return false;',
      },
    ],
    simulation: SIMULATION,
  },
  mutant(
    'who is ruled out lets go before the others know',
    'src/core/address/own-condition.ts',
    'return this.beside !== null || this.reasons.some(isNever);',
    'return false;',
    // It is a matter of some ms, of which no judge from outside can say whose they are.
    'src/core/address/keeper.test.ts',
  ),
  mutant(
    'whoever has least takes the next',
    'src/core/address/shares.ts',
    'if (least === null || this.hasLess(candidate, least)) least = candidate;',
    'least ??= candidate;',
  ),
  mutant(
    'what has lost its owner gets another',
    ALLOCATION,
    'if (row.owner !== null) return;',
    'if (row.owner !== null || row.why.from !== null) return;',
  ),
  mutant(
    'what is held is renewed',
    DRIVER,
    'if (held.up) this.#prolong(held);\n',
    'if (held.up) continue;\n',
  ),
  mutant(
    'what is held expires by itself',
    DRIVER,
    'this.#port?.hold(address, this.#config.validMs)',
    'this.#port?.hold(address, 1e9)',
  ),
  mutant(
    'what others delete is put back at once',
    DRIVER,
    "this.#parts.count('restored');\n    this.#prolong(held);",
    "this.#parts.count('restored');",
  ),
  mutant(
    'what a former life left behind is swept',
    DRIVER,
    'this.#say(this.#port.release(address));\n    }',
    '}',
  ),
  mutant(
    'what is let go leaves the kernel',
    DRIVER,
    'for (const address of group.addresses) this.#say(this.#port?.release(address) ?? null);\n',
    '',
  ),
  mutant(
    'nothing is announced on waking',
    DRIVER,
    'return held?.up === true && !held.missing && !this.#pulse.justWoke;',
    'return held?.up === true && !held.missing;',
  ),
  mutant(
    'nothing is announced that the kernel has lost',
    DRIVER,
    'return held?.up === true && !held.missing && !this.#pulse.justWoke;',
    'return held?.up === true && !this.#pulse.justWoke;',
    // One seed in 4,000: it takes a loss that is noticed on waking, and a view just then.
    'src/node/address/address-driver.test.ts',
  ),
  mutant(
    'who is left alone knows still that another view goes first',
    'src/core/ring/beside.ts',
    'if (this.#members.has(peer.member.bootId)) this.#sinceMs.delete(peer);',
    'this.#sinceMs.delete(peer);',
    BESIDE_TEST,
  ),
  mutant(
    'a member of our view may be about to say that it is in it',
    'src/core/ring/beside.ts',
    'return this.#members.has(member.bootId) ? memberMs : strangerMs;',
    'return Math.min(memberMs, strangerMs);',
    BESIDE_TEST,
  ),
  mutant(
    'a stranger in a view that goes first is believed at once',
    'src/core/ring/beside.ts',
    'return this.#members.has(member.bootId) ? memberMs : strangerMs;',
    'return Math.max(memberMs, strangerMs);',
    BESIDE_TEST,
  ),
  mutant(
    'no view goes first that does nothing yet',
    'src/core/ring/ring.ts',
    'size: this.#serving ? this.#livingSize : 0,',
    'size: this.#livingSize,',
    RING_TEST,
  ),
  mutant(
    'who joins a group knows with its first view which one goes first',
    'src/core/ring/beside.ts',
    'isBefore(peer, own ?? NO_VIEW)',
    'own !== null && isBefore(peer, own)',
    BESIDE_TEST,
  ),
  mutant(
    'a member is coming until it says that it is connected',
    'src/core/ring/detector.ts',
    'const met = peer.connected && connects(peer, this.#options.self.bootId);',
    'const met = peer.connected;',
  ),
  mutant(
    'nobody is parted from a fellow that will be in the clique soon',
    'src/core/ring/parting.ts',
    'return doubts.some(([left, doubted]) => {',
    'return doubts.slice(0, 0).some(([left, doubted]) => {',
  ),
];
