/**
 * Machines with addresses on one link, in memory: the simulated body of `src/io/address-port.ts`.
 *
 * A machine has interfaces with a cable each, all to the same switch; it answers for what it holds,
 * notes down who announces, and loses what is not prolonged, by the simulator's clock. `faults` may
 * cut machines off from each other, delay, or let an address outlive its time as the kernel does.
 *
 * What a newcomer gets wrong: nothing is told inside a call. As with the kernel, whoever holds or
 * probes hears of it after that call has returned, through the clock.
 */
import type {
  AddressPort,
  AddressPortHandler,
  InterfaceAddress,
  Link,
  OpenAddressPort,
  PortError,
} from '../src/io/address-port.ts';

export type LinkClock = {
  readonly nowMs: () => number;
  /** Runs it so much later. */
  readonly after: (run: () => void, delayMs: number) => void;
};

export type LinkFaults = {
  /** Does nothing that one machine sends reach the other? */
  readonly isCut: (from: string, to: string) => boolean;
  readonly delayMs: (from: string, to: string) => number;
  /** How much longer than asked for an address stays: Linux takes up to a second. */
  readonly overstayMs: () => number;
};

export const NO_LINK_FAULTS: LinkFaults = {
  isCut: () => false,
  delayMs: () => 0,
  overstayMs: () => 0,
};

/** What a packet on the link says, whatever its family. */
type Packet =
  | {
      readonly kind: 'claim';
      readonly address: string;
      readonly mac: string;
      readonly noted: boolean;
    }
  | { readonly kind: 'probe'; readonly address: string; readonly askerMac: string };

type Listener = {
  readonly interfaces: readonly string[];
  readonly handler: AddressPortHandler;
  /** Addresses that were held, announced or probed: others' claims are not told. */
  readonly interest: Set<string>;
};

export class SimulatedLink {
  faults: LinkFaults = NO_LINK_FAULTS;
  /** For judges: an address has come to a machine, or is there no more. */
  onChange: (machine: string, address: string, held: boolean) => void = () => {};
  readonly clock: LinkClock;
  readonly #machines: SimulatedMachine[] = [];

  constructor(clock: LinkClock) {
    this.clock = clock;
  }

  /** @param interfaces each with its hardware address */
  machine(name: string, interfaces: Readonly<Record<string, string>>): SimulatedMachine {
    const machine = new SimulatedMachine(this, name, interfaces);
    this.#machines.push(machine);
    return machine;
  }

  /** Names of the machines that would answer for an address now: more than one is a conflict. */
  holders(address: string): readonly string[] {
    return this.#machines.filter((one) => one.answersFor(address)).map(({ name }) => name);
  }

  /** To every other machine; `to` names the hardware address of the only one that takes it. */
  send(from: SimulatedMachine, packet: Packet, to: string | null): void {
    for (const machine of this.#machines) {
      if (machine === from || this.faults.isCut(from.name, machine.name)) continue;
      this.clock.after(
        () => machine.receive(packet, to),
        this.faults.delayMs(from.name, machine.name),
      );
    }
  }
}

export class SimulatedMachine {
  readonly name: string;
  readonly #lan: SimulatedLink;
  readonly #links = new Map<string, Link>();
  /** Until when, by name; those that are not ours stay. */
  readonly #addresses = new Map<string, { address: InterfaceAddress; untilMs: number }>();
  readonly #neighbours = new Map<string, { interface: string; address: string; mac: string }>();
  readonly #listeners = new Set<Listener>();

  constructor(lan: SimulatedLink, name: string, interfaces: Readonly<Record<string, string>>) {
    this.#lan = lan;
    this.name = name;
    for (const [card, mac] of Object.entries(interfaces)) {
      this.#links.set(card, { interface: card, mac, up: true });
    }
  }

  readonly open: OpenAddressPort = ({ interfaces }, handler) => {
    const listener: Listener = { interfaces, handler, interest: new Set() };
    this.#listeners.add(listener);
    return this.#portOf(listener);
  };

  /** An address that another program has put up for good. */
  add(address: InterfaceAddress): void {
    this.#addresses.set(keyOf(address), { address, untilMs: Number.POSITIVE_INFINITY });
  }

