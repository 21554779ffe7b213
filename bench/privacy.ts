/**
 * `npm run bench:privacy [-- --contacts 1000000 --rounds 3]`: measures how long erasures take, and
 * what the suppression list costs a first load. `README.md` explains how to read the results.
 */
import { parseArgs } from 'node:util';
import { progressFile, startProgress } from './lookup/progress.ts';
import { positive } from './lookup/read-options.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';
import { measureErasures } from './privacy/measure-erasures.ts';
import { measureLoads } from './privacy/measure-loads.ts';
import { reportPrivacy } from './privacy/report-privacy.ts';

async function main(): Promise<void> {
  const options = readFlags();
  stopProgramsOnExit();
  startProgress();
  const loads = await measureLoads(options);
  const erasures = await measureErasures(loads.folder, options);
  reportPrivacy({ ...options, loads, erasures });
}

function readFlags() {
  const { values } = parseArgs({
    options: {
      contacts: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      patience: { type: 'string', default: '30' },
    },
  });
  return {
    contacts: positive('contacts', values.contacts, 20_000),
    rounds: positive('rounds', values.rounds),
    patienceSeconds: positive('patience', values.patience, 0),
  };
}

// After a failure, end every program that was started, as after every other end.
await main().catch((error: unknown) => {
  console.error(error);
  console.error(`The measurements up to the failure are in ${progressFile}`);
  process.exit(1);
});
