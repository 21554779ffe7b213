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

/** The values to draw: those of a stack are added to those below them. A gap stays a gap. */
export function drawnValues({ series, isStacked }: TimeChartParts): (number | null)[][] {
  if (isStacked !== true) return series.map(({ values }) => [...values]);
  const sums: (number | null)[] = [];
  return series.map(({ values }) =>
    values.map((value, place) => {
      const sum = value === null ? null : value + (sums[place] ?? 0);
      sums[place] = sum;
      return sum;
    }),
  );
}

export interface TimeChartParts {
  /** What the chart says, as a sentence. */
  readonly label: string;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Whether each area stands on those before it. */
  readonly isStacked?: boolean;
  readonly limit?: ChartLimit | undefined;
  readonly timeWords: (seconds: number) => string;
  readonly valueWords: (value: number) => string;
}
