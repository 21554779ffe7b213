/**
 * Mutation testing of what lets a caller in: changes one thing of a file, runs the file's quick tests and sees whether
 * they fail. Nine mutants of ten must be killed. Mutants that change nothing are listed in `mutation/equal-mutants.ts`,
 * each with its reason, and do not count.
 *
 *     npm run test:mutation
 *     npm run test:mutation -- TEXT...    only files whose path holds one of the texts
 *
 * A script of our own, because it is small: the tests need no other runner, types are stripped as always, and a mutant
 * exists in the memory of one process only (`mutation/load-mutant.ts`). Stryker copies the tree, and knows `node:test` by
 * its exit code alone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { installTools, toolsFolder } from './check-tools.ts';
import { equalMutants } from './mutation/equal-mutants.ts';
import type { LoadedMutant } from './mutation/load-mutant.ts';
import { type Mutant, makeMutants } from './mutation/make-mutants.ts';
import { mutatedFiles } from './mutation/mutated-files.ts';

const root = join(import.meta.dirname, '..');

/** A mutant may loop for ever; the tests of a file take about a second, and on a busy machine ten. */
const timeoutMs = 60_000;

/** Of a hundred mutants that change something. */
const leastKilled = 90;

interface Outcome {
  readonly mutant: Mutant;
  readonly isKilled: boolean;
}

async function main(texts: readonly string[]): Promise<void> {
  installTools();
  const paths = Object.keys(mutatedFiles).filter(
    (path) => texts.length === 0 || texts.some((text) => path.includes(text)),
  );
  for (const path of paths) {
    if (!(await passes(path, undefined)))
      throw new Error(`the tests of ${path} fail without a mutant`);
  }
  const waiting = paths.flatMap((path) => readMutants(path)).filter((one) => !isEqual(one));
  const total = waiting.length;
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let mutant = waiting.pop(); mutant !== undefined; mutant = waiting.pop()) {
      const isKilled = !(await passes(mutant.path, mutant));
      outcomes.push({ mutant, isKilled });
      if (!isKilled) console.log(`survives: ${wordsOf(mutant)}`);
    }
  };
  console.log(`${total} mutants of ${paths.length} files`);
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  report(paths, outcomes);
}

function readMutants(path: string): Mutant[] {
  return makeMutants(path, readFileSync(join(root, path), 'utf8'), toolsFolder);
}

function isEqual({ path, code, from, to }: Mutant): boolean {
  return equalMutants.some(
    (one) => one.path === path && one.code === code && one.from === from && one.to === to,
  );
}

/** Whether every test of the file passes. A mutant that takes too long is noticed, too. */
async function passes(path: string, mutant: Mutant | undefined): Promise<boolean> {
  const loaded: LoadedMutant = {
    file: join(root, path),
    ...{ start: mutant?.start ?? 0, end: mutant?.end ?? 0, to: mutant?.to ?? '' },
  };
  const hook = join(import.meta.dirname, 'mutation/load-mutant.ts');
  const tests = mutatedFiles[path] ?? [];
  const child = spawn(
    process.execPath,
    ['--import', hook, '--test', '--test-isolation=none', ...tests],
    {
      cwd: root,
      stdio: 'ignore',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      env: { ...process.env, USHER_MUTANT: JSON.stringify(loaded) },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

function wordsOf({ path, line, from, to, code }: Mutant): string {
  return `${path}:${line}: ${shown(from)} became ${shown(to)} in: ${shown(code)}`;
}

function shown(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length > 100 ? `${line.slice(0, 100)}...` : line;
}

function report(paths: readonly string[], outcomes: readonly Outcome[]): void {
  console.log('\n=== mutants killed ===');
  for (const path of paths) {
    const ofFile = outcomes.filter(({ mutant }) => mutant.path === path);
    console.log(`${percent(ofFile)} % of ${ofFile.length}: ${path}`);
  }
  const killed = percent(outcomes);
  const unused = equalMutants.filter(
    (one) => paths.includes(one.path) && !readMutants(one.path).some((made) => isSame(one, made)),
  );
  for (const { path, code } of unused) console.log(`listed, but no longer made: ${path}: ${code}`);
  console.log(`${killed} % of ${outcomes.length} in all; ${leastKilled} % are wanted`);
  process.exitCode = killed >= leastKilled && unused.length === 0 ? 0 : 1;
}

function isSame(one: (typeof equalMutants)[number], made: Mutant): boolean {
  return one.code === made.code && one.from === made.from && one.to === made.to;
}

function percent(outcomes: readonly Outcome[]): number {
  const killed = outcomes.filter(({ isKilled }) => isKilled).length;
  return Math.floor((1_000 * killed) / Math.max(1, outcomes.length)) / 10;
}

await main(process.argv.slice(2));
