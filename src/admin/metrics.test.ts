/** Goal: text that Prometheus reads, with every counter and nothing invented. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { server } from '../core/candidacy/candidacy.fixture.ts';
import { At, Counters } from '../proxy/counters.ts';
import { statusParts } from './admin.fixture.ts';
import { METRICS, prometheusText } from './metrics.ts';
import { statusOf } from './status.ts';

/** One line of samples, by the grammar of the text format. */
const SAMPLE =
  /^[a-z_]+(\{([a-z]+="([^"\\\n]|\\[\\"n])*",?)+\})? (-?\d+(\.\d+)?(e[+-]?\d+)?|\+Inf)$/;

test('prometheusText() is made of HELP, TYPE and samples, when names are hostile too', () => {
  const text = prometheusText(statusOf(statusParts([server(0), server(1, { name: 'a"\\\nb' })])));
  ok(text.endsWith('\n'));
  for (const line of text.trimEnd().split('\n')) {
    if (line.startsWith('# HELP ')) match(line, /^# HELP forehand_[a-z_]+ [A-Z0-9].*\.$/);
    else if (line.startsWith('# TYPE ')) match(line, / (counter|gauge|histogram)$/);
    else match(line, SAMPLE);
  }
  ok(text.includes('forehand_server_load{server="a\\"\\\\\\nb",address="10.0.0.1:80"} 0\n'));
});

test('METRICS shows every counter when it moves', () => {
  for (const [name, place] of Object.entries(At)) {
    const parts = statusParts();
    const before = prometheusText(statusOf(parts));
    new Counters(parts.counters[0]!).add(place, 12_345);
    const after = prometheusText(statusOf(parts));
    const moved = after.split('\n').filter((line) => !before.split('\n').includes(line));
    equal(moved.length, 1, `${name}: ${moved.join(' | ')}`);
  }
});

test('METRICS follows the naming rules of Prometheus', () => {
  const names = METRICS.map(({ name }) => name);
  deepEqual(names, [...new Set(names)], 'no name is there twice');
  for (const { name, type, labels } of METRICS) {
    equal(name.endsWith('_total'), type === 'counter', name);
    match(name, /^forehand_[a-z_]+$/);
    for (const label of labels) match(label, /^[a-z]+$/);
  }
});

test('METRICS names the labels its samples have', () => {
  const status = statusOf(statusParts([server(0, { backhanded: 1 })]));
  for (const { name, labels, samples, type } of METRICS) {
    const [first] = samples(status);
    const expected = type === 'histogram' ? ['le'] : Object.keys(first?.labels ?? {});
    deepEqual([...labels], expected, name);
  }
});

test('prometheusText() counts latencies cumulatively', () => {
  const text = prometheusText(statusOf(statusParts()));
  const bucket = (le: string) => `forehand_request_duration_seconds_bucket{le="${le}"}`;
  for (const line of [
    `${bucket('0.005')} 0`,
    `${bucket('0.01')} 1`,
    `${bucket('10')} 1`,
    `${bucket('+Inf')} 2`,
    'forehand_request_duration_seconds_count 2',
    'forehand_request_duration_seconds_sum 20.007',
  ]) {
    ok(text.includes(`${line}\n`), line);
  }
});

/** https://prometheus.io/docs/practices/naming/: base units, and the unit last but for `_total`. */
const UNITS = ['seconds', 'bytes', 'ratio'];
const OTHER_UNITS =
  /_(ms|millis|milliseconds|minutes|hours|kb|mb|kilobytes|megabytes|percent)(_|$)/;

for (const { name, type, help, labels } of METRICS) {
  test(`${name} is named as Prometheus asks for`, () => {
    match(name, /^forehand_[a-z][a-z_]*[a-z]$/);
    equal(name.endsWith('_total'), type === 'counter', '_total says that it only grows');
    ok(!OTHER_UNITS.test(name), 'base units only');
    const words = name.replace(/_total$/, '').split('_');
    const unit = words.findIndex((word) => UNITS.includes(word));
    // `memory_available_bytes`: nothing stands behind the unit.
    ok(unit === -1 || unit === words.length - 1, 'the unit is last');
    ok(help.endsWith('.') && !help.includes('\n'));
    for (const label of labels) match(label, /^[a-z][a-z_]*$/);
  });
}

test('prometheusText() has no sample for what is not known', () => {
  const text = prometheusText(statusOf(statusParts([server(0, { capacity: 0, arriba: 0 })])));
  ok(!/^forehand_server_(capacity|arriba)\{/m.test(text));
});
