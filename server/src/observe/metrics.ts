/**
 * The metrics for Prometheus: the counters of all threads, the process, and the state of the
 * catalog and the store at scrape time. Base units; no label holds personal data.
 */
import { type Family, type Sample, writeExposition } from './exposition.ts';
import { type CounterRows, durationBounds, type RouteCounts } from './request-counters.ts';

export interface MetricSources {
  readonly counters: CounterRows;
  /** Figures of the catalog that requests are served from. */
  readonly catalog: () => CatalogFigures;
  /** The contacts of all organizations. */
  readonly contacts: () => number | Promise<number>;
  /** Figures of at most 200 synced datasets and 200 others. */
  readonly datasets: () => Promise<readonly DatasetFigures[]>;
  readonly readiness: { state(): string };
  /** `undefined`: the access log is off. */
  readonly access: () => AccessLogFigures | undefined;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly version: string;
}

export interface CatalogFigures {
  readonly revision: number;
  readonly organizations: number;
  readonly liveTokens: number;
  /** Live tokens that are older than their organization allows. */
  readonly overdueTokens: number;
}

export interface AccessLogFigures {
  /** Looks written and lost since the server started. */
  readonly entries: number;
  readonly lost: number;
  readonly bytes: number;
  readonly isWriting: boolean;
}

export interface DatasetFigures {
  readonly organization: string;
  readonly dataset: string;
  /** `null` for datasets that people import by hand. */
  readonly sync: SyncFigures | null;
  /** Rows that the last run rejected, by code. */
  readonly rejections: Readonly<Record<string, number>>;
}

export interface SyncFigures {
  /** Milliseconds since the epoch; `null` before the first successful run. */
  readonly asOfMs: number | null;
  /** Runs that wait for an approval. */
  readonly waitingRuns: number;
}

export function openMetrics(sources: MetricSources): { render(): Promise<string> } {
  return {
    render: async () =>
      writeExposition([
        ...requestFamilies(sources.counters),
        ...threadFamilies(sources),
        ...processFamilies(sources),
        ...(await stateFamilies(sources)),
        ...accessFamilies(sources.access()),
        ...datasetFamilies(await sources.datasets()),
      ]),
  };
}

function requestFamilies(counters: CounterRows): Family[] {
  const routes = counters.routes().filter(({ buckets }) => buckets.some((count) => count > 0));
  const pushed = (['added', 'changed', 'unchanged', 'rejected'] as const).map((outcome) => ({
    labels: { outcome },
    value: counters.event(`rows_${outcome}`),
  }));
  return [
    counter(
      'usher_http_requests_total',
      'Answered requests by route and status class.',
      routes.flatMap(classSamples),
    ),
    histogram(
      'usher_http_request_duration_seconds',
      'Time from a request to its answer.',
      routes.flatMap(durationSamples),
    ),
    counter('usher_rate_limited_total', 'Requests over a limit.', counters.event('limited')),
    counter(
      'usher_failed_authentications_total',
      'Requests without a valid token.',
      counters.event('failed_authentications'),
    ),
    counter(
      'usher_batch_identities_total',
      'Identities looked up in batches.',
      counters.event('batch_identities'),
    ),
    counter('usher_ingest_rows_total', 'Pushed rows by outcome.', pushed),
    counter(
      'usher_connection_errors_total',
      'Connections refused for what they sent, or for sending too slowly.',
      counters.event('connection_errors'),
    ),
  ];
}

function classSamples({ route, classes }: RouteCounts): Sample[] {
  return classes
    .map((value, place) => ({ labels: { route, status: `${place + 1}xx` }, value }))
    .filter(({ value }) => value > 0);
}

/** Prometheus wants cumulative buckets. */
function durationSamples({ route, buckets, sumSeconds }: RouteCounts): Sample[] {
  let count = 0;
  const cumulative = buckets.map((inBucket, place) => {
    count += inBucket;
    const le = durationBounds[place] ?? '+Inf';
    return { suffix: '_bucket', labels: { route, le }, value: count };
  });
  return [
    ...cumulative,
    { suffix: '_sum', labels: { route }, value: sumSeconds },
    { suffix: '_count', labels: { route }, value: count },
  ];
}

