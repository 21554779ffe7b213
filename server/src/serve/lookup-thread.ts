/**
 * A look-up thread: the plain door with the API server behind it, on a port that all look-up
 * threads share. It only reads the store, and follows the catalog. It writes to the catalog only
 * when a call of the administration changes something. `supervisor.ts` starts and ends it.
 */
import { on } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { UsherError } from '../domain/errors.ts';
import type { Settings } from '../settings/settings.ts';
import { type ComposedApi, composeApi } from './compose-api.ts';
import { cannotListen } from './require-free-port.ts';
import type { FromThread, LookupThreadData, ToThread } from './thread-messages.ts';

/** How often the thread reports used tokens and read fields; the catalog stores the minute. */
const usesIntervalMs = 5_000;

async function runLookupThread(data: LookupThreadData, port: MessagePort): Promise<void> {
  const messages = on(port, 'message') as AsyncIterableIterator<[ToThread]>;
  const first = await messages.next();
  // Told to close before the store was open.
  if (first.value[0].kind !== 'open') return port.close();
  const served = await serveLookups(data);
  tell({ kind: 'loaded' });
  let rehearsed: Promise<void> | undefined;
  for await (const [message] of messages) {
    // Not awaited: the supervisor may tell it to close meanwhile.
    if (message.kind === 'rehearse') {
      rehearsed = served.rehearse().then(() => tell({ kind: 'rehearsed' }));
    }
    if (message.kind === 'listen') served.listen(message.port);
    if (message.kind === 'drain') served.drain();
    if (message.kind !== 'close') continue;
    await rehearsed;
    await served.close();
    return port.close();
  }
}

async function serveLookups(data: LookupThreadData) {
  const { settings } = data;
  const api = await composeApi(data);
  const server = openServer(settings);
  server.maxConnections = Math.ceil(settings.maxConnections / settings.workers);
  server.on(settings.tlsCertificate === null ? 'connection' : 'secureConnection', api.doors.accept);
  const tellUses = () => {
    const usage = { clients: api.usageClients.take(), fields: api.fieldReads.takeCounts() };
    const pushes = api.pushCounts.take();
    const [uses, reads] = [api.tokenUses.take(), api.fieldReads.take()];
    tell({ kind: 'used', uses, reads, pushes, usage });
  };
  const uses = setInterval(tellUses, usesIntervalMs);
  let listening: Promise<void> = Promise.resolve();
  const drained = new AbortController();
  return {
    rehearse: () => api.rehearse(drained.signal),
    listen: (port: number) => {
      listening = listenAll(api, { server, settings, port });
    },
    drain: () => {
      drained.abort();
      api.doors.drain();
      api.server.drain();
    },
    close: async () => {
      clearInterval(uses);
      tellUses();
      // A server that is closed while it starts to listen would go on listening.
      await listening;
      await acceptWaiting(server);
      server.close();
      api.metricsServer?.close();
      api.metricsServer?.closeAllConnections();
      await api.doors.close();
      await api.close();
    },
  };
}

/**
 * Accepts the connections that wait. The kernel resets those that it has accepted but this thread
 * has not when the port closes, and node.js (libuv) accepts one in each round of its event loop.
 */
async function acceptWaiting(server: Server): Promise<void> {
  let taken = 0;
  for (const event of ['connection', 'drop']) server.on(event, () => (taken += 1));
  let quietRounds = 0;
  for (let round = 0; round < 2 * backlog && quietRounds < 2; round += 1) {
    const before = taken;
    await setImmediate();
    quietRounds = taken > before ? 0 : quietRounds + 1;
  }
}

function openServer(settings: Settings): Server {
  const options = { noDelay: true, pauseOnConnect: true, allowHalfOpen: true };
  const { tlsCertificate, tlsKey } = settings;
  if (tlsCertificate === null || tlsKey === null) return createServer(options);
  return createTlsServer({
    ...options,
    cert: readFileSync(tlsCertificate),
    key: readFileSync(tlsKey),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeMs,
  });
}

/** As long as a plain connection may take to send its first request. */
const handshakeMs = 10_000;

/** Few connections wait: the kernel spreads them over the threads, which accept at once. */
const backlog = 1_024;

async function listenAll(
  { metricsServer }: ComposedApi,
  { server, settings, port }: { server: Server; settings: Settings; port: number },
): Promise<void> {
  const { host, metricsPort } = settings;
  try {
    if (metricsServer !== undefined) await listen(metricsServer, host, metricsPort ?? 0);
    tell({ kind: 'listening', port: await listen(server, host, port) });
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    tell({ kind: 'failed', code: error.code, detail: error.detail });
  }
}

/** @returns the port, also if 0 asked for any free one */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // Stays attached: a connection that cannot be accepted later (no file handles) also ends up
    // here.
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(cannotListen(host, port, error.code));
    });
    server.listen({ host, port, backlog, reusePort: true }, () => {
      const address = server.address();
      resolve(address === null || typeof address === 'string' ? port : address.port);
    });
  });
}

function isEmpty({
  uses,
  reads,
  pushes,
  usage,
}: Extract<FromThread, { readonly kind: 'used' }>): boolean {
  const { clients, fields } = usage;
  return uses.length + reads.length + pushes.length + clients.length + fields.length === 0;
}

function tell(message: FromThread): void {
  if (message.kind === 'used' && isEmpty(message)) return;
  parentPort?.postMessage(message);
}

if (parentPort !== null) await runLookupThread(workerData as LookupThreadData, parentPort);
