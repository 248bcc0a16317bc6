/**
 * Which addresses and ports the machines of the demo get.
 *
 * On Linux all of 127.0.0.0/8 is there, so every machine has an address of its own, as in life. On
 * macOS only 127.0.0.1 is, and machines differ by their ports. What a newcomer gets wrong: looking
 * whether a port is free does not keep it free. So a demo claims its block of ports by listening on
 * one of them for as long as it lives, and a second demo takes the next block.
 */
import { placeOf } from './carts.ts';
import { isDatagramPortFree, listenOn } from './ports.ts';

export type MachineLayout = {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Null: the director has no application. */
  readonly shopPort: number | null;
  /** Eight hex digits at the beginning of its sessions. */
  readonly place: string;
};

export type Layout = {
  readonly director: MachineLayout;
  readonly shops: readonly MachineLayout[];
  /** Where all announce to. */
  readonly announceTo: string;
  readonly oneAddress: boolean;
  /** Gives the block of ports back. */
  readonly release: () => void;
};

const DIRECTOR = '127.0.0.1';
const ADDRESSES = ['127.0.0.11', '127.0.0.12', '127.0.0.13', '127.0.0.14'];

/** Ports of one demo: at its start the machines', then the shops', the claim at its end. */
const BLOCK = 10;
const FIRST_PORT = 8_080;
const BLOCKS_MAX = 200;
const FIRST_ANNOUNCE_PORT = 4_445;

/** @returns null when no block of ports is free */
export async function findLayout(forceOneAddress: boolean): Promise<Layout | null> {
  const probe = forceOneAddress ? null : await listenOn(ADDRESSES[0]!, 0);
  const oneAddress = probe === null;
  probe?.close();
  for (let block = 0; block < BLOCKS_MAX; block++) {
    const port = FIRST_PORT + block * BLOCK;
    const claim = await listenOn(DIRECTOR, port + BLOCK - 1);
    if (claim === null) continue;
    const machines = oneAddress ? machinesByPort(port) : machinesByAddress(port);
    const announcePort = FIRST_ANNOUNCE_PORT + block * BLOCK;
    if ((await allFree(machines)) && (await isDatagramPortFree(announcePort))) {
      const [director, ...shops] = machines;
      // Multicast reaches every program of one address; broadcast is what the article has.
      const to = oneAddress ? `239.255.44.45:${announcePort},0` : `127.255.255.255:${announcePort}`;
      const release = () => void claim.close();
      return { director: director!, shops, announceTo: to, oneAddress, release };
    }
    claim.close();
  }
  return null;
}

function machinesByAddress(port: number): MachineLayout[] {
  const director = { name: 'director', address: DIRECTOR, port, shopPort: null, place: '' };
  const shops = ADDRESSES.map((address, index) => {
    return { name: `www${index + 1}`, address, port, shopPort: port + 1, place: placeOf(address) };
  });
  return [director, ...shops];
}

function machinesByPort(port: number): MachineLayout[] {
  const director = { name: 'director', address: DIRECTOR, port, shopPort: null, place: '' };
  const shops = ADDRESSES.map((_, index) => {
    const own = port + 1 + index;
    const place = own.toString(16).padStart(8, '0');
    const shopPort = own + ADDRESSES.length;
    return { name: `www${index + 1}`, address: DIRECTOR, port: own, shopPort, place };
  });
  return [director, ...shops];
}

async function allFree(machines: readonly MachineLayout[]): Promise<boolean> {
  for (const { address, port, shopPort } of machines) {
    for (const wanted of shopPort === null ? [port] : [port, shopPort]) {
      const server = await listenOn(address, wanted);
      if (server === null) return false;
      await new Promise((resolve) => server.close(resolve));
    }
  }
  return true;
}
