/**
 * What `npm test` runs: the tools that tests need, then the gates, then every test file. The gates are listed in
 * `gates.ts`, the tools in `install-tools.ts`, the running of test files is in `run-test-files.ts`.
 *
 *     npm test                      everything
 *     npm test -- FILE...           these test files alone
 *     npm run check                 the gates alone
 *     npm run test:nightly          the long trials of server/test/nightly
 */
import { parseArgs } from 'node:util';
import { gateTestFiles, runGates } from './gates.ts';
import { installTools } from './install-tools.ts';
import { addCounts, findTestFiles, type noCounts, runTestFiles } from './run-test-files.ts';

const testFolders = ['contract/test', 'client/test', 'server/test', 'examples'];
const nightlyFolder = 'server/test/nightly';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { gates: { type: 'boolean' }, nightly: { type: 'boolean' } },
    allowPositionals: true,
  });
  process.chdir(new URL('..', import.meta.url).pathname);
  installTools();
  const withGates = values.nightly !== true && positionals.length === 0;
  const failedGates = withGates ? runGates() : [];
  const counts = await testsOf(values.gates === true, values.nightly === true, positionals);
  report(failedGates, counts);
}

async function testsOf(gatesOnly: boolean, nightly: boolean, files: readonly string[]) {
  if (files.length > 0) return runTestFiles('tests', files);
  if (nightly) return runTestFiles('nightly trials', findTestFiles([nightlyFolder]));
  const gates = await runTestFiles('gates that are tests', gateTestFiles);
  if (gatesOnly) return gates;
  const rest = findTestFiles(testFolders).filter(
    (file) => !file.startsWith(nightlyFolder) && !gateTestFiles.includes(file),
  );
  return addCounts(gates, await runTestFiles('tests', rest));
}

/** The closing lines, in the form of node's own test runner, so that whoever reads them there reads them here. */
function report(failedGates: readonly string[], counts: typeof noCounts): void {
  const skippedInCi = process.env['CI'] === 'true' && counts.skipped + counts.todo > 0;
  console.log('\n=== result ===');
  for (const gate of failedGates) console.log(`gate failed: ${gate}`);
  for (const file of counts.failedFiles) console.log(`test file failed: ${file}`);
  if (skippedInCi) console.log('tests were skipped, which CI does not allow');
  console.log(`# tests ${counts.tests}`);
  console.log(`# suites ${counts.suites}`);
  console.log(`# pass ${counts.passed}`);
  console.log(`# fail ${counts.failed}`);
  console.log(`# cancelled ${counts.cancelled}`);
  console.log(`# skipped ${counts.skipped}`);
  console.log(`# todo ${counts.todo}`);
  console.log(`# duration_ms ${Math.round(counts.durationMs)}`);
  const good = failedGates.length === 0 && counts.failedFiles.length === 0 && !skippedInCi;
  process.exitCode = good && counts.failed + counts.cancelled === 0 ? 0 : 1;
}

await main();
