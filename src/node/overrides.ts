/** What the command line says, over what the files say. */
import type { ClusterConfig } from '../core/cluster/config.ts';
import type { Overrides } from './worker-protocol.ts';

export const NO_OVERRIDES: Overrides = {
  listen: null,
  application: null,
  documentRoot: null,
  compatibility: null,
};

export function applyOverrides(config: ClusterConfig, overrides: Overrides): ClusterConfig {
  return {
    ...config,
    listen: overrides.listen ?? config.listen,
    application: overrides.application ?? config.application,
    documentRoot: overrides.documentRoot ?? config.documentRoot,
    addresses: compatible(config.addresses, overrides),
  };
}

function compatible(
  addresses: ClusterConfig['addresses'],
  { compatibility }: Overrides,
): ClusterConfig['addresses'] {
  return addresses === null || compatibility === null ? addresses : { ...addresses, compatibility };
}
