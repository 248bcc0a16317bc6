/**
 * The words that work the switches of a lab, for its prompt and for scripts.
 *
 * What a newcomer gets wrong: a word takes effect and returns; it does not wait until the cluster
 * has dealt with it. `wait` is there for that.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab, LabMachine } from './lab.ts';

export type CommandParts = {
  readonly lab: Lab;
  readonly say: (text: string) => void;
};

type Command = {
  /** `MACHINE`, `MACHINE...`, `A,B C,D`: for the help, and counted. */
  readonly takes: string;
  readonly does: string;
  readonly run: (words: readonly string[], parts: CommandParts) => Promise<void> | void;
};

/** What the user typed is not a thing that can be done. */
export class Mistake extends Error {}

export const COMMANDS: Readonly<Record<string, Command>> = {
  off: {
    takes: 'MACHINE...',
    does: 'power off: cable and processes are gone at once',
    run: (words, parts) => each(words, parts, (machine) => machine.off()),
  },
  on: {
    takes: 'MACHINE...',
    does: 'power on again, with a fresh daemon',
    run: (words, parts) => each(words, parts, (machine) => machine.switchOn()),
  },
  unplug: {
    takes: 'MACHINE...',
    does: 'pull its cables out',
    run: (words, parts) => each(words, parts, ({ machine }) => machine.unplug()),
  },
  plug: {
    takes: 'MACHINE...',
    does: 'put its cables in again',
    run: (words, parts) => each(words, parts, ({ machine }) => machine.plug()),
  },
  kill: {
    takes: 'MACHINE...',
    does: 'kill -9 the node; the guard starts another',
    run: (words, parts) => each(words, parts, (machine) => machine.kill()),
  },
  freeze: {
    takes: 'MACHINE...',
    does: 'stop all processes of the machine; its kernel goes on',
    run: (words, parts) => each(words, parts, ({ machine }) => machine.freeze()),
  },
  thaw: {
    takes: 'MACHINE...',
    does: 'let them run on',
    run: (words, parts) => each(words, parts, ({ machine }) => machine.thaw()),
  },
  stop: {
    takes: 'MACHINE...',
    does: 'end the daemon as an operator does: it hands over first',
    run: (words, parts) => each(words, parts, (machine) => machine.stop()),
  },
  start: {
    takes: 'MACHINE...',
    does: 'start the daemon again',
    run: (words, parts) => each(words, parts, (machine) => machine.start()),
  },
  drain: {
    takes: 'MACHINE',
    does: 'let others serve and hold what it does; it runs on',
    run: ([name], { lab, say }) => say(outputOf(() => machineOf(name, lab).ask('drain'))),
  },
  resume: {
    takes: 'MACHINE',
    does: 'it takes part again',
    run: ([name], { lab, say }) => say(outputOf(() => machineOf(name, lab).ask('resume'))),
  },
  reload: {
    takes: 'MACHINE...',
    does: 'it reads its configuration again (SIGHUP)',
    run: (words, parts) => each(words, parts, (machine) => machine.reload()),
  },
  divide: {
    takes: 'A,B C,D',
    does: 'nothing passes between the two sides',
    run: ([some, others], { lab }) => lab.divide(listOf(some, lab), listOf(others, lab)),
  },
  deafen: {
    takes: 'A B',
    does: 'what A sends no longer reaches B; the other way it does',
    run: ([from, to], { lab }) => lab.deafen(machineOf(from, lab), machineOf(to, lab)),
  },
  heal: {
    takes: '',
    does: 'mend all divisions',
    run: (_, { lab }) => lab.heal(),
  },
  flush: {
    takes: 'MACHINE...',
    does: 'another program takes its virtual addresses away',
    run: (words, parts) => each(words, parts, (machine) => machine.flush()),
  },
  clock: {
    takes: 'MACHINE SECONDS',
    does: "move the machine's time of day by so much",
    run: ([name, seconds], { lab }) => {
      const offset = Number(seconds);
      if (!Number.isFinite(offset)) throw new Mistake(`"${seconds ?? ''}" is no number of seconds`);
      machineOf(name, lab).clock(offset * 1_000);
    },
  },
  who: {
    takes: '',
    does: 'which virtual addresses each machine has in its kernel',
    run: (_, { lab, say }) => {
      for (const machine of lab.machines.values()) say(`${machine.name}: ${held(machine)}`);
    },
  },
  status: {
    takes: 'MACHINE',
    does: 'what its daemon says of the cluster',
    run: ([name], { lab, say }) => say(outputOf(() => machineOf(name, lab).ask('status'))),
  },
  exec: {
    takes: 'MACHINE PROGRAM...',
    does: 'run a program on the machine',
    run: ([name, program, ...args], { lab, say }) => {
      if (program === undefined) throw new Mistake('exec what?');
      say(outputOf(() => machineOf(name, lab).machine.exec(program, ...args)));
    },
  },
  wait: {
    takes: 'SECONDS',
    does: 'do nothing for so long',
    run: async ([seconds]) => {
      await delay(Math.max(0, Number(seconds)) * 1_000);
    },
  },
};

export function help(): string {
  const rows = Object.entries(COMMANDS).map(([name, { takes, does }]) => [
    `${name} ${takes}`,
    does,
  ]);
  const width = Math.max(...rows.map(([left]) => left!.length));
  return rows.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`).join('\n');
}

/** Does what a line says. @throws Mistake when it says nothing that can be done */
export async function obey(line: string, parts: CommandParts): Promise<void> {
  const [word, ...words] = line.trim().split(/\s+/);
  if (word === undefined || word === '') return;
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (command === undefined) throw new Mistake(`no command "${word}"; there are:\n${help()}`);
  await command.run(words, parts);
}

async function each(
  names: readonly string[],
  { lab }: CommandParts,
  act: (machine: LabMachine) => Promise<void> | void,
): Promise<void> {
  if (names.length === 0) throw new Mistake('which machine?');
  for (const machine of names.map((name) => machineOf(name, lab))) await act(machine);
}

/** A program that fails has said why. */
function outputOf(run: () => string): string {
  try {
    return run();
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Mistake(`${stdout ?? ''}${stderr ?? String(error)}`.trim());
  }
}

function machineOf(name: string | undefined, lab: Lab): LabMachine {
  const machine = lab.machines.get(name ?? '');
  if (machine !== undefined) return machine;
  throw new Mistake(`no machine "${name ?? ''}"; there are ${[...lab.machines.keys()].join(', ')}`);
}

function listOf(names: string | undefined, lab: Lab): LabMachine[] {
  return (names ?? '').split(',').map((name) => machineOf(name, lab));
}

/** Global addresses that are not of the machine's own cables. */
export function held({ machine, on }: LabMachine): string {
  if (!on) return '(off)';
  const own = new Set(machine.cables.map(({ address }) => address));
  const addresses = machine
    .exec('ip', '-o', 'address', 'show', 'scope', 'global')
    .split('\n')
    .map((line) => line.split(/\s+/)[3] ?? '')
    .filter((address) => address !== '' && !own.has(address));
  return addresses.join(' ') || '-';
}
