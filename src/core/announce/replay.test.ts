/** Goal: an announcement counts once, in its order, and only from the sender's latest boot. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Announcement } from './announcement.ts';
import { CLOCK_MS_MAX, type Heard, judge, type Verdict } from './replay.ts';

type Heards = readonly [
  bootId: number,
  sequence: number,
  sentMs: number,
  nowMs: number,
  kind: Verdict['kind'],
];

function check(hasSecret: boolean, heards: readonly Heards[]): void {
  let heard: Heard | null = null;
  for (const [bootId, sequence, sentMs, nowMs, kind] of heards) {
    const announcement = { bootId, sequence, sentMs } as Announcement;
    const verdict: Verdict = judge(heard, announcement, { nowMs, hasSecret });
    equal(verdict.kind, kind, `boot ${bootId} sequence ${sequence} sent ${sentMs} at ${nowMs}`);
    if ('heard' in verdict) heard = verdict.heard;
  }
}

const tables: readonly (readonly [when: string, hasSecret: boolean, heards: readonly Heards[]])[] =
  [
    [
      'each is newer than the one before',
      true,
      [
        [1, 1, 0, 0, 'news'],
        [1, 2, 1_000, 1_000, 'news'],
        [1, 100, 2_000, 2_000, 'news'],
      ],
    ],
    [
      'the network reorders and doubles them',
      true,
      [
        [1, 5, 5, 5, 'news'],
        [1, 3, 3, 6, 'late'],
        [1, 3, 3, 6, 'replayed'],
        [1, 5, 5, 7, 'replayed'],
        [1, 6, 6, 7, 'news'],
        [1, 4, 4, 8, 'late'],
        [1, 3, 3, 9, 'replayed'],
      ],
    ],
    [
      'one is at the edge of the window',
      true,
      [
        [1, 100, 0, 0, 'news'],
        [1, 37, 0, 0, 'late'],
        [1, 36, 0, 0, 'replayed'],
        [1, 0, 0, 0, 'replayed'],
        [1, 0xffffffff, 0, 0, 'news'],
        [1, 1, 0, 0, 'replayed'],
      ],
    ],
    [
      'the node restarts',
      true,
      [
        [1, 50, 50_000, 50_000, 'news'],
        [2, 1, 52_000, 52_000, 'news'],
        [1, 51, 51_000, 52_100, 'stale-boot'],
        [2, 2, 53_000, 53_000, 'news'],
      ],
    ],
    [
      'an old boot is played again, each time with other words',
      true,
      [
        [2, 1, 52_000, 52_000, 'news'],
        [1, 999, 52_000, 52_100, 'stale-boot'],
        [1, 1, 40_000, 99_000, 'stale-boot'],
      ],
    ],
    [
      'a secret is set and the sent time is far off',
      true,
      [
        [1, 1, 0, CLOCK_MS_MAX, 'news'],
        [1, 2, 0, CLOCK_MS_MAX + 1, 'clock'],
        [1, 3, 2 * CLOCK_MS_MAX + 1, CLOCK_MS_MAX, 'clock'],
      ],
    ],
    [
      'no secret is set and the clocks differ',
      false,
      [
        [1, 1, 9_000_000, 0, 'news'],
        [1, 2, 9_001_000, 1_000, 'news'],
      ],
    ],
    [
      'no secret is set and the clock was set back before the restart',
      false,
      [
        [1, 1, 9_000_000, 0, 'news'],
        [2, 1, 2_000, 2_000, 'stale-boot'],
        [2, 19, 20_001, 20_001, 'news'],
      ],
    ],
    [
      'a secret is set, silence alone is no proof',
      true,
      [
        [1, 1, 30_000, 0, 'news'],
        [2, 19, 25_000, 25_000, 'stale-boot'],
        [2, 25, 31_000, 31_000, 'news'],
      ],
    ],
  ];

for (const [when, hasSecret, heards] of tables) {
  test(`judge() tells news from repetition when ${when}`, () => check(hasSecret, heards));
}
