/**
 * Shares a thread's time among its connections. Requests are answered on arrival until the turn's
 * time is used up. Then connections queue, and each gets a few answers per turn. So one that sends
 * thousands of requests delays the others by one turn only.
 */
import { answersPerRead, answersPerTurn, turnMs } from '../limits.ts';

export interface TurnTaker {
  /** Answers up to `quota` requests, and queues again if more remain. Never throws. */
  takeTurn(quota: number): void;
  /** Sends the answers that it has collected. Never throws. */
  send(): void;
}

export class ThreadTurns {
  readonly #clock: () => number;
  readonly #onEnd: () => void;
  /**
   * Connections that have just sent something. `#waiting` holds those that have requests left after
   * a turn.
   */
  readonly #fresh: TurnTaker[] = [];
  readonly #waiting: TurnTaker[] = [];
  #answered: TurnTaker[] = [];
  #isScheduled = false;
  #isOpen = false;
  #endMs = 0;
  #isFreshNext = true;
  #isSpent = false;

  /**
   * @param clock monotonic, in milliseconds
   * @param onEnd called when the answers of a turn were sent
   */
  constructor(clock: () => number, onEnd: () => void = () => undefined) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Whether new requests may be answered now. The first call of a turn starts its time. */
  hasTime(): boolean {
    const nowMs = this.#clock();
    if (this.#isOpen) return nowMs < this.#endMs;
    this.#isOpen = true;
    this.#endMs = nowMs + turnMs;
    this.#schedule();
    return true;
  }

  /** Queues a connection that has just sent something. */
  addFresh(taker: TurnTaker): void {
    this.#fresh.push(taker);
    this.#schedule();
  }

  /** Queues a connection that has more requests to answer. */
  add(taker: TurnTaker): void {
    this.#waiting.push(taker);
    this.#schedule();
  }

  /**
   * Sends the answers of a connection when the turn ends, in one write, because each write wakes
   * the peer.
   */
  addAnswered(taker: TurnTaker): void {
    this.#answered.push(taker);
    this.#schedule();
  }

  /**
   * Ends the turn after the connection that has it now. Call it when the connection works on after
   * `takeTurn`: the time of that work cannot be measured.
   */
  spend(): void {
    this.#isSpent = true;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    this.#isOpen = false;
    this.#sendAll();
    const count = this.#fresh.length + this.#waiting.length;
    if (count === 0) return;
    this.#visit(count);
    this.#sendAll();
    if (this.#fresh.length + this.#waiting.length > 0) this.#schedule();
  };

  #visit(count: number): void {
    const endMs = this.#clock() + turnMs;
    const quota = Math.max(1, Math.min(answersPerRead, Math.floor(answersPerTurn / count)));
    this.#isSpent = false;
    for (let visited = 0; visited < count; visited += 1) {
      this.#next()?.takeTurn(quota);
      if (this.#isSpent || this.#clock() >= endMs) return;
    }
  }

  /** Takes from both queues alternately, so that neither waits until the other is empty. */
  #next(): TurnTaker | undefined {
    const isFresh = this.#isFreshNext;
    this.#isFreshNext = !isFresh;
    return isFresh
      ? (this.#fresh.shift() ?? this.#waiting.shift())
      : (this.#waiting.shift() ?? this.#fresh.shift());
  }

  #sendAll(): void {
    const answered = this.#answered;
    if (answered.length === 0) return;
    this.#answered = [];
    for (const taker of answered) taker.send();
    this.#onEnd();
  }
}
