/**
 * Shared addresses on the loopback interface, for clusters that are all on one machine: the demo,
 * and trying things out without root. The third body of `address-port.ts`.
 *
 *     hold ────► `onHeld`: the proxy listens there      127.0.0.0/8 is on every machine already, so
 *     release ─► `onHeld`: it does so no more           to have one of them means to answer at it
 *
 * What a newcomer gets wrong: this is no fence. A frozen daemon goes on listening; a dead one does
 * not. There is nobody on the link to be told or asked, so two that hold one address find out only
 * by the group.
 */
import type { AddressPort, InterfaceAddress, OpenAddressPort } from './address-port.ts';

/** @param onHeld all addresses that are held now, whenever that changes */
export function loopbackAddresses(onHeld: (addresses: readonly string[]) => void): OpenAddressPort {
  return ({ interfaces }, handler) => {
    const held = new Map<string, InterfaceAddress>();
    const tell = (): void => onHeld([...held.keys()]);
    const port: AddressPort = {
      hold(address) {
        if (held.has(address.address)) return null;
        held.set(address.address, address);
        tell();
        return null;
      },
      release({ address }) {
        if (held.delete(address)) tell();
        return null;
      },
      ours: () => [...held.values()],
      links: () => interfaces.map((name) => ({ interface: name, mac: '', up: true })),
      announce: () => null,
      tell: () => null,
      probe: () => null,
      neighbours: () => [],
      close() {
        held.clear();
        tell();
      },
    };
    // As the others do: what is there at the start is told before anything is asked.
    queueMicrotask(() => {
      for (const link of port.links()) handler.onLink(link);
    });
    return port;
  };
}
