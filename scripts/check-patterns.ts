/**
 * Checks that every regular expression of the sources and of the schemas is linear, and names each
 * that is not. The programs that judge them are installed on first use, in `scripts/patterns`,
 * without running install scripts.
 *
 *     npm run patterns
 *     npm run patterns -- FOLDER    another tree than this one
 */
import { join } from 'node:path';
import { installTools, toolsFolder } from './check-tools.ts';
import { findPatterns } from './find-patterns.ts';
import { PatternJudge } from './judge-pattern.ts';

/** Files that make patterns while they run, each with the reason why that is safe. */
const computedAllowed: ReadonlyMap<string, string> = new Map([
  ['server/src/http/problem-response.ts', 'another flag for a pattern that is a literal'],
  ['server/src/http/unrouted.ts', 'made of our own routes: texts and [^/]+ between slashes'],
  [
    'server/src/sync/stage/row-sql.ts',
    'for the engine (RE2), which is linear whatever it is given',
  ],
]);

function main(root: string): void {
  installTools();
  const { patterns, computed } = findPatterns(root, toolsFolder);
  const judge = new PatternJudge(toolsFolder);
  const faults = patterns.flatMap(({ place, source, flags }) => {
    const fault = judge.judge(source, flags);
    return fault === '' ? [] : [`${place}: /${source}/${flags} is not linear: ${fault}`];
  });
  judge.keep();
  const unknown = computed
    .filter(({ path }) => !computedAllowed.has(path))
    .map(({ place }) => `${place}: makes a pattern that no check can read; write it as a literal`);
  for (const line of [...faults, ...unknown]) console.log(line);
  console.log(`${patterns.length} patterns, ${faults.length + unknown.length} faults`);
  process.exitCode = faults.length + unknown.length === 0 ? 0 : 1;
}

main(process.argv[2] ?? join(import.meta.dirname, '..'));
