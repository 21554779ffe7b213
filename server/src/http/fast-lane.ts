/**
 * The one place that goes under the framework. Plain look-ups (`request-head.ts` says which) are answered straight from
 * the socket, because node:http alone costs more than everything a look-up does. The first bytes that are not a plain
 * look-up hand the whole connection, those bytes included, to node:http for good; it alone enforces the protocol.
 * `bench:lookup` measures the whole of it beside other servers.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { adoptSocket } from './adopt-socket.ts';
import type { Answer } from './answer.ts';
import { answerLookup, type LookupCall, type LookupContext } from './answer-lookup.ts';
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
  /** For the server's `connection` event (`secureConnection` with TLS); its `pauseOnConnect` must be set. */
  accept(socket: Socket): void;
  /** From now on each answer closes its connection, and idle ones are closed. */
  drain(): void;
  /** Waits a moment for connections that were opened just now, then closes what is left. */
  close(): Promise<void>;
}

export function openFastLane(options: FastLaneOptions): FastLane {
  const connections = new Set<LaneConnection>();
  let isDraining = false;
  const lane: Lane = {
    options,
    connections,
    isDraining: () => isDraining,
    date: dateText(),
    answered: new AnsweredConnections(),
  };
  const sweep = setInterval(() => {
    lane.date = dateText();
    const now = options.clock();
    for (const connection of connections) connection.closeIfIdle(now);
  }, sweepMs);
  sweep.unref();
  return {
    accept: (accepted) => {
      const connection = new LaneConnection(lane, accepted);
      if (connection.isOpen) connections.add(connection);
    },
    drain: () => {
      isDraining = true;
    },
    close: async () => {
      await untilEmpty(connections, lastRequestMs);
      for (const connection of connections) connection.close();
      await untilEmpty(connections, lastAnswerMs);
      clearInterval(sweep);
      for (const connection of connections) connection.destroy();
    },
  };
}

/** How long a connection that is open when the port closes may still send its request; each answer closes its own. */
const lastRequestMs = 1_000;
/** How long a peer may take to read its last answer. */
const lastAnswerMs = 500;
const emptyCheckMs = 20;

async function untilEmpty(
  connections: ReadonlySet<LaneConnection>,
  boundMs: number,
): Promise<void> {
  for (let waitedMs = 0; connections.size > 0 && waitedMs < boundMs; waitedMs += emptyCheckMs) {
    await new Promise((resolve) => setTimeout(resolve, emptyCheckMs));
  }
}

interface Lane {
  readonly options: FastLaneOptions;
  readonly connections: Set<LaneConnection>;
  readonly isDraining: () => boolean;
  /** The `Date` header's value, renewed each second. */
  date: string;
  readonly answered: AnsweredConnections;
}

/**
 * Connections with answers that are not sent yet. Answers to all requests that one round of the event loop has read are sent together
 * at its end: a write wakes the peer, and one that is awake already needs no waking.
 */
class AnsweredConnections {
  #waiting: LaneConnection[] = [];

  add(connection: LaneConnection): void {
    if (this.#waiting.length === 0) setImmediate(this.#sendAll);
    this.#waiting.push(connection);
  }

  readonly #sendAll = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connection of waiting) connection.send();
  };
}

class LaneConnection {
  readonly #lane: Lane;
  readonly #socket: Socket | undefined;
  readonly #heads = new RequestHeadReader();
  readonly #peer: string;
  /** The client's address where no proxy says otherwise. */
  readonly #address: string;
  #lastMs: number;
  #hasSpoken = false;
  #isHandedOver = false;
  /** Answers that wait to be sent. */
  #unsent = '';
  #closesAfter = false;

