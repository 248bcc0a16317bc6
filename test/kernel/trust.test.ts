/**
 * Who is believed: announcements and `Backhand-Proxied` from inside `AcceptStats` only, and with a
 * secret, announcements only from those who know it.
 */
import { equal, ok } from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type Announcement, encode } from '../../src/core/announce/announcement.ts';
import { NodeState } from '../../src/core/candidacy/candidates.ts';
import { unavailable } from '../../src/lab/room.ts';
import { hmacSigner } from '../../src/node/hmac.ts';
import { eventually } from './eventually.ts';
import { DIRECTOR, HOME, Site, VISITOR } from './site.ts';
import { Visitor } from './visitor.ts';

const PORT = 4445;
const SECRET = 'correct horse battery staple';

const skip = unavailable() ?? false;

/** A machine that does not exist, and has nothing to do. */
function forged(address: string): Announcement {
  return {
    name: 'forged',
    address,
    port: 80,
    bootId: randomInt(1, 2 ** 47),
    sequence: 1,
    sentMs: Date.now(),
    intervalMs: 1_000,
    state: NodeState.up,
    loadMilli: 0,
    loadPeakMilli: 0,
    cpuIdleMilli: 1_000,
    cpuCount: 64,
    arriba: 1_000_000,
    memoryTotalMb: 65_536,
    memoryAvailableMb: 65_536,
    capacity: 0,
    inFlight: 0,
  };
}

async function isCounted(site: Site, reason: string): Promise<void> {
  await eventually(`the director counts ${reason}`, async () => {
    const { announcements, servers } = await site.visitor.status(DIRECTOR);
    ok((announcements[reason] ?? 0) > 0, JSON.stringify(announcements));
    equal(
      servers.find(({ name }) => name === 'forged'),
      undefined,
    );
  });
}

describe('without a secret', { skip }, () => {
  let site: Site;

  before(async () => {
    site = new Site({ machines: 2 });
    await site.start();
  });

  after(() => site?.close());

  test('an announcement from outside is counted and ignored', async () => {
    await site.servedBy(['www1']);
    // It says that it is inside; what counts is where it comes from.
    for (const address of [VISITOR, '192.168.10.66']) {
      await site.visitor.send(encode(forged(address), null), DIRECTOR, PORT);
    }
    await isCounted(site, 'outside');
    await site.servedBy(['www1']);
  });

  test('a Backhand-Proxied from outside is not believed', async () => {
    const headers = { 'backhand-proxied': '10.1.2.3', 'x-forwarded-for': '10.1.2.3' };
    const { body } = await site.visitor.ask(HOME, { headers });
    const seen = JSON.parse(body) as { machine: string; headers: Record<string, string> };
    // Believed, it would not be balanced again, and the director has no application.
    equal(seen.machine, 'www1');
    equal(seen.headers['backhand-proxied'], VISITOR);
    equal(seen.headers['x-forwarded-for'], VISITOR);
  });

  test('a Backhand-Proxied from inside is', async () => {
    const inside = new Visitor(site.www(1).machine);
    const headers = { 'backhand-proxied': '10.1.2.3' };
    const { status } = await inside.ask('http://192.168.10.1/', { headers });
    equal(status, 404);
  });

  test('the log says that anybody inside can make up a machine', () => {
    ok(site.director.log.includes('announcements are not signed'), site.director.log);
  });
});

describe('with a secret', { skip }, () => {
  let site: Site;

  before(async () => {
    // www3 is the least loaded, and has the wrong one.
    const secretOf = (name: string) => (name === 'www3' ? 'wrong horse' : SECRET);
    const extra = (name: string) => `ForehandSecret "${secretOf(name)}"\n`;
    site = new Site({ machines: 3, extra });
    await site.start();
    site.loads(1, 2, 0);
  });

  after(() => site?.close());

  test('machines that share it hear each other; one with another is refused', async () => {
    await isCounted(site, 'bad-signature');
    await site.servedBy(['www1']);
    const { servers } = await site.visitor.status(DIRECTOR);
    equal(
      servers
        .map(({ name }) => name)
        .toSorted()
        .join(' '),
      'director www1 www2',
    );
  });

  test('what is not signed, or signed with another secret, is refused', async () => {
    const inside = new Visitor(site.www(2).machine);
    for (const [secret, reason] of [
      [null, 'unsigned'],
      ['wrong horse', 'bad-signature'],
    ] as const) {
      const bytes = encode(forged('192.168.10.66'), hmacSigner(secret));
      await inside.send(bytes, '192.168.10.1', PORT);
      await isCounted(site, reason);
    }
    await site.servedBy(['www1']);
    ok(!site.director.log.includes('not signed'), site.director.log);
  });
});
