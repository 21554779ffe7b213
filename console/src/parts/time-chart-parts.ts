/** What a chart over time shows. */

export interface ChartSeries {
  readonly label: string;
  /** The name of a CSS variable. */
  readonly colour: string;
  /** `null`: a gap. */
  readonly values: readonly (number | null)[];
  /** Whether the area below the line is filled. */
  readonly isArea?: boolean;
}

export interface ChartLimit {
  readonly value: number;
  readonly label: string;
}

export interface TimeChartParts {
  /** What the chart says, as a sentence. */
  readonly label: string;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly limit?: ChartLimit | undefined;
  readonly timeWords: (seconds: number) => string;
  readonly valueWords: (value: number) => string;
}
