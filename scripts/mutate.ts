/**
 * Mutation testing of access control. Changes one thing in a source file, runs the file's quick
 * tests, and checks that one of them fails. Such a change is a mutant; a test that fails kills it.
 * Nine of ten mutants must be killed, in each file and in total. Mutants that change no behaviour
 * are listed in `mutation/equal-mutants.ts`, each with its reason, and do not count.
 *
 *     npm run test:mutation
 *     npm run test:mutation -- TEXT...    only files whose path contains one of the texts
 *
 * This is our own script because it is small and quick. A mutant takes a few milliseconds, because
 * it exists only in the memory of one process (`mutation/mutant-loader.ts`). Stryker copies the
 * tree, and starts `node:test` again for each mutant.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { installTools, toolsFolder } from './check-tools.ts';
import { type EqualMutant, equalMutants } from './mutation/equal-mutants.ts';
import { type Mutant, makeMutants } from './mutation/make-mutants.ts';
import { mutatedFiles } from './mutation/mutated-files.ts';
import { type Outcome, tryMutants } from './mutation/try-mutants.ts';

const root = join(import.meta.dirname, '..');

/** How many of a hundred mutants that change behaviour must be killed. */
const leastKilled = 90;

interface FileOutcome {
  readonly path: string;
  readonly outcomes: readonly Outcome[];
  /** Mutants that are listed as equal and were not tried. */
  readonly equal: number;
  /** Mutants that are listed but no longer made. */
  readonly unused: readonly EqualMutant[];
}

async function main(texts: readonly string[]): Promise<void> {
  installTools();
  const paths = Object.keys(mutatedFiles).filter(
    (path) => texts.length === 0 || texts.some((text) => path.includes(text)),
  );
  const waiting = [...paths];
  const files: FileOutcome[] = [];
  const work = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      files.push(await tryFile(path));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  report(files.sort((one, other) => (one.path < other.path ? -1 : 1)));
}

async function tryFile(path: string): Promise<FileOutcome> {
  const made = makeMutants(path, readFileSync(join(root, path), 'utf8'), toolsFolder);
  const listed = equalMutants.filter((one) => one.path === path);
  const mutants = made.filter((mutant) => !listed.some((one) => isSame(one, mutant)));
  const outcomes = await tryMutants({ root, tests: mutatedFiles[path] ?? [], mutants });
  for (const { mutant, killer } of outcomes) {
    if (killer === undefined) console.log(`survives: ${wordsOf(mutant)}`);
  }
  const unused = listed.filter((one) => !made.some((mutant) => isSame(one, mutant)));
  return { path, outcomes, equal: made.length - mutants.length, unused };
}

function isSame(one: EqualMutant, made: Mutant): boolean {
  return one.code === made.code && one.from === made.from && one.to === made.to;
}

function wordsOf({ path, line, from, to, code }: Mutant): string {
  return `${path}:${line}: ${shown(from)} became ${shown(to)} in: ${shown(code)}`;
}

function shown(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length > 100 ? `${line.slice(0, 100)}...` : line;
}

function report(files: readonly FileOutcome[]): void {
  const all: FileOutcome = {
    path: 'all',
    outcomes: files.flatMap(({ outcomes }) => outcomes),
    equal: files.reduce((sum, { equal }) => sum + equal, 0),
    unused: files.flatMap(({ unused }) => unused),
  };
  const rows = [...files, all];
  console.log('\n=== mutants killed ===');
  const heads = ['mutants', 'killed', 'equal', 'survivors', 'percent'];
  console.log(tableLine(heads, 'file'));
  for (const row of rows) console.log(tableLine(countsOf(row), row.path));
  for (const { path, code } of all.unused) {
    console.log(`listed as equal, but no longer made: ${path}: ${code}`);
  }
  const low = rows.filter(({ outcomes }) => percentOf(outcomes) < leastKilled);
  for (const { path } of low) console.log(`under ${leastKilled} %: ${path}`);
  process.exitCode = low.length + all.unused.length === 0 ? 0 : 1;
}

function tableLine(cells: readonly string[], path: string): string {
  return `${cells.map((cell) => cell.padStart(10)).join('')}  ${path}`;
}

function countsOf({ outcomes, equal }: FileOutcome): string[] {
  const killed = countKilled(outcomes);
  const counts = [outcomes.length + equal, killed, equal, outcomes.length - killed];
  return [...counts.map(String), percentOf(outcomes).toFixed(1)];
}

/** To one decimal, rounded down. */
function percentOf(outcomes: readonly Outcome[]): number {
  if (outcomes.length === 0) return 100;
  return Math.floor((1_000 * countKilled(outcomes)) / outcomes.length) / 10;
}

function countKilled(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ killer }) => killer !== undefined).length;
}

await main(process.argv.slice(2));
