/**
 * Shares the time of a look-up thread among its connections. What arrives is answered at once while
 * the turn of the event loop has time left; what is more waits in line, and each connection in the
 * line gets a few answers a turn. So a connection that sends thousands of requests at once delays
 * the others by one turn, not by its own length.
 */
import { answersPerRead, answersPerTurn, turnMs } from '../limits.ts';

/** A connection as the turns see it. */
export interface TurnTaker {
  /**
   * Takes up to so many requests of those that wait, and asks for another turn if there are more.
   * Never throws.
   */
  takeTurn(quota: number): void;
  /** Sends the answers that were made and not sent. Never throws. */
  send(): void;
}

export class ThreadTurns {
  readonly #clock: () => number;
  /**
   * Those that have just sent something, and those that had a turn already and were not finished.
   */
  readonly #fresh: TurnTaker[] = [];
  readonly #waiting: TurnTaker[] = [];
  #answered: TurnTaker[] = [];
  #isScheduled = false;
  #isOpen = false;
  #endMs = 0;
  #isFreshNext = true;
  #isSpent = false;

  /** @param clock milliseconds of a clock that never goes back */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /**
   * Whether what has just arrived may be answered now. Its time begins with the first question of a
   * turn.
   */
  hasTime(): boolean {
    const nowMs = this.#clock();
    if (this.#isOpen) return nowMs < this.#endMs;
    this.#isOpen = true;
    this.#endMs = nowMs + turnMs;
    this.#schedule();
    return true;
  }

  /** Gives a turn, soon, to a connection that has just sent something. */
  addFresh(taker: TurnTaker): void {
    this.#fresh.push(taker);
    this.#schedule();
  }

  /** Gives a turn to a connection with more to answer, behind those that wait already. */
  add(taker: TurnTaker): void {
    this.#waiting.push(taker);
    this.#schedule();
  }

  /**
   * Sends the connection's answers at the end of the turn. Answers to all requests that one turn
   * has read are sent together: a write wakes the peer, and one that is awake already needs no
   * waking.
   */
  addAnswered(taker: TurnTaker): void {
    this.#answered.push(taker);
    this.#schedule();
  }

  /**
   * Ends the turn after this visit: what the visit has begun goes on when the visit is over, where
   * it cannot be timed.
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

  /** From both lines by turns, so that neither waits for the other to be empty. */
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
