/**
 * How many pushes a thread has under way: each holds its rows in memory until the writer has them.
 */

import type { Problem } from '../domain/problem.ts';
import { maxPushesUnderWay } from './limits.ts';

export class PushRoom {
  #underWay = 0;
  readonly #max: number;

  constructor(max = maxPushesUnderWay) {
    this.#max = max;
  }

  /** Runs the work if there is room for it. */
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
  detail: 'As many pushes as the server takes are under way. Send this one again in a second.',
};
