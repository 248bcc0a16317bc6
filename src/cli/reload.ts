/**
 * `forehand reload`: a node goes by its files as they are now.
 *
 * Answers 0 and says what has changed, or 1 and what is wrong; then nothing has changed.
 */
import type { Command } from 'commander';
import type { Paint } from '../config/diagnostic.ts';
import type { DiagnosticReport, ReloadAnswer } from '../core/report/reload-answer.ts';
import { type AskOptions, asking, fail, refusal } from './ask.ts';
import type { Cli } from './cli.ts';
import { openDoor } from './door.ts';

export function addReload(program: Command, cli: Cli): void {
  asking(program, 'reload', 'load the configuration again, and apply what has changed')
    .argument('[node]', 'another node of the cluster')
    .action(async (node: string | undefined, options: AskOptions) => {
      cli.exitCode = await reload(node, options, cli);
    });
}

async function reload(
  node: string | undefined,
  options: AskOptions,
  { terminal }: Cli,
): Promise<number> {
  const door = openDoor(options);
  if ('error' in door) return fail(terminal, door.error);
  const body = node === undefined ? {} : { node };
  const answered = await door.ask('api/reload', 'POST', JSON.stringify(body));
  if ('error' in answered) return fail(terminal, answered.error);
  const { ok, text, changes = [], diagnostics = [] } = answerIn(answered.body, answered.status);
  if (options.json === true) terminal.out(answered.body);
  else if (ok) terminal.out([text, ...changes, ''].join('\n'));
  else {
    for (const one of diagnostics) terminal.error(diagnosticText(one, terminal.paintError));
    return fail(terminal, text);
  }
  return ok ? 0 : 1;
}

type Answer = {
  readonly ok: boolean;
  readonly text: string;
  readonly changes?: readonly string[];
  readonly diagnostics?: readonly DiagnosticReport[];
};

/** A door that is not a node's, or a refused signature, brings no more than a text. */
function answerIn(body: string, status: number): Answer {
  if (status !== 200 && status !== 409) return { ok: false, text: refusal(body, status) };
  return JSON.parse(body) as ReloadAnswer;
}

function diagnosticText(
  { file, start, severity, code, message, hint }: DiagnosticReport,
  paint: Paint,
): string {
  const where = start === null ? file : `${file}:${start.line}:${start.column}`;
  const told = `${paint('strong', `${where}:`)} ${paint(severity, `${severity}:`)} ${message}`;
  const line = `${told} ${paint('faint', `[${code}]`)}`;
  return hint === null ? `${line}\n` : `${line}\n  ${paint('strong', 'hint:')} ${hint}\n`;
}
