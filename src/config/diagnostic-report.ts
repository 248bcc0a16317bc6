/**
 * Diagnostics as they leave the program: as text for people, as values for programs.
 *
 * What a newcomer gets wrong: `forehand check`, a start and a reload say the same of a file in the
 * same words. There is one place that renders, this one.
 */
import type { DiagnosticReport } from '../core/report/reload-answer.ts';
import { type Severity, severityOf } from './codes.ts';
import {
  type Diagnostic,
  type Paint,
  positionAt,
  renderDiagnostic,
  type Sources,
} from './diagnostic.ts';
import type { Loaded } from './load.ts';

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

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

/** For editors and scripts; the shape is part of the interface of every command. */
export function diagnosticReport(
  { code, place, message, hint }: Diagnostic,
  sources: Sources,
): DiagnosticReport {
  const source = sources.get(place.file);
  const span = source === undefined ? null : place.span;
  const start = span === null ? null : positionAt(source ?? '', span.start);
  const end = span === null ? null : positionAt(source ?? '', span.end);
  const severity = severityOf(code);
  return { file: place.file, start, end, severity, code, message, hint: hint ?? null };
}
