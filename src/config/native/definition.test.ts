/**
 * What an editor would underline in a `forehand.config.ts`: the types are tested by the compiler.
 *
 * Each `@ts-expect-error` fails `tsc` when the line below it is accepted. At run time the same
 * values go through the schema, so that both refuse the same.
 */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { byLoad } from '../../core/candidacy/by-load.ts';
import { type ClusterDefinition, defineCluster } from './definition.ts';
import { CLUSTER } from './schema.ts';

const accepted: readonly ClusterDefinition[] = [
  { nodes: {} },
  { nodes: { a: { address: '10.0.0.1', listen: [80, '[::1]:80', '8080'] } } },
  { nodes: {}, announce: { to: '239.1.1.1:4445,4', interval: 250 }, accept: ['10.0.0.0/8'] },
  { nodes: {}, limits: { headTimeout: '1.5s', clientsMax: 5 }, application: 'unix:/run/app' },
  { nodes: {}, zones: [{ files: /x/, location: '/a', chain: [byLoad()], handler: 'none' }] },
  { nodes: {}, addresses: { pool: ['eth0 10.0.0.1/24', ['eth0 10.0.0.2/24n16', 'eth1 ::1/64']] } },
  { nodes: { a: { addresses: { prefer: '10.0.0.1', weight: 2, hooks: { up: ['a', 'b'] } } } } },
  {
    nodes: {},
    addresses: {
      pool: [],
      balance: { rate: 'all', interval: '4s' },
      notify: ['arp-cache', { to: 'eth0 10.0.0.0/24', throttle: 8, ping: true }],
      policy: { gateway: ['10.0.0.254'] },
      group: { profile: 'fast', peers: [], multicast: '239.1.1.1,4', oldSecretFiles: ['x'] },
      hooks: { up: () => {}, down: [['logger', 'gone'], () => {}] },
    },
  },
];

for (const definition of accepted) {
  test(`CLUSTER accepts what the types do when given ${JSON.stringify(definition)}`, () => {
    equal(v.safeParse(CLUSTER, defineCluster(definition)).success, true);
  });
}

const refused: readonly ClusterDefinition[] = [
  // @ts-expect-error The one key without a default.
  {},
  // @ts-expect-error An unknown key.
  { nodes: {}, listn: 80 },
  // @ts-expect-error An unknown key in a node.
  { nodes: { a: { adress: '10.0.0.1' } } },
  // @ts-expect-error No unit that there is.
  { nodes: {}, announce: { interval: '2 parsecs' } },
  // @ts-expect-error Not one of the words.
  { nodes: {}, onEmpty: 'panic' },
  // @ts-expect-error The function itself and not what it returns.
  { nodes: {}, zones: [{ chain: [byLoad] }] },
  // @ts-expect-error No scheme that is spoken here.
  { nodes: {}, application: 'https://127.0.0.1' },
  // @ts-expect-error A pool is what it is about.
  { nodes: {}, addresses: { weight: 2 } },
  // @ts-expect-error An address without its interface.
  { nodes: {}, addresses: { pool: ['10.0.0.1/24'] } },
  // @ts-expect-error What is shared by all cannot differ by node.
  { nodes: { a: { addresses: { mature: '5s' } } } },
  // @ts-expect-error Not one of the words.
  { nodes: {}, addresses: { pool: [], policy: 'majority' } },
  // @ts-expect-error A name where a number is wanted.
  { nodes: {}, limits: { clientsMax: '5' } },
];

for (const definition of refused) {
  test(`CLUSTER refuses what the types do when given ${JSON.stringify(definition)}`, () => {
    equal(v.safeParse(CLUSTER, defineCluster(definition)).success, false);
  });
}
