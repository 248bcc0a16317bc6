/**
 * The nodes that the wire tests talk to. `run.ts` starts one of each kind; listening address and
 * application come from the command line, because they are free ports of the moment.
 *
 * Every case may use every kind: `${patient}` unless it is about a limit (`${impatient}`), about
 * a peer of the cluster (`${trusting}`), or about files (`${shelf}`).
 */
import { byRandom, defineCluster, type NodeDefinition, removeSelf } from 'forehand';

const scale = Number(process.env['FOREHAND_TEST_SCALE'] ?? 1);
const reactor = process.env['FOREHAND_WIRE_REACTOR'] === 'uv' ? 'uv' : 'epoll';
const kind = process.env['FOREHAND_WIRE_KIND'] ?? 'patient';

const kinds: Readonly<Record<string, NodeDefinition>> = {
  // No limit may bite here, however slow the machine is.
  patient: { limits: { headTimeout: '2m', keepAliveTimeout: '2m', responseTimeout: '2m' } },
  impatient: {
    limits: {
      headTimeout: 500 * scale,
      keepAliveTimeout: 500 * scale,
      responseTimeout: 500 * scale,
      tunnelTimeout: 500 * scale,
      headBytesMax: 2_048,
    },
  },
  trusting: { accept: '127.0.0.0/8' },
  shelf: {},
};

export default defineCluster({
  workers: 1,
  reactor,
  // Also how often a node looks whether its application is there, which would disturb the scripts.
  announce: { interval: '1h' },
  zones: [
    { location: '/status/', handler: 'status' },
    { location: '/nobody/', chain: [removeSelf()] },
    // Through the front door again, as from another node: two relays in one request.
    { location: '/twice/', chain: [byRandom()], selfRedirect: true },
  ],
  nodes: { [kind]: kinds[kind] ?? {} },
});
