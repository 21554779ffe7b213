/**
 * What `npm test` runs: installs the tools that tests need, then runs the gates (`gates.ts`) and
 * every test file (`run-test-files.ts`), in this order and several at the same time.
 *
 *     npm test                      everything
 *     npm test -- FILE...           only these test files
 *     npm run check                 only the gates
 *     npm run test:nightly          the long tests of server/test/nightly
 *
 * `--watch` runs the same again after each change of a source. `--limit SECONDS` bounds the time of
 * one file, and `--jobs COUNT` the number of files that run at the same time. `--fresh` also runs
 * gates that have passed on the same files, as CI always does. A signal kills all files with all
 * their processes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { gateTestFiles, runGates } from './gates.ts';
import { installTools } from './install-tools.ts';
import { reportRun } from './report-run.ts';
import {
  addCounts,
  endTestFiles,
  findTestFiles,
  noCounts,
  runTestFiles,
  type TestCounts,
  waitsMostly,
} from './run-test-files.ts';
import { Slots } from './slots.ts';
import { watchSources } from './watch-sources.ts';

const testFolders = ['contract/test', 'client/test', 'server/test', 'examples'];
const nightlyFolder = 'server/test/nightly';

/** The time limit of one file. The longest files take 90 s; nightly tests have another limit. */
const limitMs = 300_000;
const nightlyLimitMs = 3_600_000;

const cores = availableParallelism();
/**
 * Test files wait for more than half of their time: for servers that start and drain, for locks
 * and for clocks.
 */
const usualJobs = cores + 2;

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

interface Request {
  readonly kind: 'everything' | 'gates' | 'nightly' | 'files';
  readonly files: readonly string[];
  readonly limitMs: number;
  readonly jobs: number;
  /** Whether to run gates that have passed on the same files. */
  readonly isFresh: boolean;
}

async function main(): Promise<void> {
  for (const [signal, number] of Object.entries(signalNumbers)) {
    process.once(signal, () => void endTestFiles().finally(() => process.exit(128 + number)));
  }
  process.chdir(new URL('..', import.meta.url).pathname);
  const { request, isWatching } = readRequest();
  installTools();
  if (isWatching) await watchSources(() => run(request));
  await run(request);
}

function readRequest(): { readonly request: Request; readonly isWatching: boolean } {
  const { values, positionals: files } = parseArgs({
    options: {
      gates: { type: 'boolean' },
      nightly: { type: 'boolean' },
      watch: { type: 'boolean' },
      fresh: { type: 'boolean' },
      limit: { type: 'string' },
      jobs: { type: 'string' },
    },
    allowPositionals: true,
  });
  const isNightly = values.nightly === true;
  const usualMs = isNightly ? nightlyLimitMs : limitMs;
  const whole = values.gates === true ? 'gates' : 'everything';
  const request: Request = {
    kind: isNightly ? 'nightly' : files.length > 0 ? 'files' : whole,
    files,
    limitMs: values.limit === undefined ? usualMs : Number(values.limit) * 1_000,
    jobs: values.jobs === undefined ? usualJobs : Number(values.jobs),
    isFresh: values.fresh === true || process.env['CI'] === 'true',
  };
  return { request, isWatching: values.watch === true };
}

async function run(request: Request): Promise<void> {
  const { kind, isFresh, jobs, limitMs: fileMs } = request;
  const hasGates = kind === 'everything' || kind === 'gates';
  // One set of slots, so that test files begin while the last gates still run.
  const slots = new Slots(kind === 'gates' ? cores : jobs);
  const startMs = performance.now();
  const gates = hasGates ? runGates(slots, isFresh) : [];
  const gateFiles = hasGates ? runTestFiles(gateTestFiles, slots, fileMs) : noCounts;
  const [failedGates, gateTests, tests] = await Promise.all([
    gates,
    gateFiles,
    runTests(request, slots),
  ]);
  const durationMs = performance.now() - startMs;
  const isGood = reportRun(failedGates, { ...addCounts(gateTests, tests), durationMs });
  process.exitCode = isGood ? 0 : 1;
}

async function runTests(
  { kind, files, limitMs: fileMs }: Request,
  slots: Slots,
): Promise<TestCounts> {
  if (kind !== 'gates') {
    // One after the other: the two use all cores.
    await build('console/scripts/build-console.ts');
    await build('server/scripts/build-server.ts');
  }
  const all = testFiles(kind, files);
  const [waiting, working] = await Promise.all([
    runTestFiles(all.filter(waitsMostly), new Slots(1), fileMs),
    runTestFiles(
      all.filter((file) => !waitsMostly(file)),
      slots,
      fileMs,
    ),
  ]);
  return addCounts(waiting, working);
}

/** Tests in a browser need the console, and servers start sooner from a build. */
async function build(script: string): Promise<void> {
  const child = spawn('node', [script, '--if-older'], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${script} failed`);
}

function testFiles(kind: Request['kind'], named: readonly string[]): readonly string[] {
  if (kind === 'files') return named;
  if (kind === 'gates') return [];
  if (kind === 'nightly') return findTestFiles([nightlyFolder]);
  return findTestFiles(testFolders).filter(
    (file) => !file.startsWith(nightlyFolder) && !gateTestFiles.includes(file),
  );
}

await main();
