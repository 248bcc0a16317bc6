/** Every engine, held to the suite of the group: our ring, Corosync, our Spread daemons. */
import { unavailable } from '../../src/lab/room.ts';
import { corosyncMissing } from './corosync-missing.ts';
import { testGroup } from './group.conformance.ts';

const skip = unavailable() ?? false;

testGroup('ring', { skip });
testGroup('ring over IPv4 multicast', { skip });
testGroup('ring over IPv6 multicast', { skip });
testGroup('corosync', { skip: skip || corosyncMissing });
testGroup('spread', { skip });
