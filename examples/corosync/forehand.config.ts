/**
 * The article's four image servers on Corosync: the daemon of each machine carries the group. The
 * `corosync.conf` beside this file is that of all four.
 */
import { defineCluster } from 'forehand';

export default defineCluster({
  announce: { secret: 'the same on all, and better in a file' },
  nodes: {
    images1: { address: '192.168.100.183' },
    images2: { address: '192.168.100.184' },
    images3: { address: '192.168.100.185' },
    images4: { address: '192.168.100.186' },
  },
  addresses: {
    pool: [
      'eth0 192.168.100.200/24',
      'eth0 192.168.100.201/24',
      'eth0 192.168.100.202/24',
      'eth0 192.168.100.203/24',
    ],
    group: { engine: 'corosync' },
  },
});
