/**
 * `npm run bench:lookup`: measures Usher and the servers that a team would otherwise use, in one
 * run. The files in `lookup/` describe what each part measures, and `README.md` explains how to
 * read the results.
 */

import { compareCheckouts } from './lookup/compare-checkouts.ts';
import {
  installPeerServers,
  installTools,
  lookupTools,
  openTools,
} from './lookup/install-peers.ts';
import { type ColdStart, measureColdStart } from './lookup/measure-cold-start.ts';
import { type BesideRound, measureImportBeside } from './lookup/measure-import-beside.ts';
import { measureOpen, type OpenRounds, openServers } from './lookup/measure-open.ts';
import { measureScale, type ScaleMeasurement } from './lookup/measure-scale.ts';
import { measureServers, type ServerRounds } from './lookup/measure-servers.ts';
import { compileOpenLoad } from './lookup/open-load.ts';
import { usherServer } from './lookup/peers/usher.ts';
import { noteFigures, progressFile, startProgress } from './lookup/progress.ts';
import { type LookupOptions, readOptions, serverKeys } from './lookup/read-options.ts';
import { profiledNode, recordProfile } from './lookup/record-profile.ts';
import { reportLookup } from './lookup/report-lookup.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';
import { withServers } from './lookup/start-servers.ts';
import { forgetUsherData, prepareUsherData, type UsherData } from './lookup/usher-data.ts';
import { describeMachine } from './lookup/write-results.ts';

async function main(): Promise<void> {
  const options = readFlags();
  stopProgramsOnExit();
  startProgress();
  if (options.compare !== undefined) return compareCheckouts(options, options.compare);
  const has = (part: LookupOptions['parts'][number]): boolean => options.parts.includes(part);
  const servers = has('servers') ? wantedServers(options) : [];
  const open = has('open') ? openServers.filter((key) => wantedServers(options).includes(key)) : [];
  installTools(lookupTools([...servers, ...open], options.profile));
  if (open.length > 0) installTools(openTools);
  if (servers.some((server) => server.startsWith('fastify'))) installPeerServers();
  if (options.fresh)
    for (const contacts of [options.contacts, ...options.scale]) forgetUsherData(contacts);
  reportLookup({
    options,
    machine: describeMachine(new Date()),
    servers: await runServers(options, servers),
    open: open.length > 0 ? await runOpen(options, open) : new Map(),
    beside: has('import') ? await runBeside(options) : [],
    cold: has('cold') ? await runCold(options) : [],
    sizes: has('memory') ? await runScale(options) : [],
  });
  if (options.profile) await runProfile(options);
}

function readFlags(): LookupOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}. The flags are in bench/README.md.`);
    process.exit(2);
  }
}

function wantedServers({ servers }: LookupOptions): readonly string[] {
  return servers.length === 0 ? [...serverKeys.keys()] : servers;
}

async function runServers(options: LookupOptions, keys: readonly string[]): Promise<ServerRounds> {
  if (keys.length === 0) return new Map();
  return withServers(keys, options.contacts, (servers) => measureServers(servers, options));
}

async function runOpen(options: LookupOptions, keys: readonly string[]): Promise<OpenRounds> {
  await compileOpenLoad();
  return withServers(keys, options.contacts, (servers) => measureOpen(servers, options));
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

/**
 * Measures each number of contacts in turn.
 * @returns the rounds for each number of contacts
 */
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

async function runProfile(options: LookupOptions): Promise<void> {
  const data = await prepareUsherData(options.contacts);
  const server = usherServer(data, { workers: 1, nodeOptions: profiledNode });
  console.error(`The profile is in ${await recordProfile(server, options)}`);
}

async function inRounds<T extends object>(
  { rounds }: LookupOptions,
  what: string,
  measure: (round: number) => Promise<T>,
): Promise<T[]> {
  const found: T[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}: ${what}`);
    const figures = await measure(round);
    noteFigures(round, what, figures);
    found.push(figures);
  }
  return found;
}

// After a failure, end every program that was started, as after every other end.
await main().catch((error: unknown) => {
  console.error(error);
  console.error(`The measurements up to the failure are in ${progressFile}`);
  process.exit(1);
});
