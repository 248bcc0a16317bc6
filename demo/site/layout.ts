/**
 * Addresses and ports of example 3 on this computer: those of the article, moved to the loopback.
 *
 *     192.168.100.101, .102     127.0.100.101, .102     directors
 *     192.168.100.50 ... .54    127.0.100.50 ... .54    web machines
 *     195.5.3.180 ... .183      127.0.3.180 ... .183    what the directors share
 *
 * What a newcomer gets wrong: looking whether a port is free does not keep it free. So a demo
 * claims its block of ports by listening on one of them, and a second demo takes the next block.
 */
import { isDatagramPortFree, listenOn } from '../ports.ts';

export type Place = {
  readonly name: string;
  readonly address: string;
  readonly isDirector: boolean;
};

export type SiteLayout = {
  /** Directors first. */
  readonly places: readonly Place[];
  readonly shared: readonly string[];
  /** Of all that is for clients. */
  readonly port: number;
  readonly shopPort: number;
  /** Of the page with the power switches, on 127.0.0.1. */
  readonly controlPort: number;
  readonly announcePort: number;
  readonly groupPort: number;
  /** Gives the block of ports back. */
  readonly release: () => void;
};

const DIRECTORS = ['127.0.100.101', '127.0.100.102'];
const WEB = [50, 51, 52, 53, 54].map((host) => `127.0.100.${host}`);
const SHARED = [180, 181, 182, 183].map((host) => `127.0.3.${host}`);
const CONTROL = '127.0.0.1';

const BLOCK = 10;
const FIRST_PORT = 8_080;
const BLOCKS_MAX = 200;

export const PLACES: readonly Place[] = [
  ...DIRECTORS.map((address, i) => ({ name: `director${i + 1}`, address, isDirector: true })),
  ...WEB.map((address, i) => ({ name: `www${i + 1}`, address, isDirector: false })),
];

/** @returns null when no block of ports is free */
export async function findSiteLayout(): Promise<SiteLayout | null> {
  for (let block = 0; block < BLOCKS_MAX; block++) {
    const first = FIRST_PORT + block * BLOCK;
    const claim = await listenOn(CONTROL, first + BLOCK - 1);
    if (claim === null) continue;
    const layout: SiteLayout = {
      places: PLACES,
      shared: SHARED,
      port: first,
      shopPort: first + 1,
      controlPort: first,
      announcePort: first + 2,
      groupPort: first + 3,
      release: () => void claim.close(),
    };
    if (await isFree(layout)) return layout;
    claim.close();
  }
  return null;
}

async function isFree(layout: SiteLayout): Promise<boolean> {
  const { places, shared, port, shopPort, controlPort, announcePort, groupPort } = layout;
  const wanted = [
    ...[...places.map(({ address }) => address), ...shared].map((host) => [host, port] as const),
    ...places.map(({ address }) => [address, shopPort] as const),
    ...places.map(({ address }) => [address, groupPort] as const),
    [CONTROL, controlPort] as const,
  ];
  for (const [host, one] of wanted) {
    const server = await listenOn(host, one);
    if (server === null) return false;
    await new Promise((resolve) => server.close(resolve));
  }
  return (await isDatagramPortFree(announcePort)) && (await isDatagramPortFree(groupPort));
}
