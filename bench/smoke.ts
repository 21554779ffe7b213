/**
 * `npm run bench:smoke`: checks in about a minute whether look-ups have become much slower. It
 * measures the ratio of Usher's CPU time to that of nginx on few contacts, and compares it with the
 * recorded ratio. A warning is not proof; `npm run bench:lookup -- --compare COMMIT` gives proof.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resultsFolder } from './lookup/folders.ts';
import { installTools, lookupTools } from './lookup/install-peers.ts';
import { measureComparison, ratioOf } from './lookup/measure-comparison.ts';
import { startProgress } from './lookup/progress.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';
import { withServers } from './lookup/start-servers.ts';
import { describeMachine } from './lookup/write-results.ts';

const contacts = 20_000;
/** Six rounds of two servers, each with a start, 2 s of warming up and two turns of a second. */
const rounds = 6;
/** The check warns if the ratio exceeds the recorded ratio by more than this share. */
const tolerance = 0.15;
const recordedFile = join(resultsFolder, 'smoke.json');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } });
  stopProgramsOnExit();
  startProgress();
  installTools(lookupTools(['nginx'], false));
  const ratio = await measureRatio();
  const { cpu, kernel, node, date } = describeMachine(new Date());
  const found = { ratio: Number(ratio.toFixed(3)), cpu, kernel, node, date };
  console.log(`CPU per request: ${ratio.toFixed(2)} times nginx`);
  if (values.record) writeFileSync(recordedFile, `${JSON.stringify(found, null, 2)}\n`);
  else judge(ratio);
}

async function measureRatio(): Promise<number> {
  const options = {
    contacts,
    seconds: 2,
    warmSeconds: 2,
    patienceSeconds: 3,
    rounds: { fewest: rounds, most: rounds },
  };
  const outcome = await withServers(['nginx', 'usher'], contacts, (servers) =>
    measureComparison(servers, options, () => undefined),
  );
  // Ratios use the order of the servers, and nginx is the first.
  const ratio = ratioOf(outcome, 1, 0);
  if (ratio === undefined) throw new Error('too few rounds');
  return ratio.median;
}

function judge(ratio: number): void {
  if (!existsSync(recordedFile)) {
    console.log('There is no recorded ratio to compare with. Run it with --record first.');
    return;
  }
  const recorded: { ratio: number; cpu: string } = JSON.parse(readFileSync(recordedFile, 'utf8'));
  const more = Math.round((ratio / recorded.ratio - 1) * 100);
  const against = `the recorded ${recorded.ratio.toFixed(2)} (${recorded.cpu})`;
  if (ratio <= recorded.ratio * (1 + tolerance)) {
    console.log(`${Math.abs(more)} % ${more > 0 ? 'more' : 'less'} than ${against}: fine.`);
    return;
  }
  console.log(
    `WARNING: ${more} % more than ${against}. Try again on an idle machine, and then find the ` +
      'commit with "npm run bench:lookup -- --compare COMMIT".',
  );
}

await main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
