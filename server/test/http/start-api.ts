/**
 * Everything that a look-up thread serves, in the test's own process: real catalog, store, limiters
 * and sockets, with the plain door.
 */

import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { AccessCheck } from '../../src/access/access-check.ts';
import type { AccessNotes } from '../../src/access/access-entry.ts';
import type { Administration } from '../../src/administration/administration.ts';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { updateOrganization } from '../../src/administration/organizations.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { followCatalog } from '../../src/catalog/follow-catalog.ts';
import { openCatalog } from '../../src/catalog/open-catalog.ts';
import { composeWriterClient } from '../../src/compose.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { allocateRateLimitMemory, RateLimiter } from '../../src/domain/rate-limit.ts';
import { compileAddressList } from '../../src/domain/token/address-list.ts';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../../src/domain/token/failed-authentication.ts';
import type { ApiContext, ReadyState } from '../../src/http/api-context.ts';
import { compileClientAddress } from '../../src/http/connection/client-address.ts';
import { openDoors } from '../../src/http/connection/doors.ts';
import { ErasureWork } from '../../src/http/erasure-work.ts';
import { EventHub } from '../../src/http/events/event-hub.ts';
import { allocateStreamCounts, StreamCounts } from '../../src/http/events/stream-counts.ts';
import { logFailure } from '../../src/http/log-failure.ts';
import { PushRoom } from '../../src/http/push-room.ts';
import { requestIdOf } from '../../src/http/request-id.ts';
import { countedRoutes, lookupRouteNumber } from '../../src/http/routes.ts';
import { buildServer } from '../../src/http/server.ts';
import { DatasetAges } from '../../src/lookup/dataset-ages.ts';
import { loadEntityTag } from '../../src/lookup/entity-tag.ts';
import { createLog } from '../../src/observe/log.ts';
import { openMetrics } from '../../src/observe/metrics.ts';
import {
  allocateCounters,
  CounterRows,
  RequestCounters,
} from '../../src/observe/request-counters.ts';
import { UsageClients } from '../../src/observe/usage-clients.ts';
import { allocateUsage, UsageCounters, UsageRows } from '../../src/observe/usage-counters.ts';
import { UsageHistory } from '../../src/observe/usage-history.ts';
import { RunProcesses } from '../../src/runs/run-processes.ts';
import { openReader, openSuppression, openWriter } from '../../src/stores/open-store.ts';
import type { ContactReader, ContactWriter } from '../../src/stores/store.ts';
import { UploadFiles } from '../../src/sync/upload/upload-files.ts';
import type { OidcProvider } from '../../src/users/oidc/oidc-provider.ts';
import { email, replace } from '../stores/sample-changes.ts';
import { userDesk } from '../users/user-desk.ts';

export interface ApiOptions {
  /** Units per second. The default is 100,000, so that tests of other things never reach it. */
  readonly rateLimit?: number;
  /** CIDRs of trusted proxies. */
  readonly trustProxy?: readonly string[];
  /** Replaces the reader, to test a store that fails. */
  readonly reader?: (real: ContactReader) => ContactReader;
  /** Replaces the client of the test's own writer, to test a write that fails. */
  readonly writer?: (real: ContactWriter) => ContactWriter;
  readonly pushesUnderWay?: number;
  /** Replaces the notes of the access log, which go nowhere. */
  readonly access?: AccessNotes;
  /** The default is 1 MB. */
  readonly maxUploadBytes?: number;
  /** Milliseconds since the epoch. The default is the real time. */
  readonly clock?: () => number;
  /** The provider that users sign in with. */
  readonly oidc?: OidcProvider;
  /** Whether each request comes a second after the one before, so that no limit is reached. */
  readonly isUnhurried?: boolean;
  /** Replaces the random ids. May throw, to test an internal error. */
  readonly newRequestId?: () => string;
}

export interface RunningApi {
  readonly port: number;
  readonly limiter: RateLimiter;
  /** The only writer, in the test's own process. */
  readonly writer: ContactWriter;
  /** The id of a field of the dataset `crm`. */
  fieldId(name: string): number;
  readonly url: string;
  readonly administration: Administration;
  readonly dataFolder: string;
  readonly counters: CounterRows;
  readonly usageHistory: UsageHistory;
  readonly usageClients: UsageClients;
  readonly events: EventHub;
  /** Creates a token of the organization `default`, which is valid at once. */
  token(request?: Partial<Parameters<typeof createToken>[2]>): Promise<string>;
  setState(state: ReadyState): void;
  drain(): void;
  /** Serves the same data on a second port, with other parts. */
  serveWith(parts: Partial<ApiContext>): Promise<number>;
  /** How many connections the plain door has handed to node:http so far. */
  handedOver(): number;
  /** All lines logged so far. */
  readonly logged: readonly string[];
}

const catalogFigures = { revision: 1, organizations: 1, liveTokens: 1, overdueTokens: 0 };
const fieldNames = ['email_address', 'first_name', 'total_spend', 'shoe_size'];

