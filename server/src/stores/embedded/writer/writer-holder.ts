/** The writing process's writer: it holds the lock, and serves other processes on the socket. */
import type { FileLock } from '../../file-lock.ts';
import { isProcessAlive } from '../../is-process-alive.ts';
import { readerCheckMs } from '../../limits.ts';
import type { WritableEnvironment } from '../environment.ts';
import { EmbeddedWriter } from './embedded-writer.ts';
import type { LeaseHolder } from './run-leases.ts';
import type { WriteSources } from './write-session.ts';
import {
  type CallArguments,
  type CallName,
  type CallResult,
  type CallTarget,
  performCall,
} from './writer-calls.ts';
import { WriterServer } from './writer-server.ts';

export interface HolderParts {
  readonly dataFolder: string;
  readonly socketPath: string;
  readonly environment: WritableEnvironment;
  readonly lock: FileLock;
  readonly holder: LeaseHolder;
  readonly sources: WriteSources;
}

export class WriterHolder implements CallTarget {
  readonly #parts: HolderParts;
  readonly #writer: EmbeddedWriter;
  readonly #server: WriterServer;
  readonly #readerCheck: NodeJS.Timeout;

  static async open(parts: HolderParts): Promise<WriterHolder> {
    const holder = new WriterHolder(parts);
    await holder.#server.listen();
    return holder;
  }

  private constructor(parts: HolderParts) {
    const { environment, dataFolder, sources, holder } = parts;
    this.#parts = parts;
    const isConnected = (sessionId: string) =>
      sessionId === holder.sessionId || this.#server.isConnected(sessionId);
    const watch = { isConnected, isProcessAlive };
    this.#writer = new EmbeddedWriter(environment, dataFolder, { sources, watch });
    this.#server = new WriterServer(this.#writer, parts.socketPath);
    this.#readerCheck = setInterval(() => this.#writer.readerCheck(), readerCheckMs).unref();
  }

  call<Name extends CallName>(name: Name, args: CallArguments<Name>): Promise<CallResult<Name>> {
    return performCall(this.#writer, this.#parts.holder, name, args);
  }

  async close(): Promise<void> {
    clearInterval(this.#readerCheck);
    try {
      await this.#server.close();
      await this.#writer.release(this.#parts.holder);
      this.#writer.close();
    } finally {
      await this.#parts.environment.close();
      this.#parts.lock.release();
    }
  }
}
