/**
 * One session with PostgreSQL, which can read only and sees one state of the data, whatever others
 * do meanwhile.
 */
import { Socket } from 'node:net';
import { Client, type Connection, type FieldDef, type Submittable } from 'pg';
import { sourceConnectMs } from '../limits.ts';
import type { DatabaseAddress } from './database-url.ts';
import { endOnServer } from './end-on-server.ts';

/**
 * An idle session of ours is one whose process hangs: it holds the database's old rows for as long.
 */
const idleMs = 300_000;

/** From this version on, the server notices when the one who asked is gone. */
const checksConnection = 140_000;

export interface PostgresSession {
  readonly client: Client;
  /** Says goodbye, without waiting for an answer. */
  leave(): void;
  /** Ends it at once, whatever the server does. */
  abandon(): void;
}

export function makeSession(address: DatabaseAddress): PostgresSession {
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    host: address.host,
    port: address.port,
    user: address.user,
    // A function, since without one the driver looks for passwords in files and variables.
    password: () => address.password,
    database: address.database,
    ssl: address.tls,
    application_name: 'usher',
    client_encoding: 'UTF8',
    connectionTimeoutMillis: sourceConnectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  });
  // A connection that ends while nothing is asked is told by the next question.
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

/** The process of the server that works for a session. Its number alone may be another's later. */
export interface PostgresBackend {
  readonly pid: number;
  readonly started: string;
}

/** Connects. @returns what works for the session, where the server shows it */
export async function connectSession(client: Client): Promise<PostgresBackend | undefined> {
  await client.connect();
  const { rows } = await client.query<PostgresBackend>(
    'SELECT pid, backend_start::text AS started FROM pg_stat_activity WHERE pid = pg_backend_pid()',
  );
  return rows[0];
}

/** Ends the session of `backend` from another one, with whatever it works on. */
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

/** Begins the transaction; the server gives statements up after `maxMs`. */
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
 * What a statement would give, without running it; `null`: no rows. It goes over the protocol that
 * takes one statement only, so that a text that passes here ends where it seems to end.
 */
export function describeStatement(
  client: Client,
  sql: string,
): Promise<readonly FieldDef[] | null> {
  return new Promise((resolve, reject) => {
    client.query(new Description(sql, { resolve, reject }));
  });
}

interface Settling {
  readonly resolve: (fields: readonly FieldDef[] | null) => void;
  readonly reject: (error: unknown) => void;
}

/** The driver calls these as the server's answers come. */
class Description implements Submittable {
  readonly #sql: string;
  readonly #settling: Settling;
  #fields: readonly FieldDef[] | null = null;

  constructor(sql: string, settling: Settling) {
    this.#sql = sql;
    this.#settling = settling;
  }

  submit(connection: Connection): void {
    connection.parse({ name: '', text: this.#sql, types: [] }, true);
    connection.describe({ type: 'S', name: '' }, true);
    connection.sync();
  }

  handleRowDescription(message: { readonly fields: readonly FieldDef[] }): void {
    this.#fields = message.fields;
  }

  handleReadyForQuery(): void {
    this.#settling.resolve(this.#fields);
  }

  handleError(error: unknown): void {
    this.#settling.reject(error);
  }
}
