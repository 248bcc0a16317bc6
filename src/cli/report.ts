/**
 * What loading found, for people and for programs.
 */

import { type Severity, severityOf } from '../config/codes.ts';
import { type Diagnostic, type Paint, positionAt, renderDiagnostic } from '../config/diagnostic.ts';
import type { Loaded } from '../config/load.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

export function diagnosticsText(
  { diagnostics, dropped, sources }: Loaded,
  paint: Paint,
  worthSaying: readonly Severity[] = SEVERITIES,
): string {
  const shown = diagnostics.filter(({ code }) => worthSaying.includes(severityOf(code)));
  const blocks = shown.map((diagnostic) => `${renderDiagnostic(diagnostic, sources, paint)}\n`);
  if (dropped > 0) blocks.push(`... and ${dropped} more\n`);
  return blocks.join('');
}

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
    diagnostics: diagnostics.map((diagnostic) => diagnosticJson(diagnostic, sources)),
    dropped,
    config: config === null ? null : configJson(config),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function diagnosticJson({ code, place, message, hint }: Diagnostic, sources: Loaded['sources']) {
  const source = sources.get(place.file);
  const span = source === undefined ? null : place.span;
  const start = span === null ? null : positionAt(source ?? '', span.start);
  const end = span === null ? null : positionAt(source ?? '', span.end);
  const severity = severityOf(code);
  return { file: place.file, start, end, severity, code, message, hint: hint ?? null };
}

/** Chains by the names of their functions, and of the secret only whether there is one. */
function configJson(config: ClusterConfig) {
  const { announce, zones } = config;
  return {
    ...config,
    announce: { ...announce, secret: undefined, signed: announce.secret !== null },
    zones: zones.map((zone) => ({ ...zone, chain: zone.chain?.map(({ name }) => name) ?? null })),
  };
}
