/**
 * What `/metrics` answers, for Prometheus: the counters of all threads added up, the process, and the state of the catalog and the
 * store, each asked for when it is scraped. Base units; no label holds anything of a person.
 */
import type { Counter, Gauge, Registry } from 'prom-client';
import { type CounterRows, durationBounds, type RouteCounts } from './request-counters.ts';

export interface MetricSources {
  readonly counters: CounterRows;
  /** Of the catalog that requests are served from. */
  readonly catalog: () => CatalogFigures;
  /** Contacts in the store, over all organizations. */
  readonly contacts: () => Promise<number>;
  readonly readiness: { state(): string };
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly version: string;
}

export interface CatalogFigures {
  readonly revision: number;
  readonly organizations: number;
  readonly liveTokens: number;
  /** Live ones that are older than their organization wants. */
  readonly overdueTokens: number;
}

type Client = typeof import('prom-client');

/** The registry is made, and its library loaded, at the first scrape: most threads never see one. */
export function openMetrics(sources: MetricSources): { render(): Promise<string> } {
  let registry: Promise<Registry> | undefined;
  return {
    render: async () => {
      registry ??= import('prom-client').then((client) => makeRegistry(client, sources));
      return (await registry).metrics();
    },
  };
}

function makeRegistry(client: Client, sources: MetricSources): Registry {
  const registry = new client.Registry();
  registerRequests(client, registry, sources);
  registerEvents(client, registry, sources);
  registerProcess(client, registry, sources);
  registerState(client, registry, sources);
  return registry;
}

function registerRequests(client: Client, registry: Registry, { counters }: MetricSources): void {
  const registers = [registry];
  new client.Counter({
    name: 'usher_http_requests_total',
    help: 'Requests answered, by route and class of status.',
    labelNames: ['route', 'status'],
    registers,
    collect() {
      this.reset();
      for (const { route, classes } of counters.routes()) countClasses(this, route, classes);
    },
  });
  const duration = new client.Histogram({
    name: 'usher_http_request_duration_seconds',
    help: 'Time from the request to its answer.',
    labelNames: ['route', 'le'],
    buckets: [...durationBounds],
    registers,
  });
  // The library's histogram can only be fed one observation at a time; ours are counted in shared memory already.
  const answered = () => counters.routes().filter(isAnswered).flatMap(histogramValues);
  duration.get = async () => ({
    name: 'usher_http_request_duration_seconds',
    help: 'Time from the request to its answer.',
    type: client.MetricType.Histogram,
    aggregator: 'sum',
    collect: () => undefined,
    values: answered(),
  });
}

function countClasses(
  counter: Counter<'route' | 'status'>,
  route: string,
  classes: readonly number[],
): void {
  for (const [place, count] of classes.entries()) {
    if (count > 0) counter.inc({ route, status: `${place + 1}xx` }, count);
  }
}

function isAnswered({ buckets }: RouteCounts): boolean {
  return buckets.some((count) => count > 0);
}

function histogramValues({ route, buckets, sumSeconds }: RouteCounts) {
  const name = 'usher_http_request_duration_seconds';
  let count = 0;
  const bucketValues = buckets.map((inBucket, place) => {
    count += inBucket;
    const le = durationBounds[place] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { route, le }, value: count };
  });
  return [
    ...bucketValues,
    { metricName: `${name}_sum`, labels: { route }, value: sumSeconds },
    { metricName: `${name}_count`, labels: { route }, value: count },
  ];
}

function registerEvents(client: Client, registry: Registry, { counters }: MetricSources): void {
  const events = [
    ['usher_rate_limited_total', 'limited', 'Requests over a limit of an organization.'],
    [
      'usher_failed_authentications_total',
      'failed_authentications',
      'Requests without a valid token.',
    ],
    ['usher_batch_identities_total', 'batch_identities', 'Identities looked up in batches.'],
    ['usher_contacts_not_found_total', 'contacts_not_found', 'Look-ups that led to no contact.'],
    [
      'usher_connection_errors_total',
      'connection_errors',
      'Connections refused for what they sent, or for sending too slowly.',
    ],
  ] as const;
  for (const [name, event, help] of events) {
    new client.Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(counters.event(event));
      },
    });
  }
}

function registerProcess(client: Client, registry: Registry, sources: MetricSources): void {
  const { counters, clock, version } = sources;
  const gauge = gauges(client, registry);
  gauge('usher_process_resident_memory_bytes', 'Memory of the process that is in RAM.', () =>
    process.memoryUsage.rss(),
  );
  gauge('usher_process_uptime_seconds', 'Time since the process began.', () => process.uptime());
  const cpu = new client.Counter({
    name: 'usher_process_cpu_seconds_total',
    help: 'Processor time of the process, all threads.',
    registers: [registry],
    collect() {
      this.reset();
      const { user, system } = process.cpuUsage();
      this.inc((user + system) / 1_000_000);
    },
  });
  cpu.reset();
  new client.Gauge({
    name: 'usher_worker_event_loop_lag_seconds',
    help: 'How late the thread ran what was due: the 99th percentile of the last 10 s.',
    labelNames: ['worker'],
    registers: [registry],
    collect() {
      for (const [worker, lag] of counters.gauge('event_loop_lag_seconds').entries()) {
        this.set({ worker }, lag);
      }
    },
  });
  new client.Gauge({
    name: 'usher_worker_uptime_seconds',
    help: 'Time since the thread began; it begins anew when the thread is replaced.',
    labelNames: ['worker'],
    registers: [registry],
    collect() {
      for (const [worker, started] of counters.gauge('started_seconds').entries()) {
        this.set({ worker }, started === 0 ? 0 : clock() / 1_000 - started);
      }
    },
  });
  new client.Gauge({
    name: 'usher_build_info',
    help: 'Always 1; the version is the label.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
}

function registerState(client: Client, registry: Registry, sources: MetricSources): void {
  const { catalog, contacts, readiness } = sources;
  const gauge = gauges(client, registry);
  gauge('usher_ready', '1 while the server takes calls.', () =>
    readiness.state() === 'ready' ? 1 : 0,
  );
  gauge('usher_contacts', 'Contacts in the store.', contacts);
  gauge('usher_catalog_revision', 'Of the catalog that is served.', () => catalog().revision);
  gauge('usher_organizations', 'Organizations.', () => catalog().organizations);
  gauge('usher_tokens', 'Tokens that can be used.', () => catalog().liveTokens);
  gauge('usher_tokens_over_max_age', 'Tokens older than their organization wants.', () => {
    return catalog().overdueTokens;
  });
}

function gauges(client: Client, registry: Registry) {
  return (name: string, help: string, read: () => number | Promise<number>): Gauge => {
    return new client.Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
      },
    });
  };
}
