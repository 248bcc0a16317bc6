import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { AddressFigures, FIGURES_BYTES, readFigures } from './figures.ts';

test('readFigures() gives what AddressFigures were told', () => {
  const memory = new SharedArrayBuffer(FIGURES_BYTES);
  const figures = new AddressFigures(memory);
  figures.set('members', 3);
  for (let i = 0; i < 4; i++) figures.add('views');
  figures.set('members', 2);
  figures.add('announced');
  const engine = { engineConnected: 0, engineReconnects: 0, engineStrangers: 0 };
  const spread = { spreadDaemons: 0, spreadSessions: 0, spreadDelivered: 0, spreadSlow: 0 };
  const zeros = { held: 0, ups: 0, downs: 0, restored: 0, ...engine, ...spread };
  deepEqual(readFigures(memory), { ...zeros, members: 2, views: 4, announced: 1 });
});
