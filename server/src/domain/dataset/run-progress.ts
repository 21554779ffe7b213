/** How far a run is. */

export const runPhases = ['fetching', 'reading', 'comparing', 'measuring', 'applying'] as const;

export interface RunProgress {
  readonly phase: (typeof runPhases)[number];
  /** Bytes or rows; a total of 0 means that it is not known. */
  readonly done: number;
  readonly total: number;
}
