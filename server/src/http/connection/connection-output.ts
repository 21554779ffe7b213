/**
 * The unsent answers of a connection. They are written in pieces, so that a slow reader can be told
 * from one that stopped reading, and their memory is bounded.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { maxQueuedOutputBytes, outputPieceBytes, writeStallMs } from '../limits.ts';

export interface OutputOptions {
  readonly socket: Socket;
  readonly queue: OutputQueue;
  readonly clock: () => number;
  /** Called when the system has taken everything after some of it had to wait. */
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

  /** Whether the client must read before more answers are worth making. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#options.socket.writableLength === 0;
  }

  /** @param data text is latin1 */
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

  /**
   * Like `write`, for bytes that others use again.
   * @returns whether the bytes must stay as they are, because the system has not taken them all
   */
  writeLent(bytes: Buffer): boolean {
    const { socket } = this.#options;
    // A TLS socket keeps what is written until it was encrypted.
    const isTaken = !this.#isBlocked && !(socket instanceof TLSSocket);
    this.write(isTaken ? bytes : Buffer.from(bytes));
    return isTaken && socket.writableLength > 0;
  }

  /** Ends the stream after the waiting answers. */
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

  /** Closes the connection and drops what waits. */
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

/** A thread's outputs that wait for their clients, and how much they hold together. */
export class OutputQueue {
  /** The longest waiting first. */
  readonly #bytes = new Map<ConnectionOutput, number>();
  #total = 0;

  /** Notes what an output holds. Above the bound, the longest waiting connections are closed. */
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
