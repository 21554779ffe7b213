/**
 * Checks that every regular expression of the sources and of the schemas is linear, and lists those
 * that are not. The programs that judge them are installed in `scripts/patterns` on first use,
 * without install scripts.
 *
 *     npm run patterns
 *     npm run patterns -- FOLDER    checks another tree
 */
import { join } from 'node:path';
import { installTools, toolsFolder } from './check-tools.ts';
import { findPatterns } from './find-patterns.ts';
import { PatternJudge } from './judge-pattern.ts';

/** Files that build patterns at run time, each with the reason why that is safe. */
const computedAllowed: ReadonlyMap<string, string> = new Map([
  ['server/src/http/problem-response.ts', 'adds a flag to a literal pattern'],
  ['server/src/http/unrouted.ts', 'built from our own routes: texts and [^/]+ between slashes'],
  [
    'server/src/sync/stage/row-sql.ts',
    'runs in the engine (RE2), which is linear for every pattern',
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
    .map(({ place }) => `${place}: builds a pattern that cannot be checked. Write it as a literal`);
  for (const line of [...faults, ...unknown]) console.log(line);
  console.log(`${patterns.length} patterns, ${faults.length + unknown.length} faults`);
  process.exitCode = faults.length + unknown.length === 0 ? 0 : 1;
}

main(process.argv[2] ?? join(import.meta.dirname, '..'));
