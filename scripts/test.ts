/**
 * What `npm test` runs: the tools that tests need, then the gates, then every test file. The gates
 * are listed in `gates.ts`, the tools in `install-tools.ts`, the running of test files is in
 * `run-test-files.ts`.
 *
 *     npm test                      everything
 *     npm test -- FILE...           these test files alone
 *     npm run check                 the gates alone
 *     npm run test:nightly          the long trials of server/test/nightly
 *
 * `--limit SECONDS` is how long one file may take. A signal ends all files with all their
 * processes.
 */
import { parseArgs } from 'node:util';
import { gateTestFiles, runGates } from './gates.ts';
import { installTools } from './install-tools.ts';
import {
  addCounts,
  endTestFiles,
  findTestFiles,
  type noCounts,
  runTestFiles,
} from './run-test-files.ts';

const testFolders = ['contract/test', 'client/test', 'server/test', 'examples'];
const nightlyFolder = 'server/test/nightly';

/**
 * The longest files start servers and import files, in about a minute; five are a file that hangs.
 * Nightly trials take longer.
 */
const limitMs = 300_000;
const nightlyLimitMs = 3_600_000;

/** How many of the slowest files are named. */
const slowFiles = 5;

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

interface Request {
  readonly isGates: boolean;
  readonly isNightly: boolean;
  readonly files: readonly string[];
  readonly limitMs: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      gates: { type: 'boolean' },
      nightly: { type: 'boolean' },
      limit: { type: 'string' },
    },
    allowPositionals: true,
  });
  for (const [signal, number] of Object.entries(signalNumbers)) {
    process.once(signal, () => void endTestFiles().finally(() => process.exit(128 + number)));
  }
  process.chdir(new URL('..', import.meta.url).pathname);
  installTools();
  const withGates = values.nightly !== true && positionals.length === 0;
  const failedGates = withGates ? runGates() : [];
  const isNightly = values.nightly === true;
  const usualMs = isNightly ? nightlyLimitMs : limitMs;
  const counts = await testsOf({
    isGates: values.gates === true,
    isNightly,
    files: positionals,
    limitMs: values.limit === undefined ? usualMs : Number(values.limit) * 1_000,
  });
  report(failedGates, counts);
}

async function testsOf(request: Request) {
  const run = (heading: string, files: readonly string[]) =>
    runTestFiles(heading, files, request.limitMs);
  if (request.files.length > 0) return run('tests', request.files);
  if (request.isNightly) return run('nightly trials', findTestFiles([nightlyFolder]));
  const gates = await run('gates that are tests', gateTestFiles);
  if (request.isGates) return gates;
  const rest = findTestFiles(testFolders).filter(
    (file) => !file.startsWith(nightlyFolder) && !gateTestFiles.includes(file),
  );
  return addCounts(gates, await run('tests', rest));
}

/**
 * The closing lines, in the form of node's own test runner, so that whoever reads them there reads
 * them here.
 */
function report(failedGates: readonly string[], counts: typeof noCounts): void {
  const skippedInCi = process.env['CI'] === 'true' && counts.skipped + counts.todo > 0;
  console.log('\n=== result ===');
  const slowest = [...counts.fileTimes].sort(([, one], [, other]) => other - one);
  for (const [file, ms] of slowest.slice(0, slowFiles)) {
    console.log(`slow: ${(ms / 1_000).toFixed(1)} s ${file}`);
  }
  for (const gate of failedGates) console.log(`gate failed: ${gate}`);
  for (const file of counts.failedFiles) console.log(`test file failed: ${file}`);
  if (skippedInCi) console.log('tests were skipped, which CI does not allow');
  console.log(`# tests ${counts.tests}`);
  console.log(`# suites ${counts.suites}`);
  console.log(`# pass ${counts.pass}`);
  console.log(`# fail ${counts.fail}`);
  console.log(`# cancelled ${counts.cancelled}`);
  console.log(`# skipped ${counts.skipped}`);
  console.log(`# todo ${counts.todo}`);
  console.log(`# duration_ms ${Math.round(counts.durationMs)}`);
  const good = failedGates.length === 0 && counts.failedFiles.length === 0 && !skippedInCi;
  process.exitCode = good && counts.fail + counts.cancelled === 0 ? 0 : 1;
}

await main();
