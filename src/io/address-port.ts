/**
 * The addresses of this machine, as something that changes under our hands.
 *
 * Two bodies: the kernel's, through rtnetlink and packet sockets (`kernel-addresses.ts`, Linux,
 * root), and the simulator's (`sim/addresses.ts`). One conformance suite holds both to what is
 * written here.
 *
 * What a newcomer gets wrong: an address put up here goes away by itself after `validMs` unless it
 * is put up again. That is the fence: a daemon that is frozen or dead holds nothing for long.
 */

export type InterfaceAddress = {
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
};

/** To tell whether two are the same. */
export function keyOf({ interface: name, address, prefixLength }: InterfaceAddress): string {
  return `${name} ${address}/${prefixLength}`;
}

export type Link = {
  readonly interface: string;
  /** `02:00:00:00:00:01`, or empty where there is none. */
  readonly mac: string;
  /** Administratively up and with a carrier. */
  readonly up: boolean;
};

/** A failed call: `EPERM`, `ENODEV`, `EADDRNOTAVAIL` ..., with the text for the log. */
export type PortError = { readonly code: string; readonly text: string };

export type AddressPortHandler = {
  /** An address that is labelled as ours is gone, by whomever; ours or another program's doing. */
  readonly onLost: (address: InterfaceAddress) => void;
  readonly onLink: (link: Link) => void;
  /** An ARP packet or neighbour advertisement in which `mac` claims `address`. */
  readonly onClaim: (claim: { interface: string; address: string; mac: string }) => void;
  readonly onProblem: (problem: string) => void;
};

export type AddressPort = {
  /** Puts it up, or prolongs it. Done when this returns. @returns null, or what is wrong. */
  hold(address: InterfaceAddress, validMs: number): PortError | null;
  /** Takes it down. That it is not there is no error. */
  release(address: InterfaceAddress): PortError | null;
  /** All that are labelled as ours, held by this process or left by another. */
  ours(): readonly InterfaceAddress[];
  links(): readonly Link[];
  /** Tells everybody on the link: gratuitous ARP, or an unsolicited neighbour advertisement. */
  announce(address: InterfaceAddress): PortError | null;
  /**
   * Tells one neighbour, by unicast when its hardware address is known.
   * @param ping also makes it look: an ICMP echo from the address
   */
  tell(
    address: InterfaceAddress,
    neighbour: { readonly address: string; readonly mac: string | null; readonly ping: boolean },
  ): PortError | null;
  /** Asks who has it, without claiming it (RFC 5227 2.1.1, RFC 4862 5.4). Answers: `onClaim`. */
  probe(address: InterfaceAddress): PortError | null;
  /** What this machine knows of its neighbours: `/proc/net/arp` and its IPv6 equal. */
  neighbours(): readonly { interface: string; address: string; mac: string }[];
  close(): void;
};

export type OpenAddressPort = (
  options: {
    /** Interfaces that are watched. */
    readonly interfaces: readonly string[];
  },
  handler: AddressPortHandler,
) => AddressPort | PortError;
