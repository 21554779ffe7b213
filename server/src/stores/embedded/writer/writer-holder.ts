/**
 * This process as the one that writes: it holds the writer lock, writes the environment, and serves
 * others on the socket.
 */

import type { FileLock } from '../../file-lock.ts';
import { isProcessAlive } from '../../is-process-alive.ts';
import { readerCheckMs } from '../../limits.ts';
import type {
  FinishedRun,
  RollbackRetention,
  RolledBackBatch,
  RunLease,
  RunRequest,
} from '../../run-lease.ts';
import type {
  BatchReport,
  ContactChange,
  ContactWriter,
  IdentityKey,
  PushOptions,
  PushReport,
} from '../../store.ts';
import type { WritableEnvironment } from '../environment.ts';
import { EmbeddedWriter } from './embedded-writer.ts';
import type { LeaseHolder } from './run-leases.ts';
import type { WriteSources } from './write-session.ts';

import { WriterServer } from './writer-server.ts';

export interface HolderParts {
  readonly dataFolder: string;
  readonly socketPath: string;
  readonly environment: WritableEnvironment;
  readonly lock: FileLock;
  readonly holder: LeaseHolder;
  readonly sources: WriteSources;
}

export class WriterHolder implements ContactWriter {
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

  beginRun(request: RunRequest): Promise<RunLease> {
    return this.#writer.beginRun(this.#parts.holder, request);
  }

  renewRun(lease: RunLease): Promise<void> {
    return this.#writer.renewRun(this.#parts.holder, lease);
  }

  applyBatch(lease: RunLease, changes: readonly ContactChange[]): Promise<BatchReport> {
    return this.#writer.applyBatch(this.#parts.holder, lease, changes);
  }

  finishRun(lease: RunLease, finished: FinishedRun): Promise<void> {
    return this.#writer.finishRun(lease, finished);
  }

  push(
    organizationId: number,
    datasetId: number,
    changes: readonly ContactChange[],
    options: PushOptions,
  ): Promise<PushReport> {
    return this.#writer.push(organizationId, datasetId, changes, options);
  }

  rollBackBatch(
    lease: RunLease,
    rolledBack: { readonly sourceVersion: bigint },
    limit: number,
  ): Promise<RolledBackBatch> {
    return this.#writer.rollBackBatch(this.#parts.holder, lease, rolledBack, limit);
  }

  dropRollbackData(
    organizationId: number,
    datasetId: number,
    keep: RollbackRetention,
    limit: number,
  ): Promise<{ readonly isDone: boolean }> {
    return this.#writer.dropRollbackData(organizationId, datasetId, keep, limit);
  }

  abandonRun(lease: RunLease): Promise<void> {
    return this.#writer.abandonRun(lease);
  }

  putMemberships(
    organizationId: number,
    identity: IdentityKey,
    packed: Uint8Array,
  ): Promise<boolean> {
    return this.#writer.putMemberships(organizationId, identity, packed);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async close(): Promise<void> {
    clearInterval(this.#readerCheck);
    try {
      await this.#server.close();
      await this.#writer.release(this.#parts.holder);
    } finally {
      await this.#parts.environment.close();
      this.#parts.lock.release();
    }
  }
}
