/**
 * One connection, from its first byte to its last: it owns the socket, keeps what was received
 * until it is taken, and what is sent until the client reads it. The requests themselves are a
 * door's: `plain-door.ts` answers plain look-ups from the text, `node-door.ts` gives bytes to
 * node:http. Whatever throws in anything that a connection does closes this connection, and nothing
 * else.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { answersPerRead, keepAliveMs, lingerMs, silentMs } from '../limits.ts';
import { adoptSocket } from './adopt-socket.ts';
import { ConnectionOutput, type OutputQueue } from './connection-output.ts';
import type { ThreadTurns, TurnTaker } from './thread-turns.ts';

/** What reads the requests of a connection. */
export interface Door {
  /** Whether it can take a request now: it cannot while an answer is being made. */
  readonly isReady: boolean;
  /** Whether nothing is under way, so that the connection may be closed. */
  readonly isIdle: boolean;
  /**
   * Takes the next request, or a part of it.
   * @param text what was received, as latin1
   * @returns where the rest begins; `from` when it waits for more
   */
  take(text: string, from: number): number;
  /**
   * What is not taken yet is all that comes for now: no more of it arrived within a second, or the
   * client has ended.
   */
  giveUpWaiting(): void;
  /** The client sends no more, and all it sent was taken. */
  end(): void;
  /** The client has read what it had to read before more was written. */
  drained(): void;
  /** The connection is gone. */
  closed(): void;
}

export interface ConnectionOptions {
  readonly turns: ThreadTurns;
  readonly outputs: OutputQueue;
  readonly clock: () => number;
  /** Told of what was thrown; the connection is closed. Never throws. */
  readonly onFailure: (error: unknown) => void;
  readonly onClose: (connection: Connection) => void;
  /** The first door of a connection. */
  readonly openDoor: (connection: Connection) => Door;
}

export class Connection implements TurnTaker {
  /** The address of the other side. */
  readonly peer: string;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket | undefined;
  readonly #output: ConnectionOutput | undefined;
  #door: Door | undefined;
  /** What was received and not taken yet begins at `#at`. */
  #text = '';
  #at = 0;
  /** Whether the door waits for more of what it has seen. */
  #isUnfinished = false;
  #hasSpoken = false;
  #hasEnded = false;
  #isQueued = false;
  #isPaused = false;
  /** Answers that wait for the end of the turn. */
  #unsent = '';
  #finishedMs: number | undefined;
  #lastMs: number;

  /** @param accepted from a server whose `pauseOnConnect` is set */
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
    // A peer that goes away is no fault of ours; the socket closes itself.
    socket.on('error', () => undefined);
    socket.on('close', () => this.guard(this.#onClose));
  }

  /** Whether there is a socket at all: a peer may be gone before it was accepted. */
  get exists(): boolean {
    return this.#socket !== undefined;
  }

  /** Whether requests are still taken. */
  get isOpen(): boolean {
    return this.#finishedMs === undefined && this.#socket?.destroyed === false;
  }

  /** Does something for the connection; if it throws, the connection is closed. */
  guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Closes the connection for an error that nobody expected. */
  fail(error: unknown): void {
    this.destroy();
    this.#options.onFailure(error);
  }

  /** Goes on with another door from here on, behind the answers of the one before. */
  useDoor(door: Door): void {
    this.send();
    this.#door = door;
  }

  /** Sends an answer at the end of the turn, with the others of the turn. @param text latin1 */
  answer(text: string, nowMs: number): void {
    this.#lastMs = nowMs;
    if (this.#unsent === '') this.#options.turns.addAnswered(this);
    this.#unsent += text;
    if (this.#unsent.length > maxUnsentLength) this.send();
  }

  send(): void {
    const text = this.#unsent;
    if (text === '') return;
    this.#unsent = '';
    this.guard(() => this.#output?.write(text));
  }

  /**
   * Sends bytes now. @returns whether more may follow now; if not, the door is woken when it may
   */
  write(bytes: Buffer): boolean {
    this.#lastMs = this.#options.clock();
    this.#output?.write(bytes);
    return this.#output?.isBlocked !== true;
  }

  /**
   * Takes no more requests, and closes when the answers are sent. What still arrives is read away
   * for a while: closing on unread bytes would reset the connection, and the client could miss the
   * answer.
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

  /** Closes the connection if it does nothing; if not, its next answer does. */
  close(): void {
    if (this.#door?.isIdle !== false) this.finish();
  }

  /**
   * What time has brought: closes a connection that idles, whose client does not read, or that has
   * lingered long enough.
   */
  sweep(nowMs: number): void {
    if (this.#output?.isStalled(nowMs) === true || this.#isOver(nowMs)) this.destroy();
    else if (this.#isUnfinished) this.#giveUpWaiting();
  }

  takeTurn(quota: number): void {
    this.#isQueued = false;
    this.guard(() => this.#take(quota));
  }

  /** Something that the door or the output waited for has come. */
  wake(): void {
    this.guard(this.#settle);
  }

  #open(accepted: Socket): Socket | undefined {
    const onBytes = (bytes: Buffer) => this.guard(() => this.#onBytes(bytes));
    if (!(accepted instanceof TLSSocket)) return adoptSocket(accepted, onBytes);
    accepted.on('data', onBytes);
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
    if (this.#door?.isIdle === false || this.#at < this.#text.length) return false;
    return quietMs > (this.#hasSpoken ? keepAliveMs : silentMs);
  }

  #onBytes(bytes: Buffer): void {
    this.#hasSpoken = true;
    if (!this.isOpen) {
      this.#lastMs = this.#options.clock();
      return;
    }
    const text = bytes.toString('latin1');
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
      // A request that was passed on to another door is that door's to take.
      if (at === this.#at && door === this.#door) {
        this.#isUnfinished = true;
        break;
      }
      // The door may have closed the connection, and with it the text is gone.
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

  /** Reads on, waits, or asks for another turn, as what is left of the text demands. */
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
    } else {
      this.#pause();
      if (!this.#canTake()) return;
      this.#isQueued = true;
      this.#options.turns.add(this);
    }
  };

  #readOn(): void {
    // A client that does not read its answers is not read from either, until it does.
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

/** Answers that are put together before they are sent, without waiting for the end of the turn. */
const maxUnsentLength = 65_536;
