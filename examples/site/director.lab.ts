/**
 * The article's first example on one machine: a director between the world and four web machines,
 * with its configuration files as they are.
 */
import { defineLab } from 'forehand';

const FILES = '../../test/fixtures/article';

const www = (name: string, address: string) => ({
  plugs: { inside: address },
  run: [`${FILES}/www.httpd.conf`],
  arguments: ['--application', 'http://127.0.0.1:8080'],
  programs: [['node', './application.ts', name, address]],
});

export default defineLab({
  networks: { outside: '203.0.113.0/24', inside: '192.168.10.0/24' },
  machines: {
    director: {
      plugs: { outside: '203.0.113.1', inside: '192.168.10.1' },
      run: [`${FILES}/director.httpd.conf`],
    },
    www1: www('www1', '192.168.10.11'),
    www2: www('www2', '192.168.10.12'),
    www3: www('www3', '192.168.10.13'),
    www4: www('www4', '192.168.10.14'),
    client: { plugs: { outside: '203.0.113.50' } },
  },
});
