/** Creates the servers that a run measures, and only the databases that these need. */
import type { Database } from './databases/database.ts';
import { fillContactTable, startPostgres } from './databases/postgres.ts';
import { startRedis } from './databases/redis.ts';
import type { MeasuredServer } from './measured-server.ts';
import { fastifyPostgres, fastifyRedis } from './peers/fastify.ts';
import { nginx } from './peers/nginx.ts';
import { usherServer } from './peers/usher.ts';
import { webdis } from './peers/webdis.ts';
import { serverKeys } from './read-options.ts';
import { serverCore } from './run-program.ts';
import { prepareUsherData } from './usher-data.ts';

/**
 * Calls `work` with the servers of these keys, in the order of `serverKeys`, and then stops the
 * databases.
 */
export async function withServers<T>(
  keys: readonly string[],
  contacts: number,
  work: (servers: readonly MeasuredServer[]) => Promise<T>,
): Promise<T> {
  const wanted = [...serverKeys.keys()].filter((key) => keys.includes(key));
  const needs = (database: 'redis' | 'postgres'): boolean =>
    wanted.some((key) => serverKeys.get(key)?.includes(database) === true);
  const usher = wanted.some((key) => key.startsWith('usher'))
    ? await prepareUsherData(contacts)
    : undefined;
  // If Usher is not measured, its command need not exist. The other servers accept any token.
  const token = usher?.token ?? 'any-token-will-do';
  const databases: Database[] = [];
  const keep = (database: Database): Database => {
    databases.push(database);
    return database;
  };
  try {
    const servers: MeasuredServer[] = [];
    if (wanted.includes('nginx')) servers.push(nginx(token));
    if (needs('redis')) {
      console.error('filling Redis, unless it is full already');
      const redis = keep(await startRedis(contacts));
      servers.push(webdis(redis), fastifyRedis(redis, token));
    }
    if (needs('postgres')) {
      console.error('filling PostgreSQL, unless it is full already');
      const postgres = keep(await startPostgres(serverCore));
      const table = await fillContactTable(postgres.port, contacts);
      servers.push(fastifyPostgres(postgres, table, token));
    }
    if (usher !== undefined) {
      servers.push(usherServer(usher, { workers: 1 }), usherServer(usher, { workers: 2 }));
    }
    return await work(servers.filter(({ key }) => wanted.includes(key)));
  } finally {
    for (const database of databases) await database.stop();
  }
}
