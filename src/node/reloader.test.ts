import { equal } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClusterConfig } from '../core/cluster/config.ts';
import { Reloader } from './reloader.ts';

test('reload() reads once for all who ask before it begins, and once more for those after', async () => {
  let said = 0;
  const reloader = new Reloader({
    files: [join(import.meta.dirname, 'there-is-none.config.ts')],
    nodeName: 'web1',
    defines: [],
    overrides: { listen: null, application: null, compatibility: null, documentRoot: null },
    running: () => ({ addresses: null }) as unknown as ClusterConfig,
    apply: async () => 'not reached',
    log: (text) => {
      if (text.startsWith('reload: ')) said++;
    },
  });
  const first = reloader.reload('first');
  await Promise.resolve();
  const storm = Array.from({ length: 50 }, () => reloader.reload('SIGHUP'));
  for (const answer of await Promise.all([first, ...storm])) equal(answer.ok, false);
  equal(said, 2);
  equal((await reloader.reload('later')).ok, false);
  equal(said, 3);
});
