/**
 * What a test has running on a machine to speak from there: HTTP requests and single datagrams.
 *
 * Started by `Visitor` (visitor.ts), which sends `Order`s over the IPC channel and gets a `Report`
 * for each. Every request is on a connection of its own, so that it may reach any worker.
 */
import { createSocket } from 'node:dgram';
import { request } from 'node:http';

export type Order =
  | {
      readonly kind: 'request';
      readonly id: number;
      readonly url: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'datagram';
      readonly id: number;
      readonly host: string;
      readonly port: number;
      readonly base64: string;
    };

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly durationMs: number;
};

export type Report = { readonly id: number } & (
  | { readonly answer: Answer }
  | { readonly sent: true }
  | { readonly error: string }
);

process.on('message', (order: Order) => {
  if (order.kind === 'request') ask(order);
  else tell(order);
});
process.on('disconnect', () => process.exit(0));

function report(message: Report): void {
  process.send?.(message);
}

function ask(order: Extract<Order, { kind: 'request' }>): void {
  const { id, url, method, headers, timeoutMs } = order;
  const startMs = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  const outgoing = request(url, { method, headers, agent: false, signal }, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', (error) => report({ id, error: error.message }));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const durationMs = performance.now() - startMs;
      const { statusCode = 0, headers: fields } = incoming;
      report({ id, answer: { status: statusCode, headers: fields, body, durationMs } });
    });
  });
  outgoing.on('error', (error) => report({ id, error: error.message }));
  outgoing.end();
}

function tell({ id, host, port, base64 }: Extract<Order, { kind: 'datagram' }>): void {
  const socket = createSocket('udp4');
  socket.send(Buffer.from(base64, 'base64'), port, host, (error) => {
    socket.close();
    report(error === null ? { id, sent: true } : { id, error: error.message });
  });
}
