/**
 * Counts requests in shared memory. Each thread writes its own row, so counting is a plain
 * addition; `metrics.ts` adds the rows up. A replacement thread continues the row of its
 * predecessor.
 */

/** Upper bounds of the histogram's buckets, in seconds. One more bucket has no upper bound. */
export const durationBounds = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
] as const;

/** Status classes 1xx to 5xx. */
const classCount = 5;

/** Offsets within a route: the classes, the buckets, the sum of seconds. */
const bucketsPlace = classCount;
const sumPlace = bucketsPlace + durationBounds.length + 1;
const routeLength = sumPlace + 1;

/** Other counters, at the start of the row. */
const eventNames = [
  'limited',
  'failed_authentications',
  'batch_identities',
  'connection_errors',
  'rows_added',
  'rows_changed',
  'rows_unchanged',
  'rows_rejected',
] as const;

export type CountedEvent = (typeof eventNames)[number];

/** Gauges of a thread, after the other counters. */
const gaugeNames = ['event_loop_lag_seconds', 'started_seconds'] as const;

export type ThreadGauge = (typeof gaugeNames)[number];

const gaugesPlace = eventNames.length;
const routesPlace = gaugesPlace + gaugeNames.length;

export interface CounterLayout {
  /** Names of the routes, ordered by number. */
  readonly routes: readonly string[];
  /** The number of threads. */
  readonly rows: number;
}

/**
 * Bounds the number of routes, so that the memory can be allocated without loading them. 256 routes
 * x 21 counters x 8 bytes are 43 kB a row.
 */
const maxRoutes = 256;
const rowLength = routesPlace + maxRoutes * routeLength;

/** Memory for the counters of all threads. */
export function allocateCounters(layout: Pick<CounterLayout, 'rows'>): SharedArrayBuffer {
  return new SharedArrayBuffer(8 * layout.rows * rowLength);
}

/** Writes the row of one thread. */
export class RequestCounters {
  readonly #row: Float64Array;

  /** @param row this thread's own, from 0 */
  constructor(options: {
    readonly memory: SharedArrayBuffer;
    readonly layout: CounterLayout;
    readonly row: number;
  }) {
    if (options.layout.routes.length > maxRoutes) throw new Error('more routes than counters');
    this.#row = new Float64Array(options.memory, 8 * rowLength * options.row, rowLength);
  }

  /** @param route the route's number in the layout */
  countAnswer(route: number, status: number, durationMs: number): void {
    const row = this.#row;
    const start = routesPlace + route * routeLength;
    const seconds = durationMs / 1_000;
    let bucket = 0;
    while (bucket < durationBounds.length && seconds > (durationBounds[bucket] as number)) {
      bucket += 1;
    }
    const classAt = start + Math.floor(status / 100) - 1;
    row[classAt] = (row[classAt] as number) + 1;
    const bucketAt = start + bucketsPlace + bucket;
    row[bucketAt] = (row[bucketAt] as number) + 1;
    row[start + sumPlace] = (row[start + sumPlace] as number) + seconds;
    if (status === 401) this.count('failed_authentications');
    if (status === 429) this.count('limited');
  }

  count(event: CountedEvent, by = 1): void {
    const place = eventNames.indexOf(event);
    this.#row[place] = (this.#row[place] as number) + by;
  }

  setGauge(gauge: ThreadGauge, value: number): void {
    this.#row[gaugesPlace + gaugeNames.indexOf(gauge)] = value;
  }
}

export interface RouteCounts {
  readonly route: string;
  /** By status class; 1xx is first. */
  readonly classes: readonly number[];
  /** Not cumulative; the last bucket has no upper bound. */
  readonly buckets: readonly number[];
  readonly sumSeconds: number;
}

/** Reads the rows of all threads. A count that is being written may be seen before or after. */
export class CounterRows {
  readonly #layout: CounterLayout;
  readonly #rows: readonly Float64Array[];

  constructor(memory: SharedArrayBuffer, layout: CounterLayout) {
    this.#layout = layout;
    this.#rows = Array.from(
      { length: layout.rows },
      (_, row) => new Float64Array(memory, 8 * rowLength * row, rowLength),
    );
  }

  event(event: CountedEvent): number {
    return this.#sum(eventNames.indexOf(event));
  }

  /** One number for each thread, ordered by row. */
  gauge(gauge: ThreadGauge): number[] {
    return this.#rows.map((row) => row[gaugesPlace + gaugeNames.indexOf(gauge)] ?? 0);
  }

  routes(): RouteCounts[] {
    return this.#layout.routes.map((route, number) => {
      const start = routesPlace + number * routeLength;
      const sums = Array.from({ length: routeLength }, (_, place) => this.#sum(start + place));
      return {
        route,
        classes: sums.slice(0, bucketsPlace),
        buckets: sums.slice(bucketsPlace, sumPlace),
        sumSeconds: sums[sumPlace] ?? 0,
      };
    });
  }

  #sum(place: number): number {
    return this.#rows.reduce((sum, row) => sum + (row[place] ?? 0), 0);
  }
}
