/**
 * An answer of `why` for people: what was asked, which zone, the chain function by function, what
 * came of it.
 *
 * What a newcomer gets wrong: it ends with the reason to doubt it, if there is one, and never hides
 * that in the middle.
 */
import type { RequestRecord } from '../../core/report/request-record.ts';
import type {
  WhyAnswer,
  WhyChain,
  WhyHappened,
  WhyJudged,
  WhyPass,
} from '../../core/report/why-answer.ts';
import { printable } from '../../core/util/printable.ts';

export function whyText(answer: WhyAnswer): string {
  const { request, id, node } = answer;
  const host = request.host === '' ? '' : ` (host ${request.host})`;
  const asked = `${request.method} ${printable(request.target)}${printable(host)}`;
  const lines = [
    `${id === null ? 'What if' : `Request ${id}`}: ${asked} from ${request.client}, at ${node}`,
    ...zoneLines(answer),
    ...(answer.chain === null ? [] : chainLines(answer.chain)),
    '',
    `${answer.way}: ${answer.because}`,
  ];
  if (answer.location !== null) lines.push(`  Location: ${printable(answer.location)}`);
  const others = answer.chain?.others ?? [];
  if (answer.way === 'node' && others.length > 0) lines.push(`  then tried: ${others.join(', ')}`);
  if (answer.happened !== null) lines.push('', ...happenedLines(answer.happened));
  if (answer.differs !== null) {
    lines.push('', `THIS IS NOT WHAT HAPPENED. ${answer.differs.text}`, 'It may be that');
    lines.push(...answer.differs.because.map((reason) => `  * ${reason}`));
  }
  for (const note of answer.notes) lines.push(`note: ${note}`);
  return `${lines.join('\n')}\n`;
}

function zoneLines({ path, file, refused, zones, zone }: WhyAnswer): string[] {
  if (refused !== null) return [`The path is refused (${refused.status}): ${refused.reason}`];
  const lines = [''];
  if (path !== null) {
    lines.push(`path ${printable(path)}${file === null ? '' : `, file ${printable(file)}`}`);
  }
  if (zones.length === 0) lines.push('no zones');
  const width = Math.max(0, ...zones.map(({ name }) => name.length));
  for (const { name, text } of zones) {
    lines.push(`  ${name === zone ? '>' : ' '} ${name.padEnd(width)}  ${printable(text)}`);
  }
  return lines;
}

function chainLines({ passes, tableMs, tableOfThen }: WhyChain): string[] {
  const which = tableOfThen ? 'of then' : 'of now';
  const when = new Date(tableMs).toISOString();
  return ['', `cluster table ${which}, ${when}`, ...passes.flatMap(passLines)];
}

function passLines({ pass, meaning, given, withheld, steps }: WhyPass): string[] {
  const width = Math.max(0, ...steps.map(({ candidacy }) => candidacy.length));
  const lines = [`${pass} (${meaning}): ${listText(given)}`];
  if (withheld.length > 0) lines.push(`  not given: ${judgedText(withheld)}`);
  for (const { candidacy, after, dropped, fault } of steps) {
    const gone = dropped.length === 0 ? '' : `  -- dropped ${judgedText(dropped)}`;
    const ignored = fault === null ? '' : `  -- passed over: ${fault}`;
    lines.push(`  ${candidacy.padEnd(width)}  ${judgedText(after)}${gone}${ignored}`);
  }
  return lines;
}

function happenedLines({ record, meaning, lookAt }: WhyHappened): string[] {
  const status = record.status === 0 ? 'nothing could be answered' : `status ${record.status}`;
  const tries = record.tries > 1 ? ` in ${record.tries} tries` : '';
  const by = record.server === null ? '' : ` by ${record.server}`;
  return [
    `It happened at ${new Date(record.atMs).toISOString()}: ${record.way}${by}${tries}, ${status}`,
    `  ${timesText(record)}, ${record.bytesOut} bytes of body`,
    `  ${record.outcome}: ${meaning}`,
    ...(record.outcome === 'DONE' ? [] : [`  look at: ${lookAt}`]),
  ];
}

function timesText({ sentMs, firstByteMs, totalMs }: RequestRecord): string {
  const parts = [
    sentMs === null ? null : `sent after ${sentMs.toFixed(1)} ms`,
    firstByteMs === null ? null : `first byte after ${firstByteMs.toFixed(1)} ms`,
    `all after ${totalMs.toFixed(1)} ms`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function judgedText(judged: readonly WhyJudged[]): string {
  const texts = judged.map(({ server, figure }) =>
    figure === '' ? server : `${server} (${figure})`,
  );
  return listText(texts);
}

function listText(names: readonly string[]): string {
  return names.length === 0 ? 'nobody' : names.join(', ');
}
