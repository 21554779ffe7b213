/**
 * The precision of a median: a confidence interval from order statistics. It assumes nothing about
 * the distribution (Conover, Practical Nonparametric Statistics, section 3.2).
 */
import { median } from './median.ts';

export interface MedianInterval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The median of the numbers, and the interval that contains the true median with at least 95 %.
 *
 * @throws with fewer than six numbers, which cannot give such an interval
 * @example medianInterval([1, 2, 3, 4, 5, 6]) // { median: 3.5, low: 1, high: 6 }
 */
export function medianInterval(numbers: readonly number[]): MedianInterval {
  const sorted = [...numbers].sort((a, b) => a - b);
  const rank = lowestRank(sorted.length);
  const low = sorted[rank - 1];
  const high = sorted[sorted.length - rank];
  if (rank < 1 || low === undefined || high === undefined) {
    throw new Error(`${numbers.length} numbers are too few for an interval of 95 %`);
  }
  return { median: median(numbers), low, high };
}

/**
 * The largest rank `r` such that the `r`-th lowest and the `r`-th highest number enclose the median
 * with at least 95 %. Each tail of the binomial distribution (n, 1/2) below it holds at most 2.5 %.
 */
function lowestRank(count: number): number {
  let term = 0.5 ** count;
  let tail = 0;
  let rank = 0;
  while (rank < count && tail + term <= 0.025) {
    tail += term;
    term *= (count - rank) / (rank + 1);
    rank += 1;
  }
  return rank;
}
