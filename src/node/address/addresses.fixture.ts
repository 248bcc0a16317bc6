/** The part of a configuration that is about addresses, as tests vary it. */

import type { VirtualAddress } from '../../core/address/pool.ts';
import type { AddressesConfig } from '../../core/cluster/config.ts';

export function vip(address: string): VirtualAddress {
  return { interface: 'eth0', address, prefixLength: 24, notifyPrefixLength: 24 };
}

export const ADDRESSES: AddressesConfig = {
  pool: [],
  matureMs: 1_000,
  balance: { rate: 'all', intervalMs: 1_000, enabled: true },
  prefer: [],
  weight: 1,
  policy: { kind: 'serve' },
  group: {
    engine: { kind: 'ring' },
    name: 'g',
    port: 1,
    profile: 'lan',
    peers: [],
    multicast: null,
    host: null,
    secrets: [],
  },
  notify: [],
  compatibility: null,
  arpCacheMs: 60_000,
  refreshMs: 60_000,
  validMs: 3_000,
  hooks: { up: [], down: [] },
};
