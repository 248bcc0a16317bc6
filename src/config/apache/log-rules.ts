/**
 * Apache's words for the access log: `CustomLog file format`, and the older `TransferLog file`.
 *
 * What a newcomer gets wrong: a log that cannot be had is a warning, not an error. These lines
 * stand in the `httpd.conf` of many an Apache, and were never why a site should not start.
 */
import { ACCESS_LOG_FORMATS, type AccessLogFormat } from '../../core/cluster/config.ts';
import { didYouMean } from '../suggest.ts';
import type { Word } from './lexer.ts';
import { type Call, type Rule, report } from './rule.ts';
import { pathOf } from './server-rules.ts';

export const LOG_RULES: readonly Rule[] = [
  {
    name: 'CustomLog',
    usage: 'file combined|common|json',
    words: { min: 2, max: 3 },
    context: 'server',
    apply: (call) => {
      const [, format, condition] = call.words;
      if (condition !== undefined) {
        refuse(call, condition, `"${condition.text}" is a condition, and logs have none here`);
        return;
      }
      const found = ACCESS_LOG_FORMATS.find((name) => name === format!.text.toLowerCase());
      if (found === undefined) {
        const message = `"${format!.text}" is no format of ours: combined, common or json`;
        refuse(call, format!, message, didYouMean(format!.text, ACCESS_LOG_FORMATS));
      } else setLog(call, found);
    },
  },
  {
    name: 'TransferLog',
    usage: 'file',
    words: { min: 1, max: 1 },
    context: 'server',
    apply: (call) => setLog(call, 'common'),
  },
];

function setLog(call: Call, format: AccessLogFormat): void {
  const { draft } = call.reading;
  const file = call.words[0]!;
  if (/^\||^syslog(:|$)/.test(file.text)) {
    refuse(call, file, `"${file.text}" is no file, and the log is written to one only`);
  } else if (draft.accessLog !== null) {
    refuse(call, call.name, `there is one access log, and it is ${draft.accessLog.path}`);
  } else draft.accessLog = { path: pathOf(call, 0), format };
}

function refuse(call: Call, word: Word, message: string, hint?: string): void {
  report(call.reading.diagnostics, word, { code: 'CONFIG_LOG_FORMAT', message, hint });
}
