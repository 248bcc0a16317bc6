/**
 * What became of the access log, in numbers that every thread can read.
 *
 * The main thread writes them; the status page is made by whichever worker is asked for it. What a
 * newcomer gets wrong: `leftOut` is not an error count of requests. Those were served; only their
 * lines are missing.
 */
const NAMES = [
  /** Handed to the kernel. */
  'lines',
  /** Requests without a line. */
  'leftOut',
] as const;
export type LogFigureName = (typeof NAMES)[number];
export type LogFigures = Readonly<Record<LogFigureName, number>>;

export const LOG_FIGURES_BYTES = 8 * NAMES.length;

export function writeLogFigures(memory: SharedArrayBuffer, figures: LogFigures): void {
  const cells = new Float64Array(memory);
  NAMES.forEach((name, index) => {
    cells[index] = figures[name];
  });
}

export function readLogFigures(memory: SharedArrayBuffer): LogFigures {
  const cells = new Float64Array(memory);
  return { lines: cells[0]!, leftOut: cells[1]! };
}
