/**
 * The gates: programs that read the tree and fail the build. Which rules they hold is in their own
 * files (CONTRIBUTING.md).
 */
import { spawnSync } from 'node:child_process';

interface Gate {
  readonly heading: string;
  readonly command: readonly [program: string, ...parameters: string[]];
}

const gates: readonly Gate[] = [
  { heading: 'types: tsc', command: ['tsc', '-p', 'tsconfig.json'] },
  { heading: 'form and lint: biome', command: ['biome', 'check', '--error-on-warnings'] },
  { heading: 'nothing unused: knip', command: ['knip'] },
  {
    heading: 'contract/openapi.json is current',
    command: ['npm', 'run', 'openapi', '--', '--check'],
  },
  { heading: 'contract/openapi.json is sound', command: ['npm', 'run', 'openapi:lint'] },
  { heading: 'every regular expression is linear', command: ['npm', 'run', 'patterns'] },
];

/**
 * Gates that are written as tests; `npm run check` runs them, and `npm test` runs them before the
 * others.
 */
export const gateTestFiles = ['server/test/architecture.test.ts', 'server/test/docs.test.ts'];

/** Runs every gate, also after one has failed. Returns the headings of those that failed. */
export function runGates(): string[] {
  return gates.filter((gate) => !passes(gate)).map((gate) => gate.heading);
}

function passes(gate: Gate): boolean {
  console.log(`\n=== ${gate.heading} ===`);
  const [program, ...parameters] = gate.command;
  const { status, error } = spawnSync(program, parameters, { stdio: 'inherit' });
  if (error !== undefined) console.log(`${program} could not be started; has "npm ci" been run?`);
  console.log(status === 0 ? 'passed' : 'FAILED');
  return status === 0;
}
