/**
 * Passes node:http the bytes of one request at a time. node:http decides where requests end; this
 * file only cuts the text at places where a request may end.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { maxHeaderBytes } from '../limits.ts';
import type { Connection, Door } from './connection.ts';
import { HandedSocket } from './handed-socket.ts';
import type { ThreadTurns } from './thread-turns.ts';

export interface NodeDoorOptions {
  readonly turns: ThreadTurns;
  readonly handOver: (socket: Duplex) => void;
}

/** Ends a head or a chunked body. */
const blankLine = '\r\n\r\n';

export class NodeDoor implements Door {
  readonly #options: NodeDoorOptions;
  readonly #connection: Connection;
  readonly #socket: HandedSocket;
  /** The request that is not answered yet, or of which a part has not arrived yet. */
  #message: IncomingMessage | undefined;
  #isAnswered = false;
  /** Bytes of the body that are still to come; `undefined` when it is chunked. */
  #bytesLeft: number | undefined;
  #headBytes = 0;
  /** The last characters that were passed on: a blank line may arrive in two pieces. */
  #seam = '';
  #hasEnded = false;

  constructor(options: NodeDoorOptions, connection: Connection) {
    this.#options = options;
    this.#connection = connection;
    this.#socket = new HandedSocket({
      peer: connection.peer,
      write: (bytes) => connection.write(bytes),
      finish: () => connection.guard(() => connection.finish()),
      destroy: () => connection.destroy(),
      guard: (action) => connection.guard(action),
      fail: (error) => connection.fail(error),
      onResume: () => connection.wake(),
      onRequest: this.#onRequest,
      hasMore: () => connection.hasMore,
    });
    options.handOver(this.#socket);
    if (connection.hasEnded) this.#socket.tellGone();
  }

  get isReady(): boolean {
    return !this.#socket.isPaused() && this.#message?.complete !== true;
  }

  get isIdle(): boolean {
    return this.#message === undefined && this.#headBytes === 0;
  }

  take(text: string, from: number): number {
    const isHead = this.#message === undefined;
    const end = isHead ? this.#endOfPiece(text, from) : this.#endOfBody(text, from);
    if (isHead) {
      this.#headBytes += end - from;
      if (this.#headBytes > maxHeaderBytes) {
        this.#socket.refuse('HPE_HEADER_OVERFLOW');
        return text.length;
      }
    }
    const piece = text.slice(from, end);
    this.#seam = (this.#seam + piece.slice(-3)).slice(-3);
    this.#socket.feed(Buffer.from(piece, 'latin1'));
    this.#forgetAnswered();
    // The work for the request is done after this method returns, so its time cannot be measured
    // here.
    this.#options.turns.spend();
    return end;
  }

  takeKnown(): boolean {
    return false;
  }

  /** Nothing waits here: everything is passed on at once. */
  giveUpWaiting(): void {}

  clientEnded(): void {
    this.#socket.tellGone();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.tellEnd();
  }

  drained(): void {
    this.#socket.drained();
  }

  closed(): void {
    this.#socket.destroy();
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    this.#message = request;
    this.#isAnswered = false;
    this.#headBytes = 0;
    this.#seam = '';
    const length = request.headers['content-length'];
    const isChunked = request.headers['transfer-encoding'] !== undefined;
    this.#bytesLeft = isChunked ? undefined : Number(length ?? 0);
    response.on('error', (error) => {
      // Writing to a client that went away fails; that is expected.
      if (this.#connection.isOpen) this.#connection.fail(error);
    });
    response.once('close', () =>
      this.#connection.guard(() => {
        this.#isAnswered = true;
        this.#forgetAnswered();
        this.#connection.wake();
      }),
    );
  };

  #forgetAnswered(): void {
    if (!this.#isAnswered || this.#message?.complete !== true) return;
    this.#message = undefined;
    this.#seam = '';
  }

  #endOfBody(text: string, from: number): number {
    if (this.#bytesLeft === undefined) return this.#endOfPiece(text, from);
    const end = Math.min(text.length, from + this.#bytesLeft);
    this.#bytesLeft -= end - from;
    return end;
  }

  /** The offset after the next blank line, else the end of the text. */
  #endOfPiece(text: string, from: number): number {
    const joint = this.#seam + text.slice(from, from + 3);
    const across = joint.indexOf(blankLine);
    if (across >= 0) return from + across + blankLine.length - this.#seam.length;
    const found = text.indexOf(blankLine, from);
    return found < 0 ? text.length : found + blankLine.length;
  }
}
