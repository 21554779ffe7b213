/**
 * One connection: it owns the socket, keeps received text until a door takes it, and answers until
 * the client reads them. Doors read the requests: `plain-door.ts` answers plain look-ups,
 * `node-door.ts` passes bytes to node:http. An exception closes only its own connection.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { AnswerArena, ArenaPlace } from '../../lookup/answer-arena.ts';
import { answersPerRead, keepAliveMs, lingerMs, silentMs } from '../limits.ts';
import { adoptSocket, type Received } from './adopt-socket.ts';
import { ConnectionOutput, type OutputQueue } from './connection-output.ts';
import type { ThreadTurns, TurnTaker } from './thread-turns.ts';

/** Reads the requests of a connection. */
export interface Door {
  /** Whether the door can take a request now. It cannot while it makes an answer. */
  readonly isReady: boolean;
  /** Whether no request is in progress, so that the connection may be closed. */
  readonly isIdle: boolean;
  /**
   * Takes the next request or a part of it.
   * @param text received bytes as latin1
   * @returns the offset of the rest; `from` to wait for more
   */
  take(text: string, from: number): number;
  /**
   * Takes the received bytes if they are exactly one request that the door knows.
   * @returns `false`: they are to be taken as text
   */
  takeKnown(received: Received): boolean;
  /** No more of an unfinished request came within a second, or the client has ended. */
  giveUpWaiting(): void;
  /** The client sends no more. What it sent may still wait, or be in progress. */
  clientEnded(): void;
  /** The client sends no more, and everything it sent was taken. */
  end(): void;
  /** The client has read enough, so more may be written. */
  drained(): void;
  closed(): void;
}

export interface ConnectionOptions {
  readonly turns: ThreadTurns;
  readonly arena: AnswerArena;
  readonly outputs: OutputQueue;
  readonly clock: () => number;
  /** Called with what was thrown; the connection is closed. Never throws. */
  readonly onFailure: (error: unknown) => void;
  readonly onClose: (connection: Connection) => void;
  /** Opens the first door of a connection. */
  readonly openDoor: (connection: Connection) => Door;
}

export class Connection implements TurnTaker {
  /** The client's address. */
  readonly peer: string;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket | undefined;
  readonly #output: ConnectionOutput | undefined;
  #door: Door | undefined;
  /** The received text that was not taken yet starts at `#at`. */
  #text = '';
  #at = 0;
  /** Whether the door waits for the rest of a request. */
  #isUnfinished = false;
  #hasSpoken = false;
  #hasEnded = false;
  #isQueued = false;
  #isPaused = false;
  #unsent = '';
  /** The only unsent answer, if it is in the arena; its head is there, too. */
  #placed: ArenaPlace | undefined;
  #finishedMs: number | undefined;
  #lastMs: number;

