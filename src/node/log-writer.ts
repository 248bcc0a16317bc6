/**
 * Lines of the log as `forehand run` writes them: for people, or an object a line for programs.
 *
 *     2026-11-22T19:00:00.000Z web1 serves at *:80, contact 10.0.0.1:80
 *     {"level":"info","time":"2026-11-22T19:00:00.000Z","node":"web1","kind":"started","msg":"..."}
 *
 * Why pino: docs/decisions/0014-log.md. What a newcomer gets wrong: lines are written at once, by
 * the thread that says them. The last one before a crash is the one that is needed.
 */
import type { EventKind } from '../core/report/node-report.ts';
import { printableLines } from '../core/util/printable.ts';
import type { LogWriter } from './log.ts';

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export type LogTarget = {
  readonly format: LogFormat;
  readonly node: string;
  readonly write: (text: string) => void;
};

const LEVELS: Partial<Readonly<Record<EventKind, 'warn'>>> = { problem: 'warn' };

export async function openLogWriter({ format, node, write }: LogTarget): Promise<LogWriter> {
  if (format === 'text') {
    return ({ text }) => write(`${new Date().toISOString()} ${printableLines(text)}\n`);
  }
  // Loaded only where it is used: a node that writes text starts without it.
  const { pino } = await import('pino');
  const logger = pino(
    {
      base: { node },
      messageKey: 'msg',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  return ({ kind, text, fields }) => {
    const level = (kind === null ? undefined : LEVELS[kind]) ?? 'info';
    logger[level]({ kind: kind ?? 'note', ...fields }, text);
  };
}
