/**
 * The server that a team would write itself: Fastify with Redis, and with PostgreSQL. The servers
 * are in `peer-servers/`.
 */
import { join } from 'node:path';
import { contactRequest } from '../contact-call.ts';
import type { Database } from '../databases/database.ts';
import { postgresAccount } from '../databases/postgres.ts';
import { peersFolder } from '../folders.ts';
import type { MeasuredServer } from '../measured-server.ts';
import { type RunningProgram, serverCore, startProgram } from '../run-program.ts';
import { findFreePort, isListening, waitUntil } from '../wait-until.ts';

export function fastifyRedis(redis: Database, token: string): MeasuredServer {
  const env = { REDIS_PORT: String(redis.port) };
  return fastifyServer({
    name: 'Fastify + ioredis',
    file: 'fastify-redis',
    env,
    database: redis,
    token,
  });
}

export function fastifyPostgres(postgres: Database, table: string, token: string): MeasuredServer {
  const env = { POSTGRES_PORT: String(postgres.port), ACCOUNT: postgresAccount, TABLE: table };
  const name = 'Fastify + PostgreSQL';
  return fastifyServer({ name, file: 'fastify-postgres', env, database: postgres, token });
}

interface FastifyServer {
  readonly name: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly database: Database;
  readonly token: string;
}

function fastifyServer({ name, file, env, database, token }: FastifyServer): MeasuredServer {
  let program: RunningProgram | undefined;
  return {
    key: file,
    name,
    answers: 'asked fields',
    request: contactRequest(token),
    start: async () => {
      const port = await findFreePort();
      program = startProgram({
        name: file,
        command: process.execPath,
        parameters: [join(peersFolder, `${file}.mjs`)],
        env: { ...env, PORT: String(port), TOKEN: token, NODE_ENV: 'production' },
        core: serverCore,
      });
      await waitUntil(() => isListening(port), { what: name, within: 20_000, of: program });
      return { port, pids: [program.pid, database.pid] };
    },
    stop: async () => program?.stop(),
  };
}
