/**
 * What node:http is given in place of a socket: it gets the bytes of one request at a time, and
 * what it writes goes to the connection, which keeps the real socket to itself. So node:http can
 * neither be flooded nor leave a socket without somebody who listens to its errors.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';

/** Who is behind it. */
export interface HandedSocketOwner {
  /** The address of the other side. */
  readonly peer: string;
  /** @returns whether more may follow now; if not, `drained` is called when it may */
  write(bytes: Buffer): boolean;
  /** No more will be written. */
  finish(): void;
  destroy(): void;
  /** Does something for the connection, which is closed if it throws. */
  guard(action: () => void): void;
  fail(error: unknown): void;
  /** More is wanted after `pause`. */
  onResume(): void;
  /** A request has begun. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
}

export class HandedSocket extends Duplex {
  /** Set by node:http: the answer that is being written, which an error must not break into. */
  declare readonly _httpMessage?: ServerResponse | null;
  readonly #owner: HandedSocketOwner;
  #isPaused = false;
  #isStopped = false;
  #onWritten: (() => void) | undefined;

  constructor(owner: HandedSocketOwner) {
    // It is destroyed with the connection, which may linger after both ends have ended.
    super({ autoDestroy: false, emitClose: true });
    this.#owner = owner;
    // An error is told to node:http, and one that comes after it has let go is nobody's.
    this.on('error', () => undefined);
  }

  get remoteAddress(): string {
    return this.#owner.peer;
  }

  /**
   * Bytes go straight to the parser, so that what it thinks of them is known when this returns;
   * never while it is paused.
   */
  feed(bytes: Buffer): void {
    this.emit('data', bytes);
  }

  /** Lets node:http refuse what it was not even given. */
  refuse(code: string): void {
    this.emit('error', Object.assign(new Error('refused before it was parsed'), { code }));
  }

  /** Takes no more: what follows a request that was refused is nobody's. */
  stop(): void {
    this.#isStopped = true;
  }

  tellEnd(): void {
    this.emit('end');
  }

  guard(action: () => void): void {
    this.#owner.guard(action);
  }

  /** Closes the connection for an error that nobody expected. */
  fail(error: unknown): void {
    this.#owner.fail(error);
  }

  /** For the listener of requests, in the midst of `feed`. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.#owner.onRequest(request, response);
  }

  /** What was written is gone. */
  drained(): void {
    const onWritten = this.#onWritten;
    this.#onWritten = undefined;
    onWritten?.();
  }

  override pause(): this {
    this.#isPaused = true;
    return this;
  }

  override resume(): this {
    if (!this.#isPaused) return this;
    this.#isPaused = false;
    this.#owner.onResume();
    return this;
  }

  override isPaused(): boolean {
    return this.#isPaused || this.#isStopped;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, onWritten: () => void): void {
    if (this.#owner.write(chunk)) onWritten();
    else this.#onWritten = onWritten;
  }

  override _writev(chunks: readonly { chunk: Buffer }[], onWritten: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'latin1', onWritten);
  }

  override _final(onFinal: () => void): void {
    this.#owner.finish();
    onFinal();
  }

  override _destroy(error: Error | null, onDestroyed: (error: Error | null) => void): void {
    this.#owner.destroy();
    onDestroyed(error);
  }
}

/** Every connection comes from `node-door.ts`, whatever node's types make of it. */
export function handedSocket(socket: unknown): HandedSocket {
  if (socket instanceof HandedSocket) return socket;
  throw new Error('a connection came to node:http by another way than its door');
}
