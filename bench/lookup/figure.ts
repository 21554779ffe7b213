/**
 * A measured figure beside what it must be and what it should be. Which there are is said where
 * they are measured.
 */
import { median } from './median.ts';

export interface Figure {
  readonly what: string;
  /** Bounds: `at most` is good when low, `at least` when high. */
  readonly bound: 'at most' | 'at least';
  readonly must: number;
  readonly aim?: number;
  readonly unit: 'times' | 'MB' | '%';
  readonly measured: number;
  /** Round by round, where there were rounds. */
  readonly rounds: readonly number[];
  readonly note?: string;
}

/** What a figure is and should be, without what was measured. */
export type Bounds = Omit<Figure, 'measured' | 'rounds' | 'note'>;

export type Verdict = 'aim met' | 'must met' | 'MISSED';

export function judge({ bound, must, aim, measured }: Figure): Verdict {
  const keeps = (limit: number): boolean =>
    bound === 'at most' ? measured <= limit : measured >= limit;
  if (!keeps(must)) return 'MISSED';
  return aim === undefined || keeps(aim) ? 'aim met' : 'must met';
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

/**
 * The median of the rounds' ratios: what troubles the machine in one round troubles both sides of
 * it.
 */
export function ratio(bounds: Bounds, ours: readonly number[], theirs: readonly number[]): Figure {
  const rounds = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
  return { ...bounds, measured: median(rounds), rounds };
}
