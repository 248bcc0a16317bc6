/**
 * Where a command writes, so that tests can read it.
 *
 * What a newcomer gets wrong: colour is a property of the stream and of `NO_COLOR` (no-color.org),
 * never of the command. `paint` is given to whoever renders, and does nothing elsewhere.
 */
import { styleText } from 'node:util';
import { type Paint, PLAIN } from '../config/diagnostic.ts';

export type Terminal = {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** For what goes to `out`. */
  readonly paint: Paint;
  /** For what goes to `error`: one of the two may be redirected. */
  readonly paintError: Paint;
};

export function systemTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    paint: paintFor(process.stdout),
    paintError: paintFor(process.stderr),
  };
}

const STYLES = {
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  note: ['bold', 'cyan'],
  strong: ['bold'],
  faint: ['dim'],
} as const satisfies Record<Parameters<Paint>[0], readonly string[]>;

function paintFor(stream: NodeJS.WriteStream): Paint {
  const noColor = process.env['NO_COLOR'] ?? '';
  if (!stream.isTTY || noColor !== '') return PLAIN;
  // The stream was looked at just above, and `styleText` would look at stdout for both.
  return (part, text) => styleText([...STYLES[part]], text, { validateStream: false });
}
