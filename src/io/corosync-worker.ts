/**
 * The thread that calls libcpg: waits for its descriptor, and passes on what Corosync says.
 *
 * What a newcomer gets wrong: calls of libcpg wait for the daemon's answer, and for ever when that
 * has stopped. So this thread is one that may hang: the main thread sees that the daemon's answers
 * stand still, and goes on as if there were none. When it runs again, it is told to join anew.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineEvent } from '../core/engine/engine.ts';
import { MESSAGE_BYTES_MAX } from '../core/ring/group.ts';
import {
  type CpgMember,
  CpgResult,
  cpgClose,
  cpgDispatch,
  cpgFd,
  cpgJoin,
  cpgOpen,
  cpgPing,
  cpgPinged,
  cpgSend,
} from '../sys/cpg.ts';
import { EPOLL_EVENT_SIZE, EPOLLIN, epollAdd, epollCreate, epollWait } from '../sys/epoll.ts';
import { pin } from '../sys/libc.ts';
import { uvBackendFd } from '../sys/uv.ts';
import {
  type CorosyncStart,
  type FromCorosync,
  PING_MS,
  RETRY_MS,
  type ToCorosync,
} from './corosync-protocol.ts';

/** What our words and a signature add to a message. */
const MARGIN_BYTES = 256;

/** Messages that wait for a daemon that is full; more than this, and it is given up. */
const WAITING_MAX = 10_000;

const start = workerData as CorosyncStart;
const port = parentPort!;
const answers = new Int32Array(start.answers);
const message = pin(MESSAGE_BYTES_MAX + MARGIN_BYTES);
const events = pin(EPOLL_EVENT_SIZE * 4);
const epollFd = epollCreate();
const waiting: Uint8Array[] = [];
let handle: bigint | null = null;
let self = '';
let session = 0;
let dueMs = 0;
let left = false;

function run(): void {
  if (left) return;
  const nowMs = performance.now();
  if (handle === null && nowMs >= dueMs) connect();
  if (handle !== null) serve(nowMs);
  epollWait(epollFd, events, waiting.length > 0 ? 1 : Math.max(1, Math.ceil(dueMs - nowMs)));
  setImmediate(run);
}

function connect(): void {
  dueMs = performance.now() + RETRY_MS;
  const opened = cpgOpen({ onMessage, onMembers });
  if (typeof opened === 'number') {
    tell({ kind: 'trouble', text: `Corosync does not answer (${-opened})` });
    return;
  }
  const fd = cpgFd(opened);
  const pinged = cpgPing(opened);
  self = nameOf({ node: cpgPinged(), pid: process.pid });
  const joined = cpgJoin(opened, start.group);
  if (fd < 0 || pinged !== CpgResult.OK || joined !== CpgResult.OK) {
    cpgClose(opened);
    tell({ kind: 'trouble', text: `Corosync lets nobody join (${pinged}, ${joined})` });
    return;
  }
  epollAdd(epollFd, fd, EPOLLIN, { low: fd, high: 0 });
  handle = opened;
  dueMs = 0;
  tell({ kind: 'connected', session, as: self });
}

/** All that has come, all that waits, and now and then a sign that the daemon runs. */
function serve(nowMs: number): void {
  let result: number = cpgDispatch(handle!);
  for (let next = waiting[0]; next !== undefined && isWell(result); next = waiting[0]) {
    message.bytes.set(next);
    result = cpgSend(handle!, message, next.length);
    if (result === CpgResult.OK) waiting.shift();
    else break;
  }
  if (isWell(result) && nowMs >= dueMs) {
    result = cpgPing(handle!);
    dueMs = nowMs + PING_MS;
    if (result === CpgResult.OK) Atomics.add(answers, 0, 1);
  }
  if (!isWell(result)) lose(`Corosync has gone (${result})`);
  else if (waiting.length > WAITING_MAX) lose('Corosync takes nothing any more');
}

function isWell(result: number): boolean {
  return result === CpgResult.OK || result === CpgResult.TRY_AGAIN;
}

function lose(reason: string): void {
  disconnect();
  tellEvent({ kind: 'lost', reason });
}

function disconnect(): void {
  if (handle !== null) cpgClose(handle);
  handle = null;
  waiting.length = 0;
  dueMs = performance.now() + RETRY_MS;
}

function onMessage(from: CpgMember, bytes: Uint8Array): void {
  tellEvent({ kind: 'message', sender: nameOf(from), bytes });
}

function onMembers(members: readonly CpgMember[]): void {
  // Which comes first differs from machine to machine after a merge.
  const sorted = [...members].sort((a, b) => a.node - b.node || a.pid - b.pid);
  tellEvent({ kind: 'membership', members: sorted.map(nameOf), self });
}

function nameOf({ node, pid }: CpgMember): string {
  return `${node}:${pid}`;
}

function tellEvent(event: EngineEvent): void {
  tell({ kind: 'event', session, event });
}

function tell(said: FromCorosync): void {
  port.postMessage(said);
}

port.on('message', (asked: ToCorosync) => {
  switch (asked.kind) {
    case 'send':
      if (handle !== null) waiting.push(asked.bytes);
      return;
    case 'rejoin':
      disconnect();
      session = asked.session;
      return;
    case 'leave':
      left = true;
      disconnect();
      port.close();
  }
});

epollAdd(epollFd, uvBackendFd(), EPOLLIN, { low: uvBackendFd(), high: 0 });
run();