  constructor(lane: Lane, accepted: Socket) {
    this.#lane = lane;
    this.#peer = accepted.remoteAddress ?? '';
    this.#address = lane.options.clientAddress(this.#peer, undefined);
    this.#lastMs = lane.options.clock();
    this.#socket = this.#open(accepted);
    this.#socket?.on('drain', this.#onDrain);
    this.#socket?.on('end', this.#onEnd);
    this.#socket?.on('error', this.#onSocketError);
    this.#socket?.on('close', this.#onClose);
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  #open(accepted: Socket): Socket | undefined {
    if (!(accepted instanceof TLSSocket)) return adoptSocket(accepted, this.#onBytes);
    accepted.on('data', this.#onBytes);
    accepted.resume();
    return accepted;
  }

  closeIfIdle(nowMs: number): void {
    const isDue = nowMs - this.#lastMs > (this.#hasSpoken ? idleMs : silentMs);
    if (isDue) this.#socket?.destroy();
  }

  /** Sends what waits; with nothing waiting, nothing happens. */
  send(): void {
    const text = this.#unsent;
    if (text === '') return;
    this.#unsent = '';
    if (this.#closesAfter) {
      this.#socket?.end(text, 'latin1');
      return;
    }
    // A client that does not read its answers is not read from either, until it does.
    if (this.#socket?.write(text, 'latin1') === false) this.#socket.pause();
  }

  close(): void {
    this.send();
    this.#socket?.end();
  }

  destroy(): void {
    this.#socket?.destroy();
  }

  readonly #onBytes = (bytes: Buffer): void => {
    this.#hasSpoken = true;
    this.#answerAll(bytes.toString('latin1'), 0);
  };

  readonly #onDrain = (): void => {
    this.#socket?.resume();
  };

  /** The peer has no more to ask; what was asked is answered by then. */
  readonly #onEnd = (): void => {
    this.send();
    this.#socket?.end();
  };

  readonly #onClose = (): void => {
    this.#lane.connections.delete(this);
  };

  // A peer that goes away is no fault of ours; the socket closes itself.
  readonly #onSocketError = (): void => {};

  /** Answers the requests in the text, which is what was received as latin1, one after the other from `from` on. */
  #answerAll(text: string, from: number): void {
    let at = from;
    while (at < text.length) {
      const head = this.#heads.read(text, at);
      if (head === undefined) {
        this.#handOver(text.slice(at));
        return;
      }
      at = head.end;
      if (!this.#answer(head, text)) return;
    }
  }

  /** @returns whether to go on with the next request now */
  #answer(head: RequestHead, text: string): boolean {
    const { options } = this.#lane;
    const { headers } = head;
    const startedMs = options.clock();
    const requestId = options.requestId(headers.requestId);
    this.#lastMs = startedMs;
    const call: LookupCall = {
      query: head.query,
      authorization: headers.authorization,
      ifNoneMatch: headers.ifNoneMatch,
      prefer: headers.prefer,
      freshness: headers.freshness,
      minRevision: headers.minRevision,
      address:
        headers.forwardedFor === undefined
          ? this.#address
          : options.clientAddress(this.#peer, headers.forwardedFor),
      requestId,
      proof: headers.proof,
    };
    const answer = answerLookup(options.context, call, options.onError);
    if (!(answer instanceof Promise)) return this.#write(answer, requestId, startedMs);
    this.#socket?.pause();
    void answer.then((ready) => {
      this.#socket?.resume();
      if (this.#write(ready, requestId, startedMs)) this.#answerAll(text, head.end);
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
    if (this.#unsent === '') this.#lane.answered.add(this);
    this.#unsent += text;
    this.#closesAfter = closes;
    return !closes;
  }

  #handOver(rest: string): void {
    const socket = this.#socket;
    if (socket === undefined || this.#isHandedOver) return;
    this.send();
    this.#isHandedOver = true;
    socket.off('data', this.#onBytes);
    socket.off('drain', this.#onDrain);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onSocketError);
    socket.off('close', this.#onClose);
    this.#lane.connections.delete(this);
    socket.pause();
    socket.unshift(Buffer.from(rest, 'latin1'));
    this.#lane.options.handOver(socket);
    socket.resume();
  }
}

function dateText(): string {
  return new Date().toUTCString();
}
