/** Figures as people read them. Null is a dash: not known, never zero. */

export function ageText(ms: number | null): string {
  if (ms === null) return '–';
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 60)} h`;
}

export function msText(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

export function numberText(value: number | null, digits = 0): string {
  return value === null ? '–' : value.toFixed(digits);
}

/** Requests come many in a second. */
export function instantText(ms: number): string {
  return `${timeText(ms)}.${String(Math.floor(ms) % 1_000).padStart(3, '0')}`;
}

export function timeText(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB');
}