function threadFamilies({ counters, clock }: MetricSources): Family[] {
  const started = counters.gauge('started_seconds');
  const byWorker = (values: readonly number[]) =>
    values.map((value, worker) => ({ labels: { worker }, value }));
  return [
    gauge(
      'usher_worker_event_loop_lag_seconds',
      'Delay of the event loop of a thread: 99th percentile of the last 10 s.',
      byWorker(counters.gauge('event_loop_lag_seconds')),
    ),
    gauge(
      'usher_worker_uptime_seconds',
      'Time since a thread started; starts over when the thread is replaced.',
      byWorker(started.map((since) => (since === 0 ? 0 : clock() / 1_000 - since))),
    ),
  ];
}

function processFamilies({ version }: MetricSources): Family[] {
  const { user, system } = process.cpuUsage();
  return [
    gauge(
      'usher_process_resident_memory_bytes',
      'Resident memory of the process.',
      process.memoryUsage.rss(),
    ),
    counter(
      'usher_process_cpu_seconds_total',
      'CPU time of all threads of the process.',
      (user + system) / 1_000_000,
    ),
    gauge('usher_process_uptime_seconds', 'Time since the process started.', process.uptime()),
    gauge('usher_build_info', 'Always 1; the version is the label.', [
      { labels: { version }, value: 1 },
    ]),
  ];
}

async function stateFamilies({ catalog, contacts, readiness }: MetricSources): Promise<Family[]> {
  const figures = catalog();
  return [
    gauge(
      'usher_ready',
      '1 while the server accepts calls.',
      Number(readiness.state() === 'ready'),
    ),
    gauge('usher_contacts', 'Contacts in the store.', await contacts()),
    gauge('usher_catalog_revision', 'Revision of the served catalog.', figures.revision),
    gauge('usher_organizations', 'Organizations.', figures.organizations),
    gauge('usher_tokens', 'Live tokens.', figures.liveTokens),
    gauge(
      'usher_tokens_over_max_age',
      'Live tokens that are older than their organization allows.',
      figures.overdueTokens,
    ),
  ];
}

function accessFamilies(figures: AccessLogFigures | undefined): Family[] {
  if (figures === undefined) return [];
  return [
    counter('usher_access_entries_total', 'Looks written to the access log.', figures.entries),
    counter(
      'usher_access_lost_total',
      'Looks that the access log lost because its queue was full.',
      figures.lost,
    ),
    gauge('usher_access_log_bytes', 'Size of the access log.', figures.bytes),
    gauge(
      'usher_access_writing',
      '1 while the access log can be written.',
      Number(figures.isWriting),
    ),
  ];
}

function datasetFamilies(datasets: readonly DatasetFigures[]): Family[] {
  const labelled = datasets.map(({ organization, dataset, ...figures }) => ({
    labels: { organization, dataset },
    ...figures,
  }));
  const synced = labelled.flatMap(({ labels, sync }) =>
    sync === null ? [] : [{ labels, ...sync }],
  );
  return [
    gauge(
      'usher_dataset_as_of_timestamp_seconds',
      'As-of time of the values of a dataset; 0 before its first run.',
      synced.map(({ labels, asOfMs }) => ({ labels, value: (asOfMs ?? 0) / 1_000 })),
    ),
    gauge(
      'usher_sync_waiting_runs',
      'Runs that wait for approval.',
      synced.map(({ labels, waitingRuns }) => ({ labels, value: waitingRuns })),
    ),
    gauge(
      'usher_dataset_rejected_rows',
      'Rows that the last run of a dataset rejected, by code.',
      labelled.flatMap(({ labels, rejections }) =>
        Object.entries(rejections).map(([code, value]) => ({ labels: { ...labels, code }, value })),
      ),
    ),
  ];
}

const counter = familyOf('counter');
const gauge = familyOf('gauge');
const histogram = familyOf('histogram');

function familyOf(type: Family['type']) {
  return (name: string, help: string, values: number | readonly Sample[]): Family => {
    const samples = typeof values === 'number' ? [{ value: values }] : values;
    return { name, help, type, samples };
  };
}
