/**
 * What each statement of wackamole.conf means to us.
 *
 * The manual page counts, not the code: where an old file gets something else here than it got
 * from the daemon, a warning says what (docs/reference/wackamole-deviations.md).
 */
import { dirname, resolve } from 'node:path';
import { unreachable } from '../../core/util/assert.ts';
import { RATE, THROTTLE, type Wish } from '../address-pool.ts';
import type { Code } from '../codes.ts';
import type { Place } from '../diagnostic.ts';
import type { Placed } from '../draft.ts';
import { reasonOf } from '../environment.ts';
import { readSpreadDaemon } from '../spread-daemon.ts';
import { isComplaint, type Read, readInteger } from '../values.ts';
import type { WackamoleDraft } from './draft.ts';
import type { Item, Parsed, Setting } from './grammar.ts';
import type { Statement } from './keywords.ts';
import type { Token } from './lexer.ts';
import { type IpAddr, readIpAddr, readTime } from './values.ts';

export function apply(parsed: Parsed, draft: WackamoleDraft): void {
  switch (parsed.kind) {
    case 'setting':
      applySetting(parsed.statement, parsed.setting, draft);
      return;
    case 'balance':
      for (const setting of parsed.settings) applyBalance(setting, draft);
      return;
    case 'list':
      if (parsed.statement === 'VirtualInterfaces') applyPool(parsed.name, parsed.items, draft);
      else if (parsed.statement === 'Prefer') applyPrefer(parsed.items, draft);
      else for (const item of parsed.items) applyNotify(item, draft);
      return;
    case 'foreign':
      applyForeign(parsed.statement, parsed.words, draft);
      return;
    default:
      unreachable(parsed);
  }
}

function applySetting(statement: Statement, { name, value }: Setting, draft: WackamoleDraft): void {
  switch (statement) {
    case 'Spread':
      applySpread(value, draft);
      return;
    case 'Group':
      draft.group = { value: value.text, place: value };
      return;
    case 'Control':
      applyControl(value, draft);
      return;
    case 'Mature':
      draft.matureMs = takeTime(value, draft) ?? draft.matureMs;
      return;
    case 'Arp-Cache':
      draft.arpCacheMs = takePeriod(value, draft) ?? draft.arpCacheMs;
      draft.diagnostics.addOnce('arp-cache', {
        code: 'CONFIG_WACKAMOLE_MENDED',
        place: name,
        message:
          'ARP caches are shared each time that passes, as documented; the original did it once',
      });
      return;
    case 'SecretFile':
      draft.secret = readSecret(value, draft) ?? draft.secret;
      return;
    case 'SpreadRetryInterval':
      draft.retryMs = takePeriod(value, draft) ?? draft.retryMs;
      return;
    case 'ModuleDir':
      note(name, '"ModuleDir" has nothing to set: shared objects are not loaded', draft);
      return;
    case 'LogFacility': {
      const message = '"LogFacility" is ignored, as the original does: we log to standard error';
      const hint = 'systemd takes it from there: SyslogFacility=daemon in the unit';
      warn('CONFIG_WACKAMOLE_FOREIGN', name, { message, hint }, draft);
      return;
    }
    default:
      // The grammar gives the others other shapes.
      return;
  }
}

/** The daemon there, if it answers when we start; else its port is the ring's. */
function applySpread(value: Token, draft: WackamoleDraft): void {
  const daemon = take(value, readSpreadDaemon, draft);
  if (daemon === null) return;
  draft.daemon = daemon;
  draft.port = Number.parseInt(daemon, 10);
}

function applyControl(value: Token, draft: WackamoleDraft): void {
  if (value.text.startsWith('/')) {
    draft.control = value.text;
    return;
  }
  const message = `"${value.text}" is not the absolute path of a socket`;
  draft.diagnostics.add({ code: 'CONFIG_BAD_VALUE', place: value, message });
}

function readSecret(value: Token, draft: WackamoleDraft): string | null {
  const { environment, diagnostics } = draft;
  const path = resolve(dirname(value.file), value.text);
  try {
    // One newline at the end is the editor's, not the secret's.
    const secret = environment.readFile(path).replace(/\r?\n$/, '');
    draft.secretFile = path;
    if (secret !== '') return secret;
    diagnostics.add({ code: 'CONFIG_BAD_VALUE', place: value, message: 'the secret is empty' });
  } catch (error) {
    const message = `cannot read the secret in "${value.text}": ${reasonOf(error)}`;
    diagnostics.add({ code: 'CONFIG_FILE_UNREADABLE', place: value, message });
  }
  return null;
}

function applyBalance({ name, value }: Setting, draft: WackamoleDraft): void {
  if (name.text.toLowerCase() === 'interval') {
    draft.intervalMs = takeTime(value, draft) ?? draft.intervalMs;
    return;
  }
  if (value.text.toLowerCase() === 'all') draft.rate = 'all';
  else draft.rate = take(value, (text) => readInteger(text, RATE), draft) ?? draft.rate;
}

function applyPool(name: Token, items: readonly Item[], draft: WackamoleDraft): void {
  draft.poolPlace ??= name;
  for (const { words } of items) {
    const addresses = words.flatMap((word): Placed<IpAddr>[] => {
      const value = takeAddress(word, draft);
      return value === null ? [] : [{ value, place: word }];
    });
    if (addresses.length > 0) draft.pool.push(addresses);
  }
}

