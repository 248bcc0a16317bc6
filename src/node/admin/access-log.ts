/**
 * The access log: a line for every request, written by the main thread in batches.
 *
 *     workers' rings ─► RequestLog ─► lines ─► waiting (at most 4 MB) ─► one write at a time
 *
 * The file is opened again on SIGUSR1, and when it was moved or removed (logrotate needs neither a
 * script nor a signal). What a newcomer gets wrong: nothing ever waits for the disk. When it cannot
 * keep up, lines are left out, and how many is counted and logged: a log with a known hole is worth
 * more than a site that stands still.
 */
import { closeSync, constants, fstatSync, openSync, stat, write, writeSync } from 'node:fs';
import type { AccessLogConfig } from '../../core/cluster/config.ts';
import type { KeptRequest } from '../../core/report/request-record.ts';
import type { Log } from '../log.ts';
import { accessLine } from './access-line.ts';
import type { RequestLog } from './request-log.ts';

/** Lines that wait for the disk: some 20 000. */
const WAITING_BYTES_MAX = 4 * 1_024 * 1_024;

/** How often is looked whether the file is still there, and what was left out is said. */
const LOOK_MS = 1_000;

/**
 * Never waiting, where that is possible: a pipe that nobody reads would hold up the whole node, at
 * opening as at its end.
 */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** As Apache creates it; read by the log's owner and group. */
const MODE = 0o640;

export class AccessLog {
  /** Lines handed to the kernel. */
  written = 0;
  /** Requests without a line: the disk or this thread could not keep up. */
  leftOut = 0;
  readonly #requests: RequestLog;
  readonly #log: Log;
  #config: AccessLogConfig | null = null;
  #unwatch: (() => void) | null = null;
  #looking: NodeJS.Timeout | null = null;
  #fd: number | null = null;
  /** Why the file could not be opened or written the last time; said once. */
  #trouble: string | null = null;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** The file that is being written to: not closed before that is done. */
  #writing: number | null = null;
  #onWritten: () => void = () => {};
  #lostBefore = 0;
  #saidLeftOut = 0;

  constructor(requests: RequestLog, log: Log) {
    this.#requests = requests;
    this.#log = log;
  }

  /** This is to be written from now on; null: nothing. */
  use(config: AccessLogConfig | null): void {
    if (config?.path === this.#config?.path && config?.format === this.#config?.format) return;
    if (config?.path !== this.#config?.path) this.#close();
    this.#config = config;
    if (config === null) {
      this.#unwatch?.();
      this.#unwatch = null;
      if (this.#looking !== null) clearInterval(this.#looking);
      return;
    }
    if (this.#fd === null) this.#open();
    if (this.#unwatch !== null) return;
    this.#lostBefore = this.#requests.lost;
    this.#unwatch = this.#requests.watch((requests) => this.#add(requests));
    this.#looking = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Lines from now on go to the file of that name, whatever was done to the old one. */
  reopen(): void {
    if (this.#config === null) return;
    this.#close();
    this.#open();
  }

  async close(): Promise<void> {
    this.#unwatch?.();
    this.#unwatch = null;
    if (this.#looking !== null) clearInterval(this.#looking);
    // What waits is written as soon as that is done.
    while (this.#writing !== null) {
      await new Promise<void>((resolve) => {
        this.#onWritten = resolve;
      });
    }
    this.#flushNow();
    this.#sayLeftOut();
    this.#close();
  }

  #add(requests: readonly KeptRequest[]): void {
    const { format } = this.#config!;
    for (const { record } of requests) {
      if (this.#waitingBytes > WAITING_BYTES_MAX) {
        this.leftOut++;
        continue;
      }
      const line = `${accessLine(record, format)}\n`;
      this.#waiting.push(line);
      this.#waitingBytes += line.length;
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#writing !== null || this.#fd === null || this.#waiting.length === 0) return;
    const lines = this.#waiting;
    const bytes = Buffer.from(lines.join(''));
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#writing = this.#fd;
    this.#writeOn(bytes, 0, lines.length);
  }

  /** A regular file takes all at once or is full; a pipe may take a part. */
  #writeOn(bytes: Buffer, from: number, lines: number): void {
    const fd = this.#writing!;
    write(fd, bytes, from, bytes.length - from, null, (error, count) => {
      if (error !== null) {
        this.leftOut += lines;
        this.#wrote(fd);
        this.#say(`cannot be written (${error.code ?? error.message})`);
      } else if (from + count < bytes.length) this.#writeOn(bytes, from + count, lines);
      else {
        this.#trouble = null;
        this.written += lines;
        this.#wrote(fd);
      }
    });
  }

  #wrote(fd: number): void {
    this.#writing = null;
    if (fd !== this.#fd) closeSync(fd);
    this.#onWritten();
    this.#flush();
  }

  /** What waits now, and without waiting for it: at the end. */
  #flushNow(): void {
    if (this.#fd === null || this.#waiting.length === 0) return;
    try {
      writeSync(this.#fd, this.#waiting.join(''));
      this.written += this.#waiting.length;
    } catch (error) {
      this.leftOut += this.#waiting.length;
      this.#say(`cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #open(): void {
    try {
      this.#fd = openSync(this.#config!.path, FLAGS, MODE);
      this.#flush();
    } catch (error) {
      this.#fd = null;
      this.#say(`cannot be opened (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  #close(): void {
    if (this.#fd !== null && this.#fd !== this.#writing) closeSync(this.#fd);
    this.#fd = null;
  }

  /** Once a second: is the file still the one of that name? */
  #look(): void {
    this.#sayLeftOut();
    const { path } = this.#config!;
    if (this.#fd === null) {
      this.#open();
      return;
    }
    const own = fstatSync(this.#fd);
    stat(path, (error, there) => {
      const isGone = error?.code === 'ENOENT' || (error === null && there.ino !== own.ino);
      if (isGone && this.#config?.path === path) this.reopen();
    });
  }

  #sayLeftOut(): void {
    const { lost } = this.#requests;
    this.leftOut += lost - this.#lostBefore;
    this.#lostBefore = lost;
    if (this.leftOut === this.#saidLeftOut) return;
    const count = this.leftOut - this.#saidLeftOut;
    this.#saidLeftOut = this.leftOut;
    const path = this.#config?.path ?? '';
    this.#log.event('problem', `access log: ${count} requests were left out of ${path}`, {
      subject: path,
      leftOut: count,
      leftOutTotal: this.leftOut,
    });
  }

  #say(trouble: string): void {
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    const { path } = this.#config!;
    this.#log.event('problem', `access log: ${path} ${trouble}`, { subject: path });
  }
}
