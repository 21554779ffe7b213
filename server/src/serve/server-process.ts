/** The supervisor's handle of the writer process, which runs `writer-process.ts`. */
import { type ChildProcess, fork } from 'node:child_process';
import { endWork } from '../sources/end-work.ts';
import { threadEndMs } from './limits.ts';
import type { ServerThreadOptions } from './server-thread.ts';
import type { FromThread } from './thread-messages.ts';

export type ServerProcessOptions = Pick<ServerThreadOptions, 'onMessage' | 'onDeath'> & {
  readonly dataFolder: string;
};

const program = new URL('./writer-process.ts', import.meta.url);

export class ServerProcess {
  readonly #child: ChildProcess;
  #isClosing = false;
  readonly #ended: Promise<void>;

  constructor(options: ServerProcessOptions) {
    const { dataFolder, onMessage, onDeath } = options;
    this.#child = fork(program, [dataFolder, String(process.pid)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message: FromThread) => onMessage(message));
    this.#ended = new Promise((resolve) => {
      const end = (error?: unknown) => {
        resolve();
        if (!this.#isClosing) onDeath(error);
      };
      this.#child.once('error', end);
      this.#child.once('exit', () => end());
    });
  }

  /**
   * Asks the process to close, waits for its end, and kills it after `deadlineMs`.
   * @returns `false` if it does not end even then
   */
  close(deadlineMs: number): Promise<boolean> {
    this.#isClosing = true;
    const tell = () => {
      // A process that has ended, or does not have the store yet, takes no message.
      if (this.#child.connected) this.#child.send({ kind: 'close' }, () => undefined);
    };
    return endWork(this.#ended, [
      { cancel: tell, boundMs: deadlineMs, isOnce: true },
      { cancel: () => void this.#child.kill('SIGKILL'), boundMs: threadEndMs },
    ]);
  }
}