/** `Prefer none`, one address, or several; a network stands for all addresses inside of it. */
function applyPrefer(items: readonly Item[], draft: WackamoleDraft): void {
  for (const { words } of items) {
    const [word, ...more] = words;
    if (word === undefined || isWord(word, 'none')) continue;
    for (const other of more) refuseWord(other, '"Prefer"', draft);
    const bare = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(word.text);
    const value = take(word, (text) => readIpAddr(bare ? `${text}/32` : text), draft);
    if (value === null) continue;
    const wish: Wish = { value, place: word };
    draft.prefer.push(wish);
    const isWhole = value.prefixLength === (value.address.includes(':') ? 128 : 32);
    if (bare) {
      const message = `"${word.text}" is taken as ${word.text}/32; the original looked it up nowhere`;
      warn('CONFIG_WACKAMOLE_DIFFERS', word, { message }, draft);
    } else if (!isWhole) {
      const message = `"${word.text}" prefers every address of that network; the original went astray`;
      const hint = 'for one address write /32, whatever its prefix length is in the pool';
      warn('CONFIG_WACKAMOLE_DIFFERS', word, { message, hint }, draft);
    }
  }
}

function applyNotify({ words }: Item, draft: WackamoleDraft): void {
  const [target, ...options] = words;
  if (target === undefined || isWord(target, 'none')) return;
  const ping = options.some((word) => isWord(word, 'ping'));
  const at = options.findIndex((word) => isWord(word, 'throttle'));
  if (isWord(target, 'arp-cache')) {
    if (at >= 0) refuseWord(options[at]!, '"arp-cache"', draft);
    draft.notify.push({ kind: 'arp-cache', ping });
    return;
  }
  const value = takeAddress(target, draft);
  const number = options[at + 1];
  let throttle: number | null = 0;
  if (at >= 0) {
    const place = number ?? options[at]!;
    throttle = take(place, () => readInteger(number?.text ?? '', THROTTLE), draft);
  }
  if (value === null || throttle === null) return;
  const { interface: name, address, prefixLength } = value;
  draft.notify.push({ kind: 'network', interface: name, address, prefixLength, throttle, ping });
}

/** Code for another program: said what to do instead. */
function applyForeign(statement: Statement, words: readonly Token[], draft: WackamoleDraft): void {
  const [name, code] = words;
  if (name === undefined) return;
  if (code === undefined) {
    const message = `"${name.text}" needs a word behind it`;
    draft.diagnostics.add({ code: 'CONFIG_SYNTAX', place: name, message });
    return;
  }
  const what = statement === 'RunDynamic' ? 'a shared object or Perl function' : 'Perl code';
  const message = `"${name.text} ${code.text}" is ${what}, which cannot run here`;
  const hint =
    'hooks that run a command or TypeScript go into a forehand.config.ts: addresses.hooks ' +
    '("forehand import" makes one)';
  warn('CONFIG_WACKAMOLE_FOREIGN', name, { message, hint }, draft);
}

function takeAddress(word: Token, draft: WackamoleDraft): IpAddr | null {
  const value = take(word, readIpAddr, draft);
  if (value === null || value.interface !== '') return value;
  const message = `"${word.text}" does not say on which interface`;
  const hint = `for example eth0:${word.text}`;
  draft.diagnostics.add({ code: 'CONFIG_BAD_ADDRESS', place: word, message, hint });
  return null;
}

function takeTime(word: Token, draft: WackamoleDraft): number | null {
  const timeMs = take(word, readTime, draft);
  if (timeMs === null || !/h$/i.test(word.text)) return timeMs;
  const count = Number(word.text.slice(0, -1));
  const message = `"${word.text}" is ${count * 3_600} s, as documented; the original made it ${count} s`;
  const hint = `write "${count}s" if that is what has worked until now`;
  warn('CONFIG_WACKAMOLE_DIFFERS', word, { message, hint }, draft);
  return timeMs;
}

/** For what is done again and again. */
function takePeriod(word: Token, draft: WackamoleDraft): number | null {
  const periodMs = takeTime(word, draft);
  if (periodMs !== 0) return periodMs;
  const message = `"${word.text}" is no time to wait in between: it would be done without end`;
  draft.diagnostics.add({ code: 'CONFIG_BAD_DURATION', place: word, message, hint: 'at least 1s' });
  return null;
}

function take<T>(word: Token, read: (text: string) => Read<T>, draft: WackamoleDraft): T | null {
  const result = read(word.text);
  if (!isComplaint(result)) return result.value;
  const { code, message, hint, part } = result.complaint;
  const from = part === undefined || word.kind === 'quoted' ? -1 : word.text.lastIndexOf(part);
  const start = word.span.start + from;
  const span = from === -1 ? word.span : { start, end: start + part!.length };
  draft.diagnostics.add({ code, place: { file: word.file, span }, message, hint });
  return null;
}

function isWord(token: Token, word: string): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === word;
}

function refuseWord(word: Token, where: string, draft: WackamoleDraft): void {
  const message = `"${word.text}" has no meaning in ${where}`;
  draft.diagnostics.add({ code: 'CONFIG_SYNTAX', place: word, message });
}

function note(place: Place & { readonly text: string }, message: string, draft: WackamoleDraft) {
  draft.diagnostics.addOnce(place.text.toLowerCase(), {
    code: 'CONFIG_WITHOUT_EFFECT',
    place,
    message,
  });
}

export function warn(
  code: Code,
  place: Place,
  said: { readonly message: string; readonly hint?: string },
  { diagnostics }: WackamoleDraft,
): void {
  diagnostics.add({ code, place: { file: place.file, span: place.span }, ...said });
}
