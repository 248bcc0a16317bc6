/**
 * A site whose machines have power switches, as the page with the switches needs it.
 *
 * Two bodies: processes on loopback addresses (`site.ts`), and the lab (`lab-site.ts`). What a
 * newcomer gets wrong: the browser is on this computer, and the lab is not. So addresses are asked
 * for by the URL under which a browser here reaches them.
 */
import type { Place } from './layout.ts';

export type Switched = { readonly atMs: number; readonly what: string };

export type SwitchedSite = {
  /** What the machines and their addresses are made of, in a sentence or two for the page. */
  readonly kind: string;
  /** Directors first. */
  readonly places: readonly Place[];
  readonly shared: readonly { readonly address: string; readonly url: string }[];
  /** What has happened to the machines, for the graph. */
  readonly switched: readonly Switched[];
  isOn(name: string): boolean;
  /** @returns false when there is no such machine, or it is that already */
  power(name: string, on: boolean): Promise<boolean>;
  /** Of a machine by its own address: `http://127.0.100.101:8080/`. */
  urlOf(place: Place): string;
  /** Of a machine that is on: what a hard-hearted visitor may kill. */
  pidOf(name: string): number | null;
  stop(): Promise<void>;
};

/** What is marked on the graph. */
const SWITCHED_MAX = 100;

export function note(switched: Switched[], what: string): void {
  switched.push({ atMs: Date.now(), what });
  if (switched.length > SWITCHED_MAX) switched.shift();
}
