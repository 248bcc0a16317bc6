/** Goal: the contact address is on the cluster's network, or the mistake is explained. */
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type Contact, type ContactFacts, contactAddress } from './contact.ts';

const CLUSTER = { address: '192.168.10.0', prefixLength: 24 };
const OTHER = { address: '10.0.0.0', prefixLength: 8 };
const ABSENT = { address: '172.16.0.0', prefixLength: 12 };
const SIX = { address: '2001:db8::', prefixLength: 32 };
const OWN = ['127.0.0.1', '195.5.3.180', '10.1.2.3', '192.168.10.7', '2001:db8::7'];

const tables: readonly (readonly [what: string, facts: ContactFacts, contact: Contact])[] = [
  [
    'the configured one, wherever it is',
    { configured: '203.0.113.9', accept: [CLUSTER], own: OWN },
    { address: '203.0.113.9' },
  ],
  [
    'the own one inside accept',
    { configured: null, accept: [CLUSTER], own: OWN },
    { address: '192.168.10.7' },
  ],
  [
    'of the first network that has one',
    {
      configured: null,
      accept: [ABSENT, OTHER, CLUSTER],
      own: OWN,
    },
    { address: '10.1.2.3' },
  ],
  ['IPv6 as well', { configured: null, accept: [SIX], own: OWN }, { address: '2001:db8::7' }],
  [
    'none where none is inside',
    { configured: null, accept: [CLUSTER], own: ['127.0.0.1', '195.5.3.180'] },
    {
      error:
        'no address of this machine (127.0.0.1, 195.5.3.180) ' +
        'is in the networks of the cluster (192.168.10.0/24)',
      hint: 'correct AcceptStats, or name the address: MulticastStats <own address> <destination>',
    },
  ],
];

test('contactAddress() finds the address on the network of the cluster', () => {
  for (const [what, facts, contact] of tables) deepEqual(contactAddress(facts), contact, what);
});
