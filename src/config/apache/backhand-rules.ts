/**
 * mod_backhand's directives (1.2.2), under the names and with the arguments of the original.
 */

import { isArgumentError } from '../../core/candidacy/argument.ts';
import { BUILTINS } from '../../core/candidacy/builtins.ts';
import { didYouMean, shorten } from '../suggest.ts';
import { readDestination, readHost, readNetwork, withoutHostBits } from '../values.ts';
import type { Word } from './lexer.ts';
import { type Call, type Rule, report, take, takeSwitch } from './rule.ts';
import { pathOf } from './server-rules.ts';

export const BACKHAND_RULES: readonly Rule[] = [
  {
    name: 'UnixSocketDir',
    usage: 'directory',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: (call) => {
      call.reading.draft.stateDirectory = pathOf(call, 0);
    },
  },
  {
    name: 'MulticastStats',
    usage: '[own-address] address:port[,ttl]',
    words: { min: 1, max: 2 },
    context: 'server',
    apply: multicastStats,
  },
  {
    name: 'AcceptStats',
    usage: 'address[/length]',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: acceptStats,
  },
  {
    name: 'Backhand',
    usage: 'function [argument]',
    words: { min: 1, max: 2 },
    context: 'anywhere',
    apply: backhand,
  },
  {
    name: 'BackhandFromSO',
    usage: 'file function [argument]',
    words: { min: 2, max: 3 },
    context: 'anywhere',
    apply: backhandFromSo,
  },
  {
    name: 'BackhandSelfRedirect',
    usage: 'On|Off',
    words: { min: 1, max: 1 },
    context: 'anywhere',
    apply: (call) => {
      call.position.zone.selfRedirect = takeSwitch(call, call.words[0]!);
    },
  },
  {
    name: 'BackhandConnectionPools',
    usage: 'On|Off',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: (call) => {
      call.reading.draft.connectionPools = takeSwitch(call, call.words[0]!);
    },
  },
  {
    name: 'BackhandLogLevel',
    usage: 'flag ...',
    words: { min: 1, max: Number.POSITIVE_INFINITY },
    context: 'server',
    apply: (call) => withoutEffect(call, 'forehand why explains each decision when asked'),
  },
  {
    name: 'BackhandModeratorPIDFile',
    usage: 'file',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: (call) => withoutEffect(call, 'there is no moderator process here'),
  },
];

/** The two-word form names the address that this node advertises as its own. */
function multicastStats(call: Call): void {
  const { draft } = call.reading;
  const own = call.words.length === 2 ? call.words[0]! : null;
  const target = call.words.at(-1)!;
  if (own !== null) draft.contactHost = take(call, own, readHost) ?? draft.contactHost;
  const value = take(call, target, readDestination);
  if (value !== null) draft.destinations.push({ value, place: target });
}

function acceptStats(call: Call): void {
  const word = call.words[0]!;
  const network = take(call, word, readNetwork);
  if (network === null) return;
  const value = withoutHostBits(network);
  call.reading.draft.accept.push({ value, place: word });
  if (value.address === network.address) return;
  const message = `"${word.text}" is taken as ${value.address}/${value.prefixLength}`;
  report(call.reading.diagnostics, word, { code: 'CONFIG_NETWORK_HOST_BITS', message });
}

function backhand(call: Call): void {
  const [name, argument] = call.words;
  addFunction(call, name!, argument);
}

function addFunction(call: Call, name: Word, argument: Word | undefined): void {
  const { diagnostics } = call.reading;
  const wanted = name.text.toLowerCase();
  // The C symbol of `off` works in the original too, so some files have it.
  if (wanted === 'off' || wanted === 'backhand_off') {
    call.position.zone.turnOff(name);
    if (argument === undefined) return;
    const message = `"off" takes no argument; found "${argument.text}"`;
    report(diagnostics, argument, { code: 'CONFIG_BAD_FUNCTION_ARGUMENT', message });
    return;
  }
  const builtin = BUILTINS.find((candidate) => candidate.name.toLowerCase() === wanted);
  if (builtin === undefined) {
    const names = [...BUILTINS.map((known) => known.name), 'off'];
    const message = `there is no candidacy function "${shorten(name.text)}"`;
    const hint = didYouMean(name.text, names);
    report(diagnostics, name, { code: 'CONFIG_UNKNOWN_FUNCTION', message, hint });
    return;
  }
  const candidacy = builtin.parse(argument?.text ?? null);
  if (!isArgumentError(candidacy)) {
    call.position.zone.addStep(candidacy, name);
    return;
  }
  const message = `${builtin.name}: ${candidacy.error}`;
  const complaint = {
    code: 'CONFIG_BAD_FUNCTION_ARGUMENT',
    message,
    hint: candidacy.hint,
  } as const;
  report(diagnostics, argument ?? name, complaint);
}

/** Functions compiled for Apache cannot run here. `byHostname`, the well-known one, is built in. */
function backhandFromSo(call: Call): void {
  const [, name, argument] = call.words;
  const wanted = name!.text.toLowerCase();
  if (wanted === 'byhostname') {
    addFunction(call, name!, argument);
    return;
  }
  const message = `"${name!.text}" is compiled for Apache and cannot run here`;
  const hint = "write it in TypeScript: candidacy('name', (servers, asking) => servers)";
  report(call.reading.diagnostics, name!, { code: 'CONFIG_FOREIGN_FUNCTION', message, hint });
}

function withoutEffect({ reading, name }: Call, reason: string): void {
  const message = `"${name.text}" has nothing to set: ${reason}`;
  reading.diagnostics.add({ code: 'CONFIG_WITHOUT_EFFECT', place: name, message });
}
