/**
 * What commands that ask or tell a node share: the door, the errors, text or JSON.
 *
 * What a newcomer gets wrong: the exit code is the answer for scripts. 0 is "done" or "here it is",
 * 1 is "no", with the reason on the error stream.
 */
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { addDoorOptions, type DoorOptions, openDoor } from './door.ts';

export type AskOptions = DoorOptions & { readonly json?: boolean };

/** A command with the options of all that speak to a node. */
export function asking(program: Command, usage: string, description: string): Command {
  const command = program.command(usage).description(description);
  return addDoorOptions(command).option('--json', 'as JSON');
}

/**
 * Asks and shows.
 *
 * @param show the answer as text
 */
export async function show<T>(
  path: string,
  options: AskOptions,
  { terminal }: Cli,
  text: (answer: T) => string,
): Promise<number> {
  const door = openDoor(options);
  if ('error' in door) return fail(terminal, door.error);
  const answered = await door.ask(path);
  if ('error' in answered) return fail(terminal, answered.error);
  if (answered.status !== 200) return fail(terminal, refusal(answered.body, answered.status));
  terminal.out(options.json === true ? answered.body : text(JSON.parse(answered.body) as T));
  return 0;
}

/** Tells a node to do something, and says what came of it. */
export async function order(
  command: string,
  body: Readonly<Record<string, string>>,
  options: AskOptions,
  { terminal }: Cli,
): Promise<number> {
  const door = openDoor(options);
  if ('error' in door) return fail(terminal, door.error);
  const answered = await door.ask(`api/${command}`, 'POST', JSON.stringify(body));
  if ('error' in answered) return fail(terminal, answered.error);
  const done = answered.status === 200;
  if (options.json === true) terminal.out(answered.body);
  else if (done) terminal.out(`${refusal(answered.body, answered.status)}\n`);
  else return fail(terminal, refusal(answered.body, answered.status));
  return done ? 0 : 1;
}

/** The text that an answer brings, whatever it says. */
export function refusal(body: string, status: number): string {
  try {
    const { text } = JSON.parse(body) as { text?: unknown };
    if (typeof text === 'string') return text;
  } catch {
    // Then it is not from the API.
  }
  return `the answer is ${status}: ${body.split('\n')[0]?.slice(0, 200) ?? ''}`;
}

export function fail(terminal: Cli['terminal'], text: string): number {
  terminal.error(`forehand: ${text}\n`);
  return 1;
}
