/**
 * Stands at the door of the lab: runs on a machine in there, and carries connections from outside
 * to the network inside.
 *
 *     node demo/site/porter.ts /run/porter      a connection says "HOST PORT\n", then is carried
 *
 * What a newcomer gets wrong: a network namespace has its own unix sockets only by name in the
 * abstract space. One with a path is found through the file system, which the lab shares with us.
 */
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';

/** An address and a port. */
const LINE_BYTES_MAX = 100;

const path = process.argv[2] ?? '';
rmSync(path, { force: true });
createServer({ allowHalfOpen: true }, (outside) => {
  let begun = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    begun = Buffer.concat([begun, chunk]);
    const end = begun.indexOf('\n');
    if (end === -1) {
      if (begun.length > LINE_BYTES_MAX) outside.destroy();
      return;
    }
    outside.off('data', read);
    const [host = '', port = ''] = begun.subarray(0, end).toString().split(' ');
    const inside = connect({ host, port: Number(port), allowHalfOpen: true });
    inside.write(begun.subarray(end + 1));
    join(outside, inside);
  };
  outside.on('data', read);
  outside.on('error', () => outside.destroy());
}).listen(path);

function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}
