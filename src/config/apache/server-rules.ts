/**
 * Apache's own directives that mean something here: where to listen, what to serve, who we are.
 */
import { resolve } from 'node:path';
import { readHost, readInteger, readListen } from '../values.ts';
import { type Call, type Rule, report, take } from './rule.ts';

export const SERVER_RULES: readonly Rule[] = [
  {
    name: 'Listen',
    usage: '[address:]port [protocol]',
    words: { min: 1, max: 2 },
    context: 'server',
    apply: listen,
  },
  {
    name: 'Port',
    usage: 'port',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: (call) => {
      const read = (text: string) => readInteger(text, { min: 1, max: 65_535 });
      call.reading.draft.port = take(call, call.words[0]!, read);
    },
  },
  {
    name: 'BindAddress',
    usage: '*|address',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: (call) => {
      const word = call.words[0]!;
      call.reading.draft.bindAddress = word.text === '*' ? null : take(call, word, readHost);
    },
  },
  {
    name: 'ServerName',
    usage: 'name[:port]',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: serverName,
  },
  {
    name: 'ServerRoot',
    usage: 'directory',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: (call) => {
      call.reading.draft.serverRoot = pathOf(call, 0);
    },
  },
  {
    name: 'DocumentRoot',
    usage: 'directory',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: (call) => {
      const { file, span } = call.words[0]!;
      call.reading.draft.documentRoot = { value: pathOf(call, 0), place: { file, span } };
    },
  },
  {
    name: 'DirectoryIndex',
    usage: 'file [file] ...',
    words: { min: 1, max: Number.POSITIVE_INFINITY },
    context: 'anywhere',
    apply: directoryIndex,
  },
  {
    name: 'AccessFileName',
    usage: 'file [file] ...',
    words: { min: 1, max: Number.POSITIVE_INFINITY },
    context: 'server',
    apply: ({ reading, words }) => {
      reading.draft.accessFileNames = words.map(({ text }) => text);
    },
  },
  {
    name: 'AllowOverride',
    usage: 'All|None|kind [kind] ...',
    words: { min: 1, max: Number.POSITIVE_INFINITY },
    context: 'anywhere',
    apply: allowOverride,
  },
  {
    name: 'Define',
    usage: 'name [value]',
    words: { min: 1, max: 2 },
    context: 'server',
    apply: ({ reading, words }) => {
      reading.defines.add(words[0]!.text);
    },
  },
  {
    name: 'SetHandler',
    usage: 'name|none',
    words: { min: 1, max: 1 },
    context: 'anywhere',
    apply: setHandler,
  },
];

function listen(call: Call): void {
  const [word, protocol] = call.words;
  const value = take(call, word!, readListen);
  if (value !== null) call.reading.draft.listen.push({ value, place: word! });
  if (protocol === undefined || protocol.text.toLowerCase() === 'http') return;
  const message = `"${protocol.text}" is not spoken here: expected http, or nothing`;
  report(call.reading.diagnostics, protocol, { code: 'CONFIG_BAD_VALUE', message });
}

/** The name others see. A port or a scheme, as Apache allows, is about URLs and so left out. */
function serverName({ reading, words }: Call): void {
  const name = words[0]!.text.replace(/^[a-z]+:\/\//i, '').replace(/:\d+$/, '');
  reading.draft.serverName = name;
}

function directoryIndex(call: Call): void {
  const { reading, position, words } = call;
  if (position.context !== 'server') {
    ignore(call, 'one list counts for the whole site here');
    return;
  }
  reading.draft.directoryIndex = words.map(({ text }) => text);
}

/**
 * Followed where it decides anything here: `None` keeps `.htaccess` files from being read, in the
 * server or in a directory given literally. Which kinds of directives are allowed is Apache's
 * affair.
 */
function allowOverride(call: Call): void {
  const { reading, position, words } = call;
  const allowed = words[0]!.text.toLowerCase() !== 'none';
  const scope = position.scopes[0];
  if (scope === undefined || scope.match.kind === 'everything') {
    reading.draft.overrides.push({ directory: '', allowed });
  } else if (scope.kind === 'directory' && scope.match.kind === 'prefix') {
    reading.draft.overrides.push({ directory: scope.match.path, allowed });
  } else {
    ignore(call, 'it is followed in <Directory "/path"> only');
  }
}

function setHandler(call: Call): void {
  const handler = call.words[0]!.text.toLowerCase();
  if (handler === 'backhand-handler') {
    call.position.zone.handler = 'status';
    return;
  }
  // Any other handler takes an inherited one away, which is all that it can mean here.
  call.position.zone.handler = 'none';
  if (handler !== 'none') ignore(call, 'handlers are the business of the application');
}

function ignore({ reading, name }: Call, reason: string): void {
  const message = `"${name.text}" is ignored here: ${reason}`;
  reading.diagnostics.addOnce(`${name.text.toLowerCase()} ${reason}`, {
    code: 'CONFIG_DIRECTIVE_IGNORED',
    place: name,
    message,
  });
}

/** A path of the configuration: from `ServerRoot`, or where there is none, from the file itself. */
export function pathOf({ reading, words }: Call, index: number): string {
  const word = words[index]!;
  return resolveFrom(reading.draft.serverRoot, word.file, word.text);
}

export function resolveFrom(serverRoot: string | null, file: string, path: string): string {
  return resolve(serverRoot ?? resolve(file, '..'), path);
}
