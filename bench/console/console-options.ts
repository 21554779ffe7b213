/** The flags of `npm run bench:console`. */

export const consoleParts = ['start', 'scroll', 'beside', 'demo'] as const;

export type ConsolePart = (typeof consoleParts)[number];

export interface ConsoleOptions {
  /** The contacts that the node has. */
  readonly contacts: number;
  readonly rounds: number;
  /** The length of each measurement of look-ups. */
  readonly seconds: number;
  /** For how long a measurement of look-ups waits for a quiet machine. */
  readonly patienceSeconds: number;
  readonly parts: readonly ConsolePart[];
  /** Whether to write the results to `results/`. */
  readonly record: boolean;
}
