/**
 * What loading found, for people and for programs.
 */

import { severityOf } from '../config/codes.ts';
import { diagnosticReport, SEVERITIES } from '../config/diagnostic-report.ts';
import type { Loaded } from '../config/load.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';

/** `2 errors, 1 note`, or nothing to say. */
export function countText({ diagnostics }: Loaded): string {
  const counts = SEVERITIES.map((severity) => {
    const count = diagnostics.filter(({ code }) => severityOf(code) === severity).length;
    return count === 0 ? '' : `${count} ${severity}${count === 1 ? '' : 's'}`;
  });
  return counts.filter((text) => text !== '').join(', ');
}

/** For editors and scripts; the shape is part of the command's interface. */
export function reportJson(loaded: Loaded): string {
  const { config, diagnostics, dropped, sources } = loaded;
  const report = {
    ok: config !== null,
    diagnostics: diagnostics.map((diagnostic) => diagnosticReport(diagnostic, sources)),
    dropped,
    config: config === null ? null : configJson(config),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function addressesJson({ addresses }: ClusterConfig) {
  if (addresses === null) return null;
  const { group } = addresses;
  const signed = group.secrets.length > 0;
  return { ...addresses, group: { ...group, secrets: undefined, signed } };
}

/** Chains by the names of their functions, and of the secret only whether there is one. */
function configJson(config: ClusterConfig) {
  const { announce, zones } = config;
  return {
    ...config,
    announce: { ...announce, secret: undefined, signed: announce.secret !== null },
    addresses: addressesJson(config),
    zones: zones.map((zone) => ({ ...zone, chain: zone.chain?.map(({ name }) => name) ?? null })),
  };
}
