/**
 * The socket that node:http sees. It gets the bytes of one request at a time, and its writes go to
 * the connection, which owns the real socket and listens to its errors.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';

export interface HandedSocketOwner {
  /** The client's address. */
  readonly peer: string;
  /** @returns false when the writer must wait for `drained` */
  write(bytes: Buffer): boolean;
  finish(): void;
  destroy(): void;
  /** Runs an action; if it throws, the connection is closed. */
  guard(action: () => void): void;
  fail(error: unknown): void;
  /** Reading continues after `pause`. */
  onResume(): void;
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** Whether bytes were received that are not passed on yet. */
  hasMore(): boolean;
}

export class HandedSocket extends Duplex {
  /** Set by node:http: the answer in progress, which a refusal must not interrupt. */
  declare readonly _httpMessage?: ServerResponse | null;
  readonly #owner: HandedSocketOwner;
  #isPaused = false;
  #isStopped = false;
  #onWritten: (() => void) | undefined;
  #long: IncomingMessage | undefined;
  readonly #gone = new AbortController();

  constructor(owner: HandedSocketOwner) {
    // Destroyed with the connection, which may linger after both ends have ended.
    super({ autoDestroy: false, emitClose: true });
    this.#owner = owner;
    // node:http listens for errors only until it has let the socket go. Later errors need a
    // listener.
    this.on('error', () => undefined);
  }

  /** Aborted when the client has closed the connection or its sending side. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Whether bytes were received that are not passed on yet. */
  get hasMore(): boolean {
    return this.#owner.hasMore();
  }

  /** The request may take longer to arrive than others. Its handler ends it if it is too slow. */
  takeLong(request: IncomingMessage): void {
    this.#long = request;
  }

  get takesLong(): boolean {
    return this.#long?.complete === false;
  }

  get remoteAddress(): string {
    return this.#owner.peer;
  }

  /** Passes bytes to the parser, synchronously. Do not call it while paused. */
  feed(bytes: Buffer): void {
    this.emit('data', bytes);
  }

  /** Makes node:http refuse a request that it has not seen. */
  refuse(code: string): void {
    this.emit('error', Object.assign(new Error('refused before it was parsed'), { code }));
  }

  /** Takes no more bytes: what follows a refused request is ignored. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The client sends no more. Unlike `tellEnd` this comes at once, also during a request. */
  tellGone(): void {
    this.#gone.abort();
  }

  tellEnd(): void {
    this.emit('end');
  }

  guard(action: () => void): void {
    this.#owner.guard(action);
  }

  /** Closes the connection for an unexpected error. */
  fail(error: unknown): void {
    this.#owner.fail(error);
  }

  /** Called by the request listener during `feed`. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.#owner.onRequest(request, response);
  }

  /** The written bytes have left. */
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
    this.#gone.abort();
    this.#owner.destroy();
    onDestroyed(error);
  }
}

/** The socket as its real type: every connection comes from `node-door.ts`. */
export function handedSocket(socket: unknown): HandedSocket {
  if (socket instanceof HandedSocket) return socket;
  throw new Error('a connection reached node:http without a door');
}
