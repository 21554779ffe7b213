/**
 * What a connection has still to send. It goes out in pieces, each when the one before has left, so
 * that a client that reads slowly is told from one that does not read; and the memory of all that
 * waits has a bound.
 */
import type { Socket } from 'node:net';
import { maxQueuedOutputBytes, outputPieceBytes, writeStallMs } from '../limits.ts';

export interface OutputOptions {
  readonly socket: Socket;
  readonly queue: OutputQueue;
  readonly clock: () => number;
  /** Told when everything was taken by the system after some had to wait. */
  readonly onFree: () => void;
}

export class ConnectionOutput {
  readonly #options: OutputOptions;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isBlocked = false;
  #blockedMs = 0;
  #isEnding = false;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Whether the client has to read before more is worth making. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#options.socket.writableLength === 0;
  }

  /** @param data latin1, where it is text */
  write(data: string | Buffer): void {
    if (this.#isEnding || !this.#options.socket.writable) return;
    if (!this.#isBlocked && data.length <= outputPieceBytes) {
      this.#put(data);
      return;
    }
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    for (let at = 0; at < bytes.length; at += outputPieceBytes) {
      this.#waiting.push(bytes.subarray(at, at + outputPieceBytes));
    }
    this.#waitingBytes += bytes.length;
    if (this.#isBlocked) this.#options.queue.note(this, this.#queuedBytes());
    else this.#pump();
  }

  /** Ends the stream of answers after those that wait. */
  end(): void {
    this.#isEnding = true;
    if (!this.#isBlocked) this.#options.socket.end();
  }

  /** For the socket's `drain` event. */
  drained(): void {
    this.#isBlocked = false;
    this.#options.queue.forget(this);
    this.#pump();
    if (this.#isBlocked) return;
    if (this.#isEnding) this.#options.socket.end();
    else this.#options.onFree();
  }

  /** Whether the client has read nothing for too long. */
  isStalled(nowMs: number): boolean {
    return this.#isBlocked && nowMs - this.#blockedMs > writeStallMs;
  }

  /** Gives up: the connection is closed with what waits. */
  destroy(): void {
    this.#options.socket.destroy();
  }

  /** For the socket's `close` event. */
  closed(): void {
    this.#waiting.length = 0;
    this.#options.queue.forget(this);
  }

  #pump(): void {
    while (!this.#isBlocked) {
      const piece = this.#waiting.shift();
      if (piece === undefined) return;
      this.#waitingBytes -= piece.length;
      this.#put(piece);
    }
  }

  #put(piece: string | Buffer): void {
    if (this.#options.socket.write(piece, 'latin1')) return;
    this.#isBlocked = true;
    this.#blockedMs = this.#options.clock();
    this.#options.queue.note(this, this.#queuedBytes());
  }

  #queuedBytes(): number {
    return this.#waitingBytes + this.#options.socket.writableLength;
  }
}

/** The outputs of a thread that wait for their clients, and how much they hold together. */
export class OutputQueue {
  /** In the order in which they came to wait. */
  readonly #bytes = new Map<ConnectionOutput, number>();
  #total = 0;

  /**
   * Notes what an output holds. If all hold too much, those go that have waited longest for their
   * clients.
   */
  note(output: ConnectionOutput, bytes: number): void {
    this.#total += bytes - (this.#bytes.get(output) ?? 0);
    this.#bytes.set(output, bytes);
    for (const longest of this.#bytes.keys()) {
      if (this.#total <= maxQueuedOutputBytes) return;
      this.forget(longest);
      longest.destroy();
    }
  }

  forget(output: ConnectionOutput): void {
    this.#total -= this.#bytes.get(output) ?? 0;
    this.#bytes.delete(output);
  }
}
