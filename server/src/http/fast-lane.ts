/**
 * The one place that goes under the framework. Plain look-ups (`request-head.ts` says which) are answered straight from
 * the socket, because node:http alone costs more than everything a look-up does. The first bytes that are not a plain
 * look-up hand the whole connection, those bytes included, to node:http for good; it alone enforces the protocol.
 * `bench:lookup` measures what this is worth.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from './answer.ts';
import { answerLookup, type LookupContext } from './answer-lookup.ts';
import { type RequestHead, RequestHeadReader } from './request-head.ts';

export interface FastLaneOptions {
  readonly context: LookupContext;
  /** Takes a connection over; the bytes read so far were put back into it. */
  readonly handOver: (socket: Socket) => void;
  /** The address to believe, from the peer's and `X-Forwarded-For`. */
  readonly clientAddress: (peer: string, forwardedFor: string | undefined) => string;
  /** The caller's own id if it is sane, else a new one. */
  readonly requestId: (own: string | undefined) => string;
  readonly onAnswer: (status: number, startedMs: number) => void;
  readonly onError: (error: unknown, requestId: string) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
}

/** A connection that has sent nothing for so long is closed: slower than any client's pool, quicker than a proxy's. */
const idleMs = 65_000;
/** A new connection that has sent nothing yet. */
const silentMs = 10_000;
const sweepMs = 1_000;

export interface FastLane {
  /** For the server's `connection` event. */
  accept(socket: Socket): void;
  /** From now on each answer closes its connection, and idle ones are closed. */
  drain(): void;
  /** Closes what is left. */
  close(): void;
}

export function openFastLane(options: FastLaneOptions): FastLane {
  const connections = new Set<LaneConnection>();
  let isDraining = false;
  const lane: Lane = { options, connections, isDraining: () => isDraining, date: dateText() };
  const sweep = setInterval(() => {
    lane.date = dateText();
    const now = options.clock();
    for (const connection of connections) connection.closeIfIdle(now);
  }, sweepMs);
  sweep.unref();
  return {
    accept: (socket) => {
      connections.add(new LaneConnection(lane, socket));
    },
    drain: () => {
      isDraining = true;
    },
    close: () => {
      clearInterval(sweep);
      for (const connection of connections) connection.close();
    },
  };
}

interface Lane {
  readonly options: FastLaneOptions;
  readonly connections: Set<LaneConnection>;
  readonly isDraining: () => boolean;
  /** The `Date` header's value, renewed each second. */
  date: string;
}

class LaneConnection {
  readonly #lane: Lane;
  readonly #socket: Socket;
  readonly #heads = new RequestHeadReader();
  readonly #peer: string;
  #lastMs: number;
  #hasSpoken = false;

  constructor(lane: Lane, socket: Socket) {
    this.#lane = lane;
    this.#socket = socket;
    this.#peer = socket.remoteAddress ?? '';
    this.#lastMs = lane.options.clock();
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('error', this.#onSocketError);
    socket.on('close', this.#onClose);
  }

  closeIfIdle(nowMs: number): void {
    const isDue = nowMs - this.#lastMs > (this.#hasSpoken ? idleMs : silentMs);
    if (isDue) this.#socket.destroy();
  }

  close(): void {
    this.#socket.end();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#hasSpoken = true;
    this.#answerAll(chunk, chunk.toString('latin1'), 0);
  };

  readonly #onDrain = (): void => {
    this.#socket.resume();
  };

  readonly #onClose = (): void => {
    this.#lane.connections.delete(this);
  };

  // A peer that goes away is no fault of ours; the socket closes itself.
  readonly #onSocketError = (): void => {};

  /** Answers the requests in the bytes one after the other, from `from` on. */
  #answerAll(chunk: Buffer, text: string, from: number): void {
    let at = from;
    while (at < text.length) {
      const head = this.#heads.read(text, at);
      if (head === undefined) {
        this.#handOver(chunk.subarray(at));
        return;
      }
      at = head.end;
      if (!this.#answer(head, { chunk, text })) return;
    }
  }

  /** @returns whether to go on with the next request now */
  #answer(head: RequestHead, received: { readonly chunk: Buffer; readonly text: string }): boolean {
    const { options } = this.#lane;
    const { authorization, ifNoneMatch, prefer, forwardedFor } = head.headers;
    const startedMs = options.clock();
    const requestId = options.requestId(head.headers.requestId);
    this.#lastMs = startedMs;
    const answer = answerLookup(
      options.context,
      {
        query: head.query,
        authorization,
        ifNoneMatch,
        prefer,
        address: options.clientAddress(this.#peer, forwardedFor),
        requestId,
      },
      (error) => options.onError(error, requestId),
    );
    if (!(answer instanceof Promise)) return this.#write(answer, requestId, startedMs);
    this.#socket.pause();
    void answer.then((ready) => {
      this.#socket.resume();
      if (this.#write(ready, requestId, startedMs)) {
        this.#answerAll(received.chunk, received.text, head.end);
      }
    });
    return false;
  }

  /** @returns whether the connection stays open */
  #write(answer: Answer, requestId: string, startedMs: number): boolean {
    const { options, date } = this.#lane;
    const closes = this.#lane.isDraining();
    const head = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${answer.head}`;
    const length = answer.status === 304 ? '' : `Content-Length: ${answer.body.length}\r\n`;
    const connection = closes ? 'close' : 'keep-alive';
    const text = `${head}${length}X-Request-Id: ${requestId}\r\nDate: ${date}\r\nConnection: ${connection}\r\n\r\n${answer.body}`;
    options.onAnswer(answer.status, startedMs);
    if (closes) {
      this.#socket.end(text, 'latin1');
      return false;
    }
    // A client that does not read its answers is not read from either, until it does.
    if (!this.#socket.write(text, 'latin1')) this.#socket.pause();
    return true;
  }

  #handOver(rest: Buffer): void {
    const socket = this.#socket;
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('error', this.#onSocketError);
    socket.off('close', this.#onClose);
    this.#lane.connections.delete(this);
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    this.#lane.options.handOver(socket);
    socket.resume();
  }
}

function dateText(): string {
  return new Date().toUTCString();
}
