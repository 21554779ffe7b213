/**
 * Shares a thread's time among its connections: requests are answered on arrival while the turn has
 * time, else each waiting connection gets a few answers per turn. So one that sends thousands of
 * requests delays the others by one turn only.
 */
import { answersPerRead, answersPerTurn, turnMs } from '../limits.ts';

/** A connection that takes turns. */
export interface TurnTaker {
  /** Takes up to `quota` waiting requests and asks for a turn if more remain. Never throws. */
  takeTurn(quota: number): void;
  /** Sends the unsent answers. Never throws. */
  send(): void;
}

export class ThreadTurns {
  readonly #clock: () => number;
  /** Connections that just sent something, and those with requests left after a turn. */
  readonly #fresh: TurnTaker[] = [];
  readonly #waiting: TurnTaker[] = [];
  #answered: TurnTaker[] = [];
  #isScheduled = false;
  #isOpen = false;
  #endMs = 0;
  #isFreshNext = true;
  #isSpent = false;

  /** @param clock monotonic, in milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
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

  /** Queues a connection with more to answer, after those that already wait. */
  add(taker: TurnTaker): void {
    this.#waiting.push(taker);
    this.#schedule();
  }

  /**
   * Sends the connection's answers at the end of the turn, all in one write per connection: each
   * write wakes the peer.
   */
  addAnswered(taker: TurnTaker): void {
    this.#answered.push(taker);
    this.#schedule();
  }

  /** Ends the turn after this visit, whose work continues later and cannot be timed. */
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

  /** Alternates between both queues, so that neither waits for the other to be empty. */
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
  }
}
