/** Wires one look-up thread: the catalog that it follows, its store and the shared limiters. */
import { randomBytes } from 'node:crypto';
import manifest from '../../package.json' with { type: 'json' };
import type { Catalog } from '../catalog/catalog.ts';
import { type FollowedCatalog, followCatalog } from '../catalog/follow-catalog.ts';
import {
  composeCatalog,
  composeReader,
  composeSuppression,
  composeWriterClient,
} from '../compose.ts';
import { compileAddressList } from '../domain/token/address-list.ts';
import type { ApiContext, ReadyState } from '../http/api-context.ts';
import { compileClientAddress } from '../http/connection/client-address.ts';
import { CoreSharing } from '../http/connection/core-sharing.ts';
import { type Doors, openDoors } from '../http/connection/doors.ts';
import { ErasureWork } from '../http/erasure-work.ts';
import { fixedText, type HeadPieces, textOf } from '../http/head-pieces.ts';
import { logFailure } from '../http/log-failure.ts';
import { buildMetricsServer } from '../http/metrics-server.ts';
import { PushRoom } from '../http/push-room.ts';
import { requestIdOf } from '../http/request-id.ts';
import { countedRoutes, lookupRouteNumber } from '../http/routes.ts';
import { type ApiServer, buildServer } from '../http/server.ts';
import { DatasetAges } from '../lookup/dataset-ages.ts';
import { loadEntityTag } from '../lookup/entity-tag.ts';
import { watchEventLoop } from '../observe/event-loop-lag.ts';
import { createLog, type Log } from '../observe/log.ts';
import { openMetrics } from '../observe/metrics.ts';
import { monotonicMs } from '../observe/monotonic-clock.ts';
import { CounterRows } from '../observe/request-counters.ts';
import { RunProcesses } from '../runs/run-processes.ts';
import type { ContactReader } from '../stores/store.ts';
import { UploadFiles } from '../sync/upload/upload-files.ts';
import { accessFigures } from './compose-access.ts';
import { composeConsole } from './compose-console.ts';
import { composeTraces, composeUnseenTraces } from './compose-traces.ts';
import { composeEvents, composeUsage } from './compose-usage.ts';
import { openLimitLog } from './limit-log.ts';
import { catalogPollMs } from './limits.ts';
import { catalogFigures, countContacts, datasetFigures } from './metric-figures.ts';
import { rehearse } from './rehearsal.ts';
import type { LookupThreadData, SharedMemory } from './thread-messages.ts';

export type ComposedApi = Awaited<ReturnType<typeof composeApi>>;

export async function composeApi(data: LookupThreadData) {
  const { settings, row } = data;
  const log = createLog({ level: settings.logLevel, part: `lookup ${row + 1}` });
  const catalog = await composeCatalog(settings, { make: true, clock: Date.now });
  const followed = await follow(catalog, log);
  const reader = await composeReader(settings);
  const writer = composeWriterClient(settings);
  const limitLog = settings.limitLog === null ? undefined : openLimitLog(settings.limitLog);
  const { traces, collected } = composeTraces(data, { ends: catalog, limitLog });
  const readiness = composeReadiness(data.memory);
  const runs = composeRuns(settings.dataFolder, log);
  const usage = composeUsage(data);
  const erasures = new ErasureWork((error) => log.warn({ error }, 'an erasure stopped'));
  const followedBy = { catalog, followed, readiness, log };
  const events = composeEvents(data, followedBy, usage);
  const context: ApiContext = {
    ...traces,
    catalog: followed,
    ...{ reader, turnReader: reader },
    clock: Date.now,
    entityTag: await loadEntityTag(),
    datasetAges: new DatasetAges(reader, monotonicMs),
    administration: { catalog, clock: Date.now, randomBytes, contacts: (work) => work(reader) },
    writer: () => writer.connected(),
    pushes: new PushRoom(),
    suppression: await composeSuppression(settings),
    erasures,
    runs,
    uploads: uploadPlace(settings),
    ...(await composeConsole(data, catalog)),
    readiness,
    usageHistory: usage.usageHistory,
    events,
    metrics: openMetrics({
      ...composeFigures({ catalog, reader, followed }),
      counters: countersOf(data),
      ...{ readiness, clock: Date.now, version: manifest.version },
      access: accessFigures(data.memory.access),
    }),
    log,
    trustsProxy: compileAddressList(settings.trustProxy),
    newRequestId: requestIdTexts(),
    ...{ elapsedMs: monotonicMs, version: manifest.version },
  };
  const server = buildServer(context);
  const lag = watchEventLoop(context.counters, Date.now());
  const doors = composeDoors(context, server, data.memory.coreSharing);
  return {
    doors,
    rehearse: (stop: AbortSignal) => rehearseStart({ context, doors, stop }, data),
    server,
    // The thread of the first row serves the metrics on their own port, if one is set.
    metricsServer:
      row === 0 && settings.metricsPort !== null ? buildMetricsServer(context) : undefined,
    ...collected,
    usageClients: context.usageClients,
    close: async () => {
      lag.stop();
      usage.stop();
      events.close();
      await runs.close();
      await context.users.ended.close();
      followed.stop();
      await server.close();
      await erasures.close();
      await writer.close();
      await reader.close();
      await catalog.close();
      limitLog?.close();
    },
  };
}

