import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readCorosync } from './read.ts';

const EXAMPLE = new URL('../../../examples/corosync/corosync.conf', import.meta.url);

test('readCorosync() gives the time-outs and the nodes of a whole file', () => {
  const { tokenMs, consensusMs, nodes } = readCorosync(readFileSync(EXAMPLE, 'utf8'));
  deepEqual([tokenMs, consensusMs], [500, 600]);
  equal(nodes.length, 4);
  deepEqual(nodes[0], { name: 'images1', addresses: ['192.168.100.183'] });
});

test('readCorosync() goes by what is used when nothing is said', () => {
  const node = 'node {\n ring0_addr: 10.0.0.1\n ring1_addr: 10.1.0.1\n}\n';
  const cases: readonly (readonly [string, number, number])[] = [
    ['', 3_000, 3_600],
    ['totem {\n token: 1000\n}', 1_000, 1_200],
    [`totem {\n  token: 1000\n}\nnodelist {\n${node.repeat(4)}}`, 2_300, 2_760],
    ['totem {\n # token: 7\n consensus: 9000\n}', 3_000, 9_000],
    ['totem {\n token: soon\n', 3_000, 3_600],
    ['} } { {{ : :\ntoken: 5', 3_000, 3_600],
  ];
  for (const [text, tokenMs, consensusMs] of cases) {
    const read = readCorosync(text);
    deepEqual([read.tokenMs, read.consensusMs], [tokenMs, consensusMs], text);
  }
  const nodes = readCorosync(`nodelist {\n${node}}`).nodes;
  deepEqual(nodes, [{ name: null, addresses: ['10.0.0.1', '10.1.0.1'] }]);
});
