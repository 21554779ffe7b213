/** The supervisor's handles of its threads, and of the writer where that is a process. */
import { fork } from 'node:child_process';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { endWork } from '../sources/end-work.ts';
import { threadEndMs } from './limits.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

export interface ServerPart {
  send(message: ToThread): void;
  /**
   * Asks the part to close, waits for its end, and kills it after `deadlineMs`.
   * @returns `false` if it does not end even then, for example in a system call that hangs
   */
  close(deadlineMs: number): Promise<boolean>;
}

interface PartOptions {
  readonly onMessage: (message: FromThread) => void;
  /** Called if the part ends without `close`, with the error that it threw, if any. */
  readonly onDeath: (error: unknown) => void;
}

interface ThreadOptions extends PartOptions {
  /** `lookup-thread.ts` or `writer-thread.ts`. */
  readonly entry: URL;
  /** The name of the thread in the operating system. */
  readonly name: string;
  readonly data: NonNullable<WorkerOptions['workerData']>;
}

export function startThread({ entry, name, data, onMessage, onDeath }: ThreadOptions): ServerPart {
  // With V8's own bounds of memory. A bound of 12 MB for new objects (maxYoungGenerationSizeMb)
  // saves 35 MB of each thread, but garbage is collected so often, and on a busy core so slowly,
  // that look-ups took 5 to 20 % more CPU time and their p99 doubled.
  const worker = new Worker(entry, { name, workerData: data });
  let error: unknown;
  worker.on('error', (thrown) => {
    error = thrown;
  });
  worker.on('message', onMessage);
  return partOf(onDeath, {
    ended: new Promise((resolve) => worker.once('exit', () => resolve(error))),
    send: (message) => worker.postMessage(message),
    kill: () => void worker.terminate(),
  });
}

const writerProgram = new URL('./writer-process.ts', import.meta.url);

export function startWriterProcess(
  dataFolder: string,
  { onMessage, onDeath }: PartOptions,
): ServerPart {
  const child = fork(writerProgram, [dataFolder, String(process.pid)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', onMessage);
  return partOf(onDeath, {
    ended: new Promise((resolve) => {
      child.once('error', resolve);
      child.once('exit', () => resolve(undefined));
    }),
    send: (message) => {
      // A process that has ended, or does not have the store yet, receives no message.
      if (child.connected) child.send(message, () => undefined);
    },
    kill: () => void child.kill('SIGKILL'),
  });
}

interface RunningPart extends Pick<ServerPart, 'send'> {
  /** Resolves at the end, with the error that the part threw, if any. */
  readonly ended: Promise<unknown>;
  readonly kill: () => void;
}

function partOf(onDeath: PartOptions['onDeath'], { ended, send, kill }: RunningPart): ServerPart {
  let isClosing = false;
  void ended.then((error) => {
    if (!isClosing) onDeath(error);
  });
  return {
    send,
    close: (deadlineMs) => {
      isClosing = true;
      return endWork(ended, [
        { cancel: () => send({ kind: 'close' }), boundMs: deadlineMs, isOnce: true },
        { cancel: kill, boundMs: threadEndMs },
      ]);
    },
  };
}
