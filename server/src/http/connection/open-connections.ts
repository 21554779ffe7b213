/** A thread's connections: accepts them, closes idle or stalled ones, and closes all at the end. */
import type { Socket } from 'node:net';
import { Connection, type ConnectionOptions } from './connection.ts';
import { OutputQueue } from './connection-output.ts';

export interface OpenConnectionsOptions
  extends Pick<ConnectionOptions, 'turns' | 'arena' | 'clock' | 'onFailure' | 'openDoor'> {
  /** Called each second. */
  readonly onSecond?: () => void;
}

const sweepMs = 1_000;
/** How long open connections may still send a request after the port closed. */
const lastRequestMs = 1_000;
/** How long a client may take to read its last answer. */
const lastAnswerMs = 500;
const emptyCheckMs = 20;

export class OpenConnections {
  readonly #connections = new Set<Connection>();
  readonly #options: OpenConnectionsOptions;
  readonly #own: ConnectionOptions;
  readonly #sweep: NodeJS.Timeout;

  constructor(options: OpenConnectionsOptions) {
    this.#options = options;
    this.#own = {
      ...options,
      outputs: new OutputQueue(),
      onClose: (connection) => this.#connections.delete(connection),
    };
    this.#sweep = setInterval(() => this.#sweepAll(), sweepMs);
    this.#sweep.unref();
  }

  get size(): number {
    return this.#connections.size;
  }

  /** @param accepted from a server with `pauseOnConnect` */
  accept(accepted: Socket): void {
    try {
      const connection = new Connection(this.#own, accepted);
      if (connection.exists) this.#connections.add(connection);
    } catch (error) {
      this.#options.onFailure(error);
      accepted.destroy();
    }
  }

  /** Gives new connections a moment to send their request, then closes all. */
  async close(): Promise<void> {
    await this.#untilEmpty(lastRequestMs);
    this.closeIdle();
    await this.#untilEmpty(lastAnswerMs);
    this.destroyAll();
  }

  /** Closes idle connections. */
  closeIdle(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Closes all connections at once. */
  destroyAll(): void {
    clearInterval(this.#sweep);
    for (const connection of this.#connections) connection.destroy();
  }

  #sweepAll(): void {
    this.#options.onSecond?.();
    const nowMs = this.#options.clock();
    for (const connection of this.#connections) connection.guard(() => connection.sweep(nowMs));
  }

  async #untilEmpty(boundMs: number): Promise<void> {
    for (let waitedMs = 0; this.#connections.size > 0 && waitedMs < boundMs; ) {
      await new Promise((resolve) => setTimeout(resolve, emptyCheckMs));
      waitedMs += emptyCheckMs;
    }
  }
}