const noNotes: AccessNotes = {
  admits: () => true,
  note: () => undefined,
  isWriting: () => true,
  synced: async () => true,
};

export async function startApi(
  t: Pick<TestContext, 'after'>,
  options: ApiOptions = {},
): Promise<RunningApi> {
  const opened = await openFolder(options);
  const { administration, writer, client, followed, real } = opened;
  const { clock } = administration;
  const elapsedMs = () => performance.now();
  const layout = { routes: countedRoutes, rows: 1 };
  const memory = allocateCounters(layout);
  const rows = new CounterRows(memory, layout);
  const usage = countUsage(clock);
  const logged: string[] = [];
  let state: ReadyState = 'ready';
  const readiness = { state: () => state, noteAsked: () => undefined };
  const runs = new RunProcesses({ dataFolder: opened.folder, onEnd: () => undefined });
  const erasures = new ErasureWork((error) => logged.push(String(error)));
  const events = hubOf({ ...opened, usage: usage.usageHistory, readiness, logged });
  const context: ApiContext = {
    catalog: followed,
    reader: options.reader?.(real) ?? real,
    clock,
    turnReader: options.reader === undefined ? real : undefined,
    entityTag: await loadEntityTag(),
    datasetAges: new DatasetAges(options.reader?.(real) ?? real, elapsedMs),
    ...{ tokenUsed: () => undefined, fieldsRead: () => undefined, rowsPushed: () => undefined },
    ...accessIn(opened.folder, { clock, ...options }),
    administration,
    writer: async () => {
      const connected = await client.connected();
      return options.writer?.(connected) ?? connected;
    },
    pushes: new PushRoom(options.pushesUnderWay),
    suppression: openSuppression(opened.folder),
    erasures,
    runs,
    uploads: uploadsIn(opened.folder, options),
    ...{ users: userDesk(administration, opened.folder, options.oidc), servesTls: false },
    readiness,
    counters: new RequestCounters({ memory, layout, row: 0 }),
    ...usage,
    events,
    metrics: metricsOf({ rows, real, readiness, clock }),
    log: createLog({ level: 'debug', part: 'test', write: (line) => logged.push(line) }),
    trustsProxy: compileAddressList(options.trustProxy ?? []),
    newRequestId: options.newRequestId ?? randomUUID,
    ...{ elapsedMs, version: '0.0.0' },
    ...limiters(options.isUnhurried === true ? secondsOf(elapsedMs) : elapsedMs),
  };
  const served = await serve(context);
  t.after(async () => {
    events.close();
    await runs.close();
    await served.close();
    await erasures.close();
    await opened.close();
  });
  return {
    port: served.port,
    limiter: context.limiter,
    writer,
    fieldId: (name) => followed.current().organizations.get(1)?.fields.get(name)?.id ?? 0,
    url: `http://127.0.0.1:${served.port}`,
    administration,
    dataFolder: opened.folder,
    ...{ counters: rows, events, ...usage },
    token: async (request = {}) => {
      const createdBy = 'test@example.com';
      const made = await createToken(administration, 1, { createdBy, ...request });
      await waitFor(() => followed.current().tokens.has(made.token.id));
      return made.text;
    },
    setState: (next) => {
      state = next;
    },
    ...{ drain: served.drain, handedOver: served.handedOver },
    serveWith: (parts) => serveAlso(t, { ...context, ...parts }),
    logged,
  };
}

function accessIn(folder: string, { access = noNotes, clock = Date.now }: ApiOptions) {
  const retention = { maxBytes: 1_000_000_000, maxAgeMs: null };
  return { access, accessLog: { retention, check: new AccessCheck(folder, clock) } };
}

function hubOf({
  administration,
  followed,
  usage,
  readiness,
  logged,
}: Pick<Awaited<ReturnType<typeof openFolder>>, 'administration' | 'followed'> & {
  readonly usage: UsageHistory;
  readonly readiness: { state(): ReadyState };
  readonly logged: string[];
}): EventHub {
  const { catalog, clock } = administration;
  return new EventHub({
    ...{ catalog, usage, clock, name: 'abc' },
    state: () => followed.current(),
    counts: new StreamCounts(allocateStreamCounts({ rows: 1 }), 0),
    isDraining: () => readiness.state() === 'draining',
    onError: (error) => logged.push(String(error)),
  });
}

function metricsOf({
  rows,
  real,
  ...parts
}: {
  readonly rows: CounterRows;
  readonly real: ContactReader;
  readonly readiness: { state(): ReadyState };
  readonly clock: () => number;
}) {
  return openMetrics({
    ...{ counters: rows, catalog: () => catalogFigures, version: '0.0.0', ...parts },
    access: () => undefined,
    contacts: async () => (await real.counts(1)).contacts,
    datasets: async () => [],
  });
}

function countUsage(clock: () => number) {
  const memory = allocateUsage({ rows: 1 });
  const rows = new UsageRows(memory, { rows: 1 });
  const usageHistory = new UsageHistory(() => rows.read(), clock);
  const usage = new UsageCounters(memory, 0);
  return { usage, usageHistory, usageClients: new UsageClients() };
}

