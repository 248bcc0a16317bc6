/**
 * The article's zone `<Files ~ "\.php$">` on two equal machines: pages that cost work are balanced,
 * pictures are served where they were asked for.
 */
import { deepEqual, equal } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { unavailable } from '../../src/lab/room.ts';
import { eventually } from './eventually.ts';
import { Site } from './site.ts';
import { article } from './station.ts';
import { Visitor } from './visitor.ts';

const skip = unavailable() ?? false;

describe('a zone for .php only', { skip }, () => {
  let site: Site;
  let inside: Visitor;

  before(async () => {
    const both = [article('www.httpd.conf'), article('php-zone.httpd.conf')];
    site = new Site({ machines: 2, directorFiles: both, wwwFiles: both });
    await site.start();
    inside = new Visitor(
      site.room.machine('inside', [{ network: 'inside', address: '192.168.10.99/24' }]),
    );
  });

  after(() => site?.close());

  function machineAt(address: string, path: string): Promise<string> {
    return inside.machineAt(`http://${address}${path}`);
  }

  test('only .php follows the load; the rest is local', async () => {
    const cases: readonly (readonly [string, readonly [string, string]])[] = [
      ['/index.php', ['www1', 'www1']],
      ['/shop/cart.php?item=1', ['www1', 'www1']],
      ['/logo.gif', ['www1', 'www2']],
      ['/', ['www1', 'www2']],
      ['/index.php.txt', ['www1', 'www2']],
      ['/a.php/extra', ['www1', 'www2']],
    ];
    await site.servedBy(['www1'], 'index.php');
    for (const [path, machines] of cases) {
      // What the director has heard of the loads, each of these two has heard a moment later.
      await eventually(`${path} is served by ${machines.join(', ')}`, async () => {
        const asked = ['192.168.10.11', '192.168.10.12'].map((host) => machineAt(host, path));
        deepEqual(await Promise.all(asked), machines);
      });
    }
    site.loads(8, 2);
    await site.servedBy(['www2'], 'index.php');
    equal(await machineAt('192.168.10.11', '/index.php'), 'www2');
    equal(await machineAt('192.168.10.11', '/logo.gif'), 'www1');
  });
});