  /** @param accepted from a server with `pauseOnConnect` */
  constructor(options: ConnectionOptions, accepted: Socket) {
    this.#options = options;
    this.peer = accepted.remoteAddress ?? '';
    this.#lastMs = options.clock();
    const socket = this.#open(accepted);
    if (socket === undefined) return;
    this.#socket = socket;
    this.#output = new ConnectionOutput({
      socket,
      queue: options.outputs,
      clock: options.clock,
      onFree: () => {
        this.#door?.drained();
        this.wake();
      },
    });
    this.guard(() => {
      this.#door = options.openDoor(this);
    });
    socket.on('drain', () => this.guard(() => this.#output?.drained()));
    socket.on('end', () => this.guard(this.#onEnd));
    // A peer that goes away is not our failure. The socket closes itself.
    socket.on('error', () => undefined);
    socket.on('close', () => this.guard(this.#onClose));
  }

  /** Whether there is a socket: the peer may have left before it was accepted. */
  get exists(): boolean {
    return this.#socket !== undefined;
  }

  /** Whether the client has closed its sending side. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether text was received that no door has taken yet. */
  get hasMore(): boolean {
    return this.#at < this.#text.length;
  }

  get isOpen(): boolean {
    return this.#finishedMs === undefined && this.#socket?.destroyed === false;
  }

  /** Runs an action. If it throws, the connection is closed. */
  guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Closes the connection for an unexpected error. */
  fail(error: unknown): void {
    this.destroy();
    this.#options.onFailure(error);
  }

  /** Continues with another door, after sending the answers of the current one. */
  useDoor(door: Door): void {
    this.send();
    this.#door = door;
  }

  /** Sends an answer (latin1) at the end of the turn, together with the others. */
  answer(text: string, nowMs: number): void {
    this.#lastMs = nowMs;
    if (this.#placed !== undefined) this.send();
    if (this.#unsent === '') this.#options.turns.addAnswered(this);
    this.#unsent += text;
    if (this.#unsent.length > maxUnsentLength) this.send();
  }

  /** Like `answer`, for an answer in the arena. Nothing else may be unsent. */
  answerPlaced(place: ArenaPlace, nowMs: number): void {
    this.#lastMs = nowMs;
    this.#placed = place;
    this.#options.turns.addAnswered(this);
  }

  send(): void {
    const placed = this.#placed;
    if (placed !== undefined) {
      this.#placed = undefined;
      this.guard(() => this.#sendPlaced(placed));
    }
    const text = this.#unsent;
    if (text === '') return;
    this.#unsent = '';
    this.guard(() => this.#output?.write(text));
  }

  #sendPlaced({ block, start, end }: ArenaPlace): void {
    const isNeeded = this.#output?.writeLent(block.subarray(start, end)) === true;
    if (isNeeded) this.#options.arena.keep();
  }

  /**
   * Sends bytes now.
   * @returns false when the caller must wait until `drained` of its door is called
   */
  write(bytes: Buffer): boolean {
    this.#lastMs = this.#options.clock();
    this.#output?.write(bytes);
    return this.#output?.isBlocked !== true;
  }

  /**
   * Takes no more requests and closes after the answers are sent. It reads on for a while, because
   * closing on unread bytes resets the connection, and the client could miss the answer.
   */
  finish(): void {
    if (this.#finishedMs !== undefined) return;
    this.send();
    this.#finishedMs = this.#options.clock();
    this.#text = '';
    this.#at = 0;
    this.#output?.end();
    this.#resume();
  }

  destroy(): void {
    this.#socket?.destroy();
  }

  /** Closes an idle connection. A busy one closes with its last answer. */
  close(): void {
    if (this.#door?.isIdle !== false && !this.hasMore) this.finish();
  }

  /** Closes a connection that idles, that lingered long enough, or whose client does not read. */
  sweep(nowMs: number): void {
    if (this.#output?.isStalled(nowMs) === true || this.#isOver(nowMs)) this.destroy();
    else if (this.#isUnfinished) this.#giveUpWaiting();
  }

  takeTurn(quota: number): void {
    this.#isQueued = false;
    this.guard(() => this.#take(quota));
  }

  /** Continues after the door or the output was waiting. */
  wake(): void {
    this.guard(this.#settle);
  }

  #open(accepted: Socket): Socket | undefined {
    if (!(accepted instanceof TLSSocket)) return adoptSocket(accepted, this.#onReceived);
    accepted.on('data', (bytes: Buffer) => this.#onReceived(receivedOf(bytes)));
    accepted.resume();
    return accepted;
  }

  #isOver(nowMs: number): boolean {
    const quietMs = nowMs - this.#lastMs;
    if (this.#finishedMs !== undefined) {
      if (this.#output?.isBlocked === true) return false;
      const isSent = this.#output?.isEmpty !== false;
      return (isSent && quietMs > lingerMs.quiet) || nowMs - this.#finishedMs > lingerMs.most;
    }
    if (this.#door?.isIdle === false || this.hasMore) return false;
    return quietMs > (this.#hasSpoken ? keepAliveMs : silentMs);
  }

  readonly #onReceived = (received: Received): void => {
    try {
      if (!this.#takeKnown(received)) this.#onText(textOf(received));
    } catch (error) {
      this.fail(error);
    }
  };

  /** For most requests nothing waits and nothing is in progress. The door may know them. */
  #takeKnown(received: Received): boolean {
    const isFree =
      !this.#isQueued && !this.#isPaused && this.#text === '' && this.#placed === undefined;
    if (!isFree || this.#unsent !== '' || !this.isOpen || this.#output?.isBlocked !== false) {
      return false;
    }
    const door = this.#door;
    if (door?.isReady !== true || !this.#options.turns.hasTime()) return false;
    this.#hasSpoken = true;
    this.#isUnfinished = false;
    return door.takeKnown(received);
  }

  #onText(text: string): void {
    this.#hasSpoken = true;
    if (!this.isOpen) {
      this.#lastMs = this.#options.clock();
      return;
    }
    this.#text = this.#at < this.#text.length ? this.#text.slice(this.#at) + text : text;
    this.#at = 0;
    this.#isUnfinished = false;
    if (this.#isQueued) return;
    if (this.#options.turns.hasTime()) {
      this.#take(answersPerRead);
      return;
    }
    this.#pause();
    this.#isQueued = true;
    this.#options.turns.addFresh(this);
  }

  #take(quota: number): void {
    for (let taken = 0; taken < quota && this.#canTake(); taken += 1) {
      const door = this.#door;
      const at = door?.take(this.#text, this.#at) ?? this.#at;
      // If the door changed, the new one gets this request.
      if (at === this.#at && door === this.#door) {
        this.#isUnfinished = true;
        break;
      }
      // The door may have closed the connection, which drops the text.
      if (this.isOpen) this.#at = at;
    }
    this.#settle();
  }

  #canTake(): boolean {
    return (
      this.isOpen &&
      this.#at < this.#text.length &&
      this.#output?.isBlocked === false &&
      this.#door?.isReady === true
    );
  }

  /** Reads on, waits, or asks for another turn, depending on the remaining text. */
  readonly #settle = (): void => {
    if (!this.isOpen || this.#isQueued) return;
    const isTaken = this.#at >= this.#text.length;
    if (isTaken) {
      this.#text = '';
      this.#at = 0;
    }
    if (this.#isUnfinished && this.#hasEnded) {
      this.#giveUpWaiting();
    } else if (isTaken || this.#isUnfinished) {
      this.#readOn();
    } else if (this.#canTake()) {
      this.#pause();
      this.#isQueued = true;
      this.#options.turns.add(this);
    } else if (this.#text.length - this.#at > maxAheadLength) {
      this.#pause();
    } else {
      // A paused socket does not tell that the client has left.
      this.#resume();
    }
  };

  #readOn(): void {
    // Do not read from a client that does not read its answers.
    if (this.#output?.isBlocked === true) this.#pause();
    else this.#resume();
    if (this.#hasEnded && this.#door?.isReady === true) this.#door.end();
  }

  #giveUpWaiting(): void {
    this.#isUnfinished = false;
    this.guard(() => this.#door?.giveUpWaiting());
    this.#isQueued = true;
    this.#options.turns.add(this);
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket?.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    this.#door?.clientEnded();
    this.#settle();
  };

  readonly #onClose = (): void => {
    this.#text = '';
    this.#at = 0;
    this.#output?.closed();
    this.#options.onClose(this);
    this.#door?.closed();
  };
}

function textOf({ bytes, length }: Received): string {
  return bytes.toString('latin1', 0, length);
}

function receivedOf(bytes: Buffer): Received {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { bytes, view, length: bytes.length };
}

/** How much is read beyond the request in progress. Reads add at most 64 kB to it. */
const maxAheadLength = 65_536;

/** If the collected answers are longer than this, they are sent before the end of the turn. */
const maxUnsentLength = 65_536;