/** A data folder with some contacts, and everything that a look-up thread opens in it. */
async function openFolder({ rateLimit = 100_000, clock = Date.now }: ApiOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'usher-http-'));
  const catalog = await openCatalog({ kind: 'sqlite', dataFolder: folder }, clock());
  const administration: Administration = {
    catalog,
    actor: { kind: 'operator', name: 'test' },
    clock,
    randomBytes,
    contacts: async (work) => {
      const reader = openReader(folder);
      try {
        return await work(reader);
      } finally {
        await reader.close();
      }
    },
  };
  await updateOrganization(administration, 1, { settings: { rateLimit, tokenPoolMax: 1_000 } });
  const writer = await openWriter(folder);
  const client = composeWriterClient({ dataFolder: folder });
  await fillStore(administration, writer);
  const followed = await followCatalog(catalog, { intervalMs: 20, onError: throwIt });
  const real = openReader(folder);
  const close = async () => {
    followed.stop();
    await client.close();
    await real.close();
    await writer.close();
    await catalog.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, administration, writer, client, followed, real, close };
}

function uploadsIn(dataFolder: string, { maxUploadBytes = 1_048_576 }: ApiOptions) {
  return { files: new UploadFiles(dataFolder), maxBytes: maxUploadBytes };
}

function secondsOf(clock: () => number): () => number {
  let calls = 0;
  return () => {
    calls += 1;
    return clock() + 1_000 * calls;
  };
}

function limiters(clock: () => number) {
  const common = { thread: 1, clock };
  // Skips the first second of the limiter, in which it grants nothing.
  const memory = allocateRateLimitMemory(clock() - 2_000);
  const failures = allocateFailedAuthenticationMemory();
  return {
    limiter: new RateLimiter({ ...common, memory }),
    failedAuthentication: new FailedAuthenticationLimiter({ ...common, memory: failures }),
  };
}

/** Assembles the server as `serve/compose-api.ts` and `serve/lookup-thread.ts` do. */
async function serve(context: ApiContext) {
  const server = buildServer(context);
  let handedOver = 0;
  const doors = openDoors({
    context,
    handOver: (socket) => {
      handedOver += 1;
      server.httpServer.emit('connection', socket);
    },
    clientAddress: compileClientAddress(context.trustsProxy),
    requestId: (own) => requestIdOf(own, context.newRequestId),
    onAnswer: (status, startedMs, { proof, address, userAgent }) => {
      const durationMs = context.elapsedMs() - startedMs;
      context.counters.countAnswer(lookupRouteNumber, status, durationMs);
      if (status === 401) return;
      context.usage.countLookup(proof, status, durationMs);
      context.usageClients.note(proof, address, userAgent);
    },
    onError: (error, requestId) => logFailure(context.log, { error, requestId, message: 'failed' }),
    clock: context.elapsedMs,
  });
  const options = { noDelay: true, pauseOnConnect: true, allowHalfOpen: true };
  const listener = createServer(options, (socket) => doors.accept(socket));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', 2_048, resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    handedOver: () => handedOver,
    drain: () => {
      doors.drain();
      server.drain();
    },
    close: async () => {
      listener.close();
      await doors.close();
      await server.close();
    },
  };
}

async function serveAlso(t: Pick<TestContext, 'after'>, context: ApiContext): Promise<number> {
  const { port, close } = await serve(context);
  t.after(close);
  return port;
}

/** Tom, with a value in each field except the last, and Zoë, with an address only. */
async function fillStore(administration: Administration, writer: ContactWriter): Promise<void> {
  const { dataset, fields } = await defineDataset(administration, 1, {
    name: 'crm',
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'email_address' }],
      columns: fieldNames.map((name) => ({ column: name, field: name })),
      format: {},
    },
    fields: new Map([
      ['email_address', { type: 'string' }],
      ['first_name', { type: 'string' }],
      ['total_spend', { type: 'currency' }],
      ['shoe_size', { type: 'integer' }],
    ]),
  });
  const idOf = (name: string) => fields.get(name)?.id ?? 0;
  const lease = await writer.beginRun({ runId: 'run', organizationId: 1, datasetId: dataset.id });
  await writer.applyBatch(lease, [
    replace([email('tom@hello.com')], {
      [idOf('email_address')]: 'tom@hello.com',
      [idOf('first_name')]: 'Tom',
      [idOf('total_spend')]: 241.56,
    }),
    replace([email('zoë@hello.com')], { [idOf('first_name')]: 'Zoë' }),
  ]);
  await writer.finishRun(lease, { baselineId: 'baseline', asOfMs: Date.UTC(2024, 0, 2) });
}

function throwIt(error: unknown): never {
  throw error;
}

/** Checks again and again until the condition holds, for two seconds, or for `boundMs`. */
export async function waitFor(
  holds: () => boolean | Promise<boolean>,
  boundMs = 2_000,
): Promise<void> {
  const end = performance.now() + boundMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`the condition did not hold within ${boundMs} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
