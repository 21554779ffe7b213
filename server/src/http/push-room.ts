/** Bounds the pushes that a thread runs at once; each keeps its rows in memory. */
import type { Problem } from '../domain/problem.ts';
import { maxPushesUnderWay } from './limits.ts';

export class PushRoom {
  #underWay = 0;
  readonly #max: number;

  constructor(max = maxPushesUnderWay) {
    this.#max = max;
  }

  /** Runs the work, or returns `overloaded`. */
  async run<Result>(work: () => Promise<Result>): Promise<Result | Problem> {
    if (this.#underWay >= this.#max) return overloaded;
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
    }
  }
}

const overloaded: Problem = {
  code: 'overloaded',
  detail: 'The server is handling as many pushes as it can. Send this one again in a second.',
};