/** Call it before the doors get a connection. Never rejects. */
async function rehearseStart(
  parts: Omit<Parameters<typeof rehearse>[0], 'randomBytes'>,
  data: LookupThreadData,
): Promise<void> {
  const { administration, log } = parts.context;
  if (data.settings.rehearsal === 'off') return;
  const unseen = () => composeUnseenTraces(data, administration.catalog);
  try {
    const rehearsed = await rehearse({ ...parts, randomBytes }, unseen);
    log.debug({ ...rehearsed }, 'look-ups were rehearsed');
  } catch (error) {
    log.warn({ error }, 'no look-ups could be rehearsed, so the first ones will be slow');
  }
}

function follow(catalog: Catalog, log: Log): Promise<FollowedCatalog> {
  return followCatalog(catalog, {
    intervalMs: catalogPollMs,
    onError: (error) => log.error({ error }, 'the catalog could not be read'),
  });
}

/** What all threads counted. */
function countersOf({ memory, settings }: LookupThreadData): CounterRows {
  return new CounterRows(memory.counters, { routes: countedRoutes, rows: settings.workers });
}

function composeRuns(dataFolder: string, log: Log): RunProcesses {
  return new RunProcesses({
    dataFolder,
    onEnd: (dataset, { outcome, report }) =>
      log[outcome === 'failed' ? 'error' : 'info']({ dataset, outcome, report }, 'a sync ended'),
  });
}

function uploadPlace({ dataFolder, maxUploadMegabytes }: LookupThreadData['settings']) {
  return { files: new UploadFiles(dataFolder), maxBytes: maxUploadMegabytes * 1_048_576 };
}

function composeFigures({
  catalog,
  reader,
  followed,
}: {
  readonly catalog: Catalog;
  readonly reader: ContactReader;
  readonly followed: FollowedCatalog;
}) {
  return {
    catalog: () => catalogFigures(followed.current(), Date.now()),
    contacts: () => countContacts(reader, followed.current()),
    datasets: () => datasetFigures({ catalog, reader, state: followed.current() }),
  };
}

function composeDoors(
  context: ApiContext,
  server: ApiServer,
  sharing: SharedArrayBuffer | null,
): Doors {
  const newRequestId = requestIdSource();
  return openDoors({
    context,
    coreSharing: sharing === null ? undefined : new CoreSharing(sharing, monotonicMs),
    handOver: (socket) => server.httpServer.emit('connection', socket),
    clientAddress: compileClientAddress(context.trustsProxy),
    requestId: (own) => requestIdOf(own, newRequestId),
    onAnswer: (status, startedMs, { proof, address, userAgent }) => {
      const durationMs = monotonicMs() - startedMs;
      const { counters, usage, usageClients } = context;
      counters.countAnswer(lookupRouteNumber, status, durationMs);
      // The proof is of an earlier call if the token was revoked since.
      if (status === 401) return;
      usage.countLookup(proof, status, durationMs);
      usageClients.note(proof, address, userAgent);
    },
    onError: (error, requestId) =>
      logFailure(context.log, { error, requestId, message: 'a look-up failed' }),
    clock: monotonicMs,
  });
}

function composeReadiness(memory: SharedMemory): ApiContext['readiness'] {
  const state = new Int32Array(memory.state);
  const asked = new Float64Array(memory.readinessAsked);
  const names: readonly ReadyState[] = ['starting', 'ready', 'draining'];
  return {
    state: () => names[Atomics.load(state, 0)] ?? 'starting',
    noteAsked: () => {
      asked[0] = monotonicMs();
    },
  };
}

/** Short ids that are unique across threads and restarts. */
function requestIdSource(): () => HeadPieces {
  const prefix = fixedText(`${randomBytes(6).toString('hex')}-`);
  let count = 0;
  return () => {
    count += 1;
    return [prefix, count.toString(36)];
  };
}

function requestIdTexts(): () => string {
  const newRequestId = requestIdSource();
  return () => textOf(newRequestId());
}
