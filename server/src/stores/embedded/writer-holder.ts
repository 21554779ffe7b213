/**
 * This process as the one that writes: it holds the writer lock, writes the environment, and serves others on the socket.
 */
import { readerCheckMs } from '../../domain/limits.ts';
import type {
  BatchReport,
  ContactChange,
  ContactWriter,
  IdentityKey,
  RunLease,
  RunRequest,
} from '../store.ts';
import { EmbeddedWriter } from './embedded-writer.ts';
import type { Environment } from './environment.ts';
import type { LeaseHolder } from './run-leases.ts';
import type { WriteSources } from './write-session.ts';
import type { WriterLock } from './writer-lock.ts';
import { WriterServer } from './writer-server.ts';

export interface HolderParts {
  readonly dataFolder: string;
  readonly socketPath: string;
  readonly environment: Environment;
  readonly lock: WriterLock;
  readonly holder: LeaseHolder;
  readonly sources: WriteSources;
}

export class WriterHolder implements ContactWriter {
  readonly #parts: HolderParts;
  readonly #writer: EmbeddedWriter;
  readonly #server: WriterServer;
  readonly #readerCheck: NodeJS.Timeout;
  readonly #leases = new Map<string, RunLease>();

  static async open(parts: HolderParts): Promise<WriterHolder> {
    const holder = new WriterHolder(parts);
    await holder.#server.listen();
    return holder;
  }

  private constructor(parts: HolderParts) {
    const { environment, dataFolder, sources, holder } = parts;
    this.#parts = parts;
    const isConnected = (sessionId: string) =>
      sessionId === holder.sessionId ? true : this.#server.isConnected(sessionId);
    const watch = { isConnected, isProcessAlive };
    this.#writer = new EmbeddedWriter(environment, dataFolder, { sources, watch });
    this.#server = new WriterServer(this.#writer, parts.socketPath);
    this.#readerCheck = setInterval(() => this.#writer.readerCheck(), readerCheckMs).unref();
  }

  async beginRun(request: RunRequest): Promise<RunLease> {
    const lease = await this.#writer.beginRun(this.#parts.holder, request);
    this.#leases.set(lease.runId, lease);
    return lease;
  }

  renewRun(lease: RunLease): Promise<void> {
    this.#leases.set(lease.runId, lease);
    return this.#writer.renewRun(this.#parts.holder, lease);
  }

  applyBatch(lease: RunLease, changes: readonly ContactChange[]): Promise<BatchReport> {
    this.#leases.set(lease.runId, lease);
    return this.#writer.applyBatch(this.#parts.holder, lease, changes);
  }

  async finishRun(lease: RunLease, snapshotId: string): Promise<void> {
    await this.#writer.finishRun(lease, snapshotId);
    this.#leases.delete(lease.runId);
  }

  async abandonRun(lease: RunLease): Promise<void> {
    await this.#writer.abandonRun(lease);
    this.#leases.delete(lease.runId);
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
      // A full disk cannot keep a writer from closing; its leases then end by time.
      const leases = [...this.#leases.values()];
      if (leases.length > 0) {
        await this.#writer.releaseRuns(this.#parts.holder, leases).catch(() => undefined);
      }
      await this.#writer.flush();
    } finally {
      await this.#parts.environment.root.close();
      this.#parts.lock.release();
    }
  }
}

function isProcessAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Not allowed to signal it means that it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
