/**
 * `npm run bench:access`: the CPU time of a look-up with the access log on, against off. Both
 * servers run this checkout, each on a data folder of its own. The flags are those of
 * `bench:lookup -- --compare`.
 */
import { cpSync, rmSync } from 'node:fs';
import { installTools, lookupTools } from './lookup/install-peers.ts';
import { measureComparison } from './lookup/measure-comparison.ts';
import { usherServer } from './lookup/peers/usher.ts';
import { startProgress } from './lookup/progress.ts';
import { readOptions } from './lookup/read-options.ts';
import { reportComparison, verdict } from './lookup/report-comparison.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';
import { prepareUsherData } from './lookup/usher-data.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const { contacts, seconds, comparisonRounds, record } = options;
  stopProgramsOnExit();
  startProgress();
  installTools(lookupTools([], false));
  const data = await prepareUsherData(contacts);
  const folder = `${data.folder}.noted`;
  rmSync(folder, { recursive: true, force: true });
  cpSync(data.folder, folder, { recursive: true });
  const noted = { ...data, folder };
  const servers = [
    usherServer(noted, { workers: 1, name: 'log-on', settings: { USHER_ACCESS_LOG: 'on' } }),
    usherServer(data, { workers: 1, name: 'log-off', settings: { USHER_ACCESS_LOG: 'off' } }),
  ];
  const rounds = await measureComparison(
    servers,
    { ...options, warmSeconds: 3, rounds: comparisonRounds },
    (found) => {
      console.error(verdict(found, servers));
    },
  );
  const report = { name: 'access', title: 'The access log on, compared with off' };
  reportComparison({ ...report, servers, contacts, seconds, rounds, isKept: record });
}

await main();