  /** Another program takes an address down, ours or not. */
  remove(address: InterfaceAddress): void {
    const entry = this.#addresses.get(keyOf(address));
    if (this.#addresses.delete(keyOf(address))) {
      this.#lan.onChange(this.name, address.address, false);
    }
    if (entry === undefined || entry.untilMs === Number.POSITIVE_INFINITY) return;
    this.#tell(({ interfaces, handler }) => {
      if (interfaces.includes(address.interface)) handler.onLost(address);
    });
  }

  /** The cable, at this machine's end. */
  plug(card: string, up: boolean): void {
    const link = this.#links.get(card);
    if (link === undefined || link.up === up) return;
    const changed = { ...link, up };
    this.#links.set(card, changed);
    this.#tell(({ interfaces, handler }) => {
      if (interfaces.includes(card)) handler.onLink(changed);
    });
  }

  answersFor(address: string): boolean {
    return [...this.#addresses.values()].some((one) => one.address.address === address);
  }

  receive(packet: Packet, to: string | null): void {
    for (const { interface: card, mac, up } of this.#links.values()) {
      if (!up || (to !== null && to !== mac)) continue;
      if (packet.kind === 'probe') this.#answer(packet, card, mac);
      else this.#note(packet, card);
    }
  }

  #answer({ address, askerMac }: { address: string; askerMac: string }, card: string, mac: string) {
    const held = [...this.#addresses.values()].some(
      (one) => one.address.address === address && one.address.interface === card,
    );
    if (held) this.#lan.send(this, { kind: 'claim', address, mac, noted: false }, askerMac);
  }

  #note(packet: { address: string; mac: string; noted: boolean }, card: string): void {
    const { address, mac } = packet;
    const key = `${card} ${address}`;
    // An announcement changes what is known, and makes nothing known (arp_accept is off).
    if (packet.noted || this.#neighbours.has(key)) {
      this.#neighbours.set(key, { interface: card, address, mac });
    }
    if ([...this.#links.values()].some((link) => link.mac === mac)) return;
    for (const { interfaces, handler, interest } of this.#listeners) {
      if (!interfaces.includes(card) || !interest.has(address)) continue;
      handler.onClaim({ interface: card, address, mac });
    }
  }

  #portOf(listener: Listener): AddressPort {
    const { interfaces, interest } = listener;
    return {
      hold: (address, validMs) => {
        interest.add(address.address);
        return this.#hold(address, validMs);
      },
      release: (address) => {
        if (this.#links.has(address.interface)) this.remove(address);
        return null;
      },
      ours: () =>
        [...this.#addresses.values()]
          .filter(({ untilMs }) => untilMs < Number.POSITIVE_INFINITY)
          .map(({ address }) => address),
      links: () =>
        interfaces.map((card) => this.#links.get(card) ?? { interface: card, mac: '', up: false }),
      announce: (address) => {
        interest.add(address.address);
        return this.#claim(address, { to: null, noted: false });
      },
      tell: (address, { mac, ping }) => this.#claim(address, { to: mac, noted: ping }),
      probe: (address) => {
        interest.add(address.address);
        return this.#speak(address.interface, (askerMac) => {
          this.#lan.send(this, { kind: 'probe', address: address.address, askerMac }, null);
        });
      },
      neighbours: () =>
        [...this.#neighbours.values()].filter((one) => interfaces.includes(one.interface)),
      close: () => void this.#listeners.delete(listener),
    };
  }

  #hold(address: InterfaceAddress, validMs: number): PortError | null {
    if (!this.#links.has(address.interface)) return noSuchInterface(address.interface);
    const { clock, faults } = this.#lan;
    const stayMs = validMs + faults.overstayMs();
    const entry = { address, untilMs: clock.nowMs() + stayMs };
    if (!this.#addresses.has(keyOf(address))) this.#lan.onChange(this.name, address.address, true);
    this.#addresses.set(keyOf(address), entry);
    // Prolonged, it is another entry, and this one's end is nobody's.
    clock.after(() => {
      if (this.#addresses.get(keyOf(address)) === entry) this.remove(address);
    }, stayMs);
    return null;
  }

  #claim(
    { interface: card, address }: InterfaceAddress,
    { to, noted }: { to: string | null; noted: boolean },
  ): PortError | null {
    return this.#speak(card, (mac) => {
      this.#lan.send(this, { kind: 'claim', address, mac, noted }, to);
    });
  }

  /** Without a carrier it is no error and reaches nobody, as with the kernel. */
  #speak(card: string, act: (mac: string) => void): PortError | null {
    const link = this.#links.get(card);
    if (link === undefined) return noSuchInterface(card);
    if (link.mac === '') return { code: 'EOPNOTSUPP', text: `${card}: no hardware address` };
    if (link.up) act(link.mac);
    return null;
  }

  #tell(tell: (listener: Listener) => void): void {
    this.#lan.clock.after(() => {
      for (const listener of this.#listeners) tell(listener);
    }, 0);
  }
}

function noSuchInterface(card: string): PortError {
  return { code: 'ENODEV', text: `${card}: no such interface` };
}

function keyOf({ interface: card, address, prefixLength }: InterfaceAddress): string {
  return `${card} ${address}/${prefixLength}`;
}
