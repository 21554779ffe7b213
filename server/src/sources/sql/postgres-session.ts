/** One read-only session with PostgreSQL that sees one state of the data. */
import { Socket } from 'node:net';
import { Client, type Connection, type FieldDef } from 'pg';
import { sourceConnectMs } from '../limits.ts';
import type { DatabaseAddress } from './database-url.ts';
import { endOnServer } from './end-on-server.ts';

/**
 * After this time the server ends our session if the session is idle, which happens only if this
 * process hangs. While a session is open, the server cannot remove old versions of updated rows.
 */
const idleMs = 300_000;

/** From this version on, the server notices that a client is gone. */
const checksConnection = 140_000;

export interface PostgresSession {
  readonly client: Client;
  /** Ends the session without waiting for an answer. */
  leave(): void;
  /** Closes the socket at once. */
  abandon(): void;
}

export function makeSession(address: DatabaseAddress): PostgresSession {
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    host: address.host,
    port: address.port,
    user: address.user,
    // A function, because otherwise the driver looks for passwords in files and variables.
    password: () => address.password,
    database: address.database,
    ssl: address.tls,
    application_name: 'usher',
    client_encoding: 'UTF8',
    connectionTimeoutMillis: sourceConnectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  });
  // The next query reports a connection that was lost while idle.
  client.on('error', () => undefined);
  return {
    client,
    leave: () => {
      socket.unref();
      client.end().catch(() => undefined);
    },
    abandon: () => socket.destroy(),
  };
}

/** The server process of a session. The start time is kept too, because a pid may be used again. */
export interface PostgresBackend {
  readonly pid: number;
  readonly started: string;
}

/**
 * Connects.
 * @returns the server process, if the server shows it
 */
export async function connectSession(client: Client): Promise<PostgresBackend | undefined> {
  await client.connect();
  const { rows } = await client.query<PostgresBackend>(
    'SELECT pid, backend_start::text AS started FROM pg_stat_activity WHERE pid = pg_backend_pid()',
  );
  return rows[0];
}

/** Ends the session of `backend`, and its statement, from a second connection. */
export async function endBackend(
  address: DatabaseAddress,
  { pid, started }: PostgresBackend,
): Promise<void> {
  const { client, abandon } = makeSession(address);
  const connected = client.connect();
  try {
    await endOnServer(async () => {
      await connected;
      const { rows } = await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE pid = $1 AND backend_start::text = $2`,
        [pid, started],
      );
      return rows.length === 0;
    });
  } finally {
    abandon();
    connected.catch(() => undefined);
  }
}

/** Begins a read-only transaction whose statements time out after `maxMs`. */
export async function beginReading(client: Client, maxMs: number): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const settings = [
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, YMD'],
    ['IntervalStyle', 'iso_8601'],
    ['extra_float_digits', '1'],
    ['standard_conforming_strings', 'on'],
    ['statement_timeout', `${maxMs}ms`],
    ['idle_in_transaction_session_timeout', `${idleMs}ms`],
  ];
  const version = await client.query<{ number: string }>(
    "SELECT current_setting('server_version_num') AS number",
  );
  if (Number(version.rows[0]?.number) >= checksConnection) {
    settings.push(['client_connection_check_interval', '5s']);
  }
  await client.query(settings.map(([name, value]) => `SET LOCAL ${name} = '${value}'`).join('; '));
}

/**
 * The columns of a statement, without running it; `null` if it gives no rows. The extended protocol
 * accepts one statement only.
 */
export function describeStatement(
  client: Client,
  sql: string,
): Promise<readonly FieldDef[] | null> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly FieldDef[] | null>();
  let fields: readonly FieldDef[] | null = null;
  // The driver calls these methods with the server's answers.
  const description = {
    submit: (connection: Connection) => {
      connection.parse({ name: '', text: sql, types: [] }, true);
      connection.describe({ type: 'S', name: '' }, true);
      connection.sync();
    },
    handleRowDescription: (message: { readonly fields: readonly FieldDef[] }) => {
      fields = message.fields;
    },
    handleReadyForQuery: () => resolve(fields),
    handleError: reject,
  };
  client.query(description);
  return promise;
}
