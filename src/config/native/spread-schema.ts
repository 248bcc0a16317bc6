/** Checks `spread` of a `forehand.config.ts`, and turns its values into those of the core. */
import * as v from 'valibot';
import { type AccessRule, LOOPBACK } from '../../core/spread/server/access-rules.ts';
import { isComplaint, type Read, readListen, readNetwork, withoutHostBits } from '../values.ts';
import {
  boolean,
  integer,
  object,
  oneOrMore,
  reading,
  string,
  text,
  wrongType,
} from './schema-parts.ts';
import type { SpreadDefinition } from './spread-definition.ts';

const PORT = { min: 1, max: 65_535 };
const MESSAGES = { min: 10, max: 100_000 };

const listen = v.pipe(
  v.union([v.string(), v.number()], wrongType('a port, or an address with a port')),
  reading((value) => readListen(String(value))),
);

const accept = text('a network, "localhost" or "unix"', readAccess);

/** As a line of `spread.access_ip`. */
function readAccess(written: string): Read<readonly AccessRule[]> {
  if (written === 'unix') return { value: [{ kind: 'unix' }] };
  if (written === 'localhost') return { value: LOOPBACK };
  const network = readNetwork(written);
  if (isComplaint(network)) return network;
  return { value: [{ kind: 'network', network: withoutHostBits(network.value) }] };
}

export const SPREAD = object('spread', {
  serve: v.optional(boolean),
  listen: v.optional(oneOrMore(listen, 'ports or addresses')),
  accept: v.optional(oneOrMore(accept, 'networks')),
  user: v.optional(string('the name of a user')),
  port: v.optional(integer(PORT)),
  messagesMax: v.optional(integer(MESSAGES)),
} satisfies Record<keyof SpreadDefinition, v.GenericSchema>);

export type ParsedSpread = v.InferOutput<typeof SPREAD>;
