/** What the announcer says of what it hears. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { type Announcement, encode } from '../core/announce/announcement.ts';
import { ClusterTable, SILENT_MS_MIN } from '../core/announce/cluster-table.ts';
import { SLOTS_MAX, tableMemory } from '../core/announce/table-layout.ts';
import { Announcer, type AnnouncerTerms } from './announcer.ts';

type Hear = (bytes: Uint8Array, senderAddress: string) => void;

const FIGURES = {
  loadMilli: 0,
  cpuIdleMilli: 900,
  cpuCount: 2,
  memoryTotalMb: 8_000,
  memoryAvailableMb: 4_000,
};

function announcement(number: number): Announcement {
  return {
    ...FIGURES,
    name: `web${number}`,
    address: `10.0.0.${number}`,
    port: 80,
    bootId: 1_000 + number,
    sequence: 1,
    sentMs: 0,
    intervalMs: 1_000,
    state: 0,
    loadPeakMilli: 0,
    arriba: 1,
    capacity: 0,
    inFlight: 0,
  };
}

const TERMS: AnnouncerTerms = {
  contact: { address: '10.0.1.1', port: 80 },
  destinations: [],
  intervalMs: 1_000,
  accept: [{ address: '10.0.0.0', prefixLength: 16 }],
  signer: null,
  interfaceAddress: null,
};

/** An announcer with a clock to turn, and the network's end of it. */
async function listening() {
  const problems: string[] = [];
  const ports: string[] = [];
  const table = new ClusterTable(tableMemory(1));
  const clock = { nowMs: 1_000 };
  let hear: Hear = () => {};
  const announcer = new Announcer(
    { ...TERMS, nodeName: 'self', bootId: 1 },
    {
      open: async ({ destinations }, { onDatagram }) => {
        hear = onDatagram;
        const name = destinations.map(({ host }) => host).join();
        ports.push(`open ${name}`);
        return {
          send: () => void ports.push(`send ${name}`),
          close: () => void ports.push(`close ${name}`),
        };
      },
      table,
      sample: () => FIGURES,
      nowMs: () => clock.nowMs,
      after: () => () => {},
      onProblem: (problem) => void problems.push(problem),
    },
  );
  await announcer.start();
  const tell = (number: number): void => {
    hear(encode(announcement(number), null), `10.0.0.${number}`);
  };
  return { announcer, clock, problems, ports, table, tell };
}

test('Announcer says how many nodes are known when it refuses one, always in the same words', async () => {
  const { announcer, clock, problems, tell } = await listening();
  for (let number = 1; number < SLOTS_MAX; number++) tell(number);
  deepEqual(problems, []);
  tell(SLOTS_MAX);
  tell(SLOTS_MAX + 1);
  equal(problems.length, 2);
  equal(new Set(problems).size, 1, 'who says each problem once must be able to');
  match(problems[0] ?? '', new RegExp(`\\b${SLOTS_MAX} are known\\b.* 5 minutes$`));
  equal(announcer.counts.get('full'), 2);
  clock.nowMs += SILENT_MS_MIN + 1;
  tell(SLOTS_MAX);
  equal(problems.length, 2, 'there is room again');
});

test('Announcer.reload() says the new terms at once, and forgets nobody it has heard', async () => {
  const { announcer, ports, table, tell } = await listening();
  tell(1);
  await announcer.reload({ ...TERMS, intervalMs: 500 });
  deepEqual(ports, ['open ', 'send ', 'send '], 'the same sockets');
  const destinations = [{ host: '10.0.255.255', port: 4_445, ttl: 1 }];
  await announcer.reload({ ...TERMS, destinations, accept: [] });
  const opened = ['open 10.0.255.255', 'close ', 'send 10.0.255.255'];
  deepEqual(ports.slice(3), opened, 'not deaf in between');
  equal(table.slotOf(announcement(1)), 1);
  tell(2);
  equal(table.slotOf(announcement(2)), null, 'nobody is accepted any more');
  equal(announcer.counts.get('outside'), 1);
});
