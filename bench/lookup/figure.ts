/** A measured figure and its bounds. The files that report the figures define the bounds. */
import { median } from './median.ts';

export interface Figure {
  readonly what: string;
  /** With `at most` a lower value is better, with `at least` a higher one. */
  readonly bound: 'at most' | 'at least';
  /** The required bound. */
  readonly must: number;
  /** A stricter bound that is hoped for. */
  readonly aim?: number;
  readonly unit: 'times' | 'MB' | 's' | 'ms' | '%' | 'frames/s' | 'nginx requests';
  readonly measured: number;
  /** The value of each round, if there were rounds. */
  readonly rounds: readonly number[];
  readonly note?: string;
}

/** The name and bounds of a figure, without a measured value. */
export type Bounds = Omit<Figure, 'measured' | 'rounds' | 'note'>;

export type Verdict = 'aim met' | 'must met' | 'MISSED';

/** A figure without an aim never gets `aim met`. */
export function judge({ bound, must, aim, measured }: Figure): Verdict {
  const keeps = (limit: number): boolean =>
    bound === 'at most' ? measured <= limit : measured >= limit;
  if (!keeps(must)) return 'MISSED';
  return aim !== undefined && keeps(aim) ? 'aim met' : 'must met';
}

export function figureRows(figures: readonly Figure[]): string[][] {
  const head = ['what', 'must', 'aim', 'measured', 'rounds', 'verdict'];
  const rows = figures.map((figure) => [
    figure.note === undefined ? figure.what : `${figure.what} (${figure.note})`,
    `${figure.bound} ${figure.must} ${figure.unit}`,
    figure.aim === undefined ? '' : String(figure.aim),
    figure.measured.toFixed(2),
    figure.rounds.map((round) => round.toFixed(2)).join(', '),
    judge(figure),
  ]);
  return [head, ...rows];
}

/** The median of the rounds' ratios. A disturbance in one round affects both sides of its ratio. */
export function ratio(bounds: Bounds, ours: readonly number[], theirs: readonly number[]): Figure {
  const rounds = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
  return { ...bounds, measured: median(rounds), rounds };
}
