/**
 * What `forehand check` answers, word for word: test/transcripts/check/*.txt.
 *
 *     prose, up to the first file                     for the reader only
 *     === httpd.conf                                  a file to check, in the order given
 *     === +vhosts/a.conf                              a file that is only there
 *     === httpd.conf < test/fixtures/article/x.conf   the content is that file's
 *     === -missing.conf                               a file that is named and not there
 *     --- node www1                                   what `--node` says, when anything
 *     ----
 *     what check prints, and its exit code
 *
 *     UPDATE=1 node --test src/cli/transcripts.test.ts     writes the answers: read the diff
 */
import { equal, ok } from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { PLAIN } from '../config/diagnostic.ts';
import { type Environment, systemEnvironment } from '../config/environment.ts';
import { check } from './check.ts';

type TranscriptFile = {
  readonly name: string;
  readonly given: boolean;
  readonly text: string | null;
};
type Transcript = {
  readonly input: string;
  readonly files: readonly TranscriptFile[];
  readonly nodeName: string | null;
  readonly expected: string;
};

const paths = globSync('test/transcripts/check/*.txt').toSorted();

test('check has transcripts to be held to', () => {
  ok(paths.length >= 20, `only ${paths.length} transcripts: run from the top of the project`);
});

for (const path of paths) {
  test(`check answers as in ${path}`, async () => {
    const transcript = parseTranscript(readFileSync(path, 'utf8'));
    const printed = await run(transcript);
    if (process.env['UPDATE'] === '1') writeFileSync(path, `${transcript.input}----\n${printed}`);
    else equal(printed, transcript.expected);
  });
}

function parseTranscript(text: string): Transcript {
  const [input = '', expected = ''] = text.split(/^----\n/m);
  const nodeName = /^--- node (.*)$/m.exec(input)?.[1] ?? null;
  const [, ...parts] = input.replace(/^--- node .*\n/m, '').split(/^=== /m);
  const files = parts.map((part): TranscriptFile => {
    const newline = part.indexOf('\n');
    const [, mark, name = '', from] =
      /^([+-]?)(\S+)(?: < (\S+))?$/.exec(part.slice(0, newline)) ?? [];
    const body = from === undefined ? part.slice(newline + 1) : readFileSync(from, 'utf8');
    return { name, given: mark !== '+', text: mark === '-' ? null : body };
  });
  return { input, files, nodeName, expected };
}

/** In a directory of its own, which the answer then does not mention. */
async function run({ files, nodeName }: Transcript): Promise<string> {
  // Not below TMPDIR: the length of the path counts in how names line up.
  const directory = mkdtempSync('/tmp/forehand-');
  try {
    for (const { name, text } of files) {
      if (text === null) continue;
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text.replaceAll('$TOP', directory));
    }
    const system = systemEnvironment({ nodeName, defines: [] });
    const environment: Environment = {
      ...system,
      // Whatever this machine has there.
      readFile: (path) => system.readFile(path.startsWith('/etc/') ? join(directory, path) : path),
      hostName: 'www1.example.com',
      addresses: ['127.0.0.1', '192.168.10.11', '192.168.100.50'],
      interfaces: ['lo', 'eth0', 'eth1'],
    };
    const printed: string[] = [];
    const given = files.filter((file) => file.given).map(({ name }) => join(directory, name));
    const exitCode = await check(given, {
      environment,
      format: 'text',
      terminal: {
        out: (text) => printed.push(text),
        error: () => {},
        paint: PLAIN,
        paintError: PLAIN,
      },
    });
    const text = `${printed.join('')}exit ${exitCode}\n`;
    return text.replaceAll(`${directory}/`, '').replaceAll(directory, '$TOP');
  } finally {
    rmSync(directory, { recursive: true });
  }
}
