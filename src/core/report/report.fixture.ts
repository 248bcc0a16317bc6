/** Reports for tests: a node that is well, and whatever a test wants otherwise. */
import type { GroupStatus, KeeperStatus } from '../address/keeper-status.ts';
import type { NodeReport } from './node-report.ts';
import type { ServerStatus } from './server-status.ts';

export const NOW_MS = 1_795_000_000_000;

export function server(name: string, other: Partial<ServerStatus> = {}): ServerStatus {
  return {
    entry: 1,
    name,
    self: false,
    address: '10.0.0.1',
    port: 80,
    state: 'up',
    ageMs: 300,
    memoryTotalBytes: null,
    memoryAvailableBytes: null,
    serversTotal: null,
    serversReady: null,
    inFlight: 0,
    outstanding: 0,
    turnaroundMs: null,
    requests: 0,
    arriba: null,
    cpuCount: 2,
    load: 0.5,
    loadHwm: 1,
    cpuIdleRatio: 0.9,
    ...other,
  };
}

export function nodeReport(node: string, other: Partial<NodeReport> = {}): NodeReport {
  return {
    version: 1,
    node,
    bootId: 7,
    software: 'forehand/test',
    pid: 1,
    startedMs: NOW_MS - 60_000,
    nowMs: NOW_MS,
    state: 'up',
    listen: ['*:80'],
    seconds: [],
    requestsTotal: 0,
    clientsOpen: 1,
    inFlight: 2,
    servers: [],
    zones: [],
    addresses: null,
    events: [],
    ...other,
  };
}

export function group(name: string, owner: string | null): GroupStatus {
  return {
    group: name,
    owner,
    heir: null,
    preferred: false,
    stranger: false,
    here: 'no',
    why: owner === null ? 'nobody may hold it' : `held by ${owner}`,
    others: [],
  };
}

export function keeperStatus(
  view: string | null,
  names: readonly string[],
  groups: readonly GroupStatus[],
): KeeperStatus {
  const members = names.map((name) => {
    return { name, silent: false, eligible: true, reasons: [], weight: 1, count: 0 };
  });
  return { phase: 'run', mature: true, matureAtMs: null, view, pending: null, members, groups };
}
