/**
 * Questions to proxy workers, and their answers.
 *
 * What a newcomer gets wrong: a worker may end instead of answering. That is an answer too, else
 * whoever asked would wait for ever.
 */
import type { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

export function tell(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}

/** @returns what each has answered; null: it has ended */
export function askAll<K extends FromWorker['kind']>(
  workers: readonly Worker[],
  message: ToWorker,
  kind: K,
): Promise<readonly ((FromWorker & { kind: K }) | null)[]> {
  return Promise.all(
    workers.map((worker) => {
      const answer = answerOf(worker, kind);
      tell(worker, message);
      return answer;
    }),
  );
}

function answerOf<K extends FromWorker['kind']>(
  worker: Worker,
  kind: K,
): Promise<(FromWorker & { kind: K }) | null> {
  return new Promise((resolve) => {
    const settle = (answer: (FromWorker & { kind: K }) | null): void => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      resolve(answer);
    };
    const onMessage = (message: FromWorker): void => {
      if (isOfKind(message, kind)) settle(message);
    };
    const onExit = (): void => settle(null);
    worker.on('message', onMessage);
    worker.once('exit', onExit);
  });
}

function isOfKind<K extends FromWorker['kind']>(
  message: FromWorker,
  kind: K,
): message is FromWorker & { kind: K } {
  return message.kind === kind;
}
