/**
 * `forehand init`: asks three questions and writes a configuration to begin with.
 *
 * What a newcomer gets wrong: nothing that is there is written over, and what is written has passed
 * the same check as `forehand check`.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import type { Command } from 'commander';
import { diagnosticsText } from '../config/diagnostic-report.ts';
import { systemEnvironment } from '../config/environment.ts';
import { loadConfiguration } from '../config/load.ts';
import { ipOctets, networkContains } from '../core/util/ip.ts';
import { fail } from './ask.ts';
import type { Cli } from './cli.ts';
import {
  type Answers,
  configText,
  nextSteps,
  nodesOf,
  type Read,
  servesOf,
  sharedOf,
} from './init-text.ts';

const QUESTIONS = {
  nodes: 'Which machines? Their addresses, with names if you like (www1=192.168.10.11 ...): ',
  serves: 'What serves on each? http://127.0.0.1:3000 for an application, or a directory: ',
  shared: 'Which addresses do they share? (192.168.10.200/24 ..., or nothing): ',
} as const;

/** The most usual first card, where this machine has none in the network of the addresses. */
const INTERFACE_USUAL = 'eth0';

type InitOptions = {
  readonly directory: string;
  readonly nodes?: string;
  readonly serves?: string;
  readonly shared?: string;
};

export function addInit(program: Command, cli: Cli): void {
  program
    .command('init')
    .description('ask three questions and write a configuration to begin with')
    .option('--directory <dir>', 'where to write it', '.')
    .option('--nodes <list>', 'the answer to the first question, for scripts')
    .option('--serves <what>', 'the answer to the second')
    .option('--shared <list>', 'the answer to the third; may be empty')
    .action(async (options: InitOptions) => {
      cli.exitCode = await init(options, cli);
    });
}

async function init(options: InitOptions, { terminal }: Cli): Promise<number> {
  const config = join(options.directory, 'forehand.config.ts');
  const secret = join(options.directory, 'secret');
  for (const path of [config, secret]) {
    if (existsSync(path))
      return fail(terminal, `${path} is there already, and is not written over`);
  }
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const nodes = await answer(options.nodes, QUESTIONS.nodes, reader, nodesOf);
    if ('error' in nodes) return fail(terminal, nodes.error);
    const serves = await answer(options.serves, QUESTIONS.serves, reader, servesOf);
    if ('error' in serves) return fail(terminal, serves.error);
    const readShared = (text: string) => sharedOf(text, nodes.value);
    const shared = await answer(options.shared, QUESTIONS.shared, reader, readShared);
    if ('error' in shared) return fail(terminal, shared.error);
    const answers = { nodes: nodes.value, serves: serves.value, shared: shared.value };
    return await write(answers, { config, secret }, terminal);
  } finally {
    reader.close();
  }
}

/** Asks again until the answer is good, unless it was given as an option. */
async function answer<T>(
  given: string | undefined,
  question: string,
  reader: Interface,
  read: (text: string) => Read<T>,
): Promise<Read<T>> {
  if (given !== undefined) return read(given);
  if (!process.stdin.isTTY) return { error: 'no terminal to ask at; see forehand init --help' };
  for (;;) {
    const got = read(await reader.question(question));
    if ('value' in got) return got;
    process.stderr.write(`  ${got.error}\n`);
  }
}

async function write(
  answers: Answers,
  { config, secret }: { readonly config: string; readonly secret: string },
  terminal: Cli['terminal'],
): Promise<number> {
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(config, configText(answers, interfaceOf(answers)), { flag: 'wx' });
  writeFileSync(secret, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  const [first] = answers.nodes;
  const environment = systemEnvironment({ nodeName: first!.name, defines: [] });
  const loaded = await loadConfiguration([config], environment);
  if (loaded.config === null) {
    terminal.error(diagnosticsText(loaded, terminal.paintError));
    for (const path of [config, secret]) rmSync(path);
    return fail(terminal, 'these answers make no configuration; nothing was written');
  }
  terminal.out(nextSteps(answers, config, secret));
  return 0;
}

/** Of this machine, the card in the network of the shared addresses. */
function interfaceOf({ shared }: Answers): string {
  const [first] = shared;
  if (first === undefined) return INTERFACE_USUAL;
  for (const [name, own] of Object.entries(networkInterfaces())) {
    const inNetwork = own?.some(({ family, address }) => {
      const octets = ipOctets(address);
      return family === 'IPv4' && octets !== null && networkContains(first, octets);
    });
    if (inNetwork === true) return name;
  }
  return INTERFACE_USUAL;
}
