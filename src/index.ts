/**
 * What a `forehand.config.ts` imports from 'forehand': the configuration's shape and its functions.
 *
 * The one place that gathers exports; everything inside the project imports from the file itself.
 */

export type {
  AddressesDefinition,
  GroupDefinition,
  HookDefinition,
  NodeAddressesDefinition,
  NotifyDefinition,
  PoolAddress,
  PoolItem,
} from './config/native/addresses-definition.ts';
export type {
  AnnounceDefinition,
  AnnounceTarget,
  CandidacyStep,
  ClusterDefinition,
  Duration,
  LimitsDefinition,
  Listen,
  NodeDefinition,
  SharedDefinition,
  ZoneDefinition,
} from './config/native/definition.ts';
export { defineCluster } from './config/native/definition.ts';
export type { SpreadDefinition } from './config/native/spread-definition.ts';
export { addPrediction } from './core/candidacy/add-prediction.ts';
export { addSelf } from './core/candidacy/add-self.ts';
export { byAge } from './core/candidacy/by-age.ts';
export { byBusyChildren } from './core/candidacy/by-busy-children.ts';
export { byCost } from './core/candidacy/by-cost.ts';
export { byCPU } from './core/candidacy/by-cpu.ts';
export { byHostname } from './core/candidacy/by-hostname.ts';
export { byLoad } from './core/candidacy/by-load.ts';
export { byLogWindow } from './core/candidacy/by-log-window.ts';
export { byRandom } from './core/candidacy/by-random.ts';
export { bySession } from './core/candidacy/by-session.ts';
export type { Asking, Candidacy, Server } from './core/candidacy/candidates.ts';
export { httpRedirectToIP } from './core/candidacy/http-redirect-to-ip.ts';
export { httpRedirectToName } from './core/candidacy/http-redirect-to-name.ts';
export { candidacy, type OwnFunction } from './core/candidacy/own.ts';
export { removeSelf } from './core/candidacy/remove-self.ts';
export type { HookChange } from './core/cluster/config.ts';
export { defineLab, type LabDefinition, type MachineDefinition } from './lab/definition.ts';
export { type DrillDefinition, type DrillEvent, defineDrill } from './lab/drill/definition.ts';
