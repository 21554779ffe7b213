/**
 * `npm run bench:lookup`: Usher beside the servers that a team would otherwise take, in one run.
 * What each part measures is in its file in `lookup/`; `README.md` tells how to read the outcome.
 */
import { fillContactTable, startPostgres } from './lookup/databases/postgres.ts';
import { startRedis } from './lookup/databases/redis.ts';
import { installPeerServers, installTools, lookupTools } from './lookup/install-peers.ts';
import { type ColdStart, measureColdStart } from './lookup/measure-cold-start.ts';
import { type BesideRound, measureImportBeside } from './lookup/measure-import-beside.ts';
import { measureScale, type ScaleMeasurement } from './lookup/measure-scale.ts';
import { measureServers, type ServerRounds } from './lookup/measure-servers.ts';
import type { MeasuredServer } from './lookup/measured-server.ts';
import { fastifyPostgres, fastifyRedis } from './lookup/peers/fastify.ts';
import { nginx } from './lookup/peers/nginx.ts';
import { usherServer } from './lookup/peers/usher.ts';
import { webdis } from './lookup/peers/webdis.ts';
import { type LookupOptions, readOptions } from './lookup/read-options.ts';
import { reportLookup } from './lookup/report-lookup.ts';
import { serverCore, stopProgramsOnExit } from './lookup/run-program.ts';
import { forgetUsherData, prepareUsherData, type UsherData } from './lookup/usher-data.ts';
import { describeMachine } from './lookup/write-results.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  stopProgramsOnExit();
  installTools(lookupTools);
  installPeerServers();
  if (options.fresh)
    for (const contacts of [options.contacts, ...options.scale]) forgetUsherData(contacts);
  const has = (part: LookupOptions['parts'][number]): boolean => options.parts.includes(part);
  reportLookup({
    options,
    machine: describeMachine(new Date()),
    servers: has('servers') ? await runServers(options) : new Map(),
    beside: has('import') ? await runBeside(options) : [],
    cold: has('cold') ? await runCold(options) : [],
    sizes: has('memory') ? await runScale(options) : [],
  });
}

async function runServers(options: LookupOptions): Promise<ServerRounds> {
  const isWanted = (key: string): boolean =>
    options.servers.length === 0 || options.servers.includes(key);
  // Without Usher in the list its command need not even be there; the others then take any token.
  const ours = ['usher', 'usher-2'].some(isWanted);
  const data = ours ? await prepareUsherData(options.contacts) : undefined;
  const token = data?.token ?? 'any-token-will-do';
  console.error('filling the databases of the others');
  const redis = await startRedis(options.contacts);
  const postgres = await startPostgres(serverCore);
  const table = await fillContactTable(postgres.port, options.contacts);
  const servers: MeasuredServer[] = [
    nginx(token),
    webdis(redis),
    fastifyRedis(redis, token),
    fastifyPostgres(postgres, table, token),
    ...(data === undefined ? [] : [usherServer(data, 1), usherServer(data, 2)]),
  ];
  try {
    return await measureServers(
      servers.filter(({ key }) => isWanted(key)),
      options,
    );
  } finally {
    await redis.stop();
    await postgres.stop();
  }
}

async function runBeside(options: LookupOptions): Promise<BesideRound[]> {
  const data = await prepareUsherData(options.contacts);
  return inRounds(options, 'an import beside look-ups', (seed) =>
    measureImportBeside(data, { ...options, seed }),
  );
}

async function runCold(options: LookupOptions): Promise<ColdStart[]> {
  const data = await prepareUsherData(options.contacts);
  return inRounds(options, 'a cold start', () => measureColdStart(data, options));
}

/** For each number of contacts its rounds, measured in turn. */
async function runScale(options: LookupOptions): Promise<ScaleMeasurement[][]> {
  const prepared: { readonly contacts: number; readonly data: UsherData }[] = [];
  for (const contacts of options.scale) {
    prepared.push({ contacts, data: await prepareUsherData(contacts) });
  }
  const rounds = await inRounds(options, 'memory and number of contacts', async (seed) => {
    const found: ScaleMeasurement[] = [];
    for (const { contacts, data } of prepared) {
      found.push(await measureScale(data, { ...options, contacts, seed }));
    }
    return found;
  });
  return prepared.map(({ contacts }) =>
    rounds.flatMap((round) => round.filter((it) => it.contacts === contacts)),
  );
}

async function inRounds<T>(
  { rounds }: LookupOptions,
  what: string,
  measure: (round: number) => Promise<T>,
): Promise<T[]> {
  const found: T[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}: ${what}`);
    found.push(await measure(round));
  }
  return found;
}

// A failure ends every program that was started, as any other end does.
await main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
