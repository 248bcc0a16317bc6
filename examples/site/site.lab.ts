/**
 * The article's third example on one machine: two directors that share four addresses, in front of
 * five web machines, with its configuration files as they are.
 */
import { defineLab } from 'forehand';

const FILES = '../../test/fixtures/article';

const director = (address: string) => ({
  plugs: { site: address },
  run: [`${FILES}/site-director.httpd.conf`, `${FILES}/site-director.wackamole.conf`],
});

const www = (name: string, address: string) => ({
  plugs: { site: address },
  run: [`${FILES}/site-www.httpd.conf`],
  arguments: ['--application', 'http://127.0.0.1:8080'],
  programs: [['node', './application.ts', name, address]],
});

export default defineLab({
  networks: { site: '192.168.100.0/24' },
  machines: {
    director1: director('192.168.100.101'),
    director2: director('192.168.100.102'),
    www1: www('www1', '192.168.100.50'),
    www2: www('www2', '192.168.100.51'),
    www3: www('www3', '192.168.100.52'),
    www4: www('www4', '192.168.100.53'),
    www5: www('www5', '192.168.100.54'),
    client: {
      plugs: { site: '192.168.100.1' },
      // The world, as far as the directors can see.
      programs: [['ip', 'address', 'add', '195.5.3.1/24', 'dev', 'eth0']],
    },
  },
});
