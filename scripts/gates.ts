/**
 * The gates: programs that read the tree and fail the build. They run at the same time, and each
 * prints its output when it ends. CONTRIBUTING.md lists their rules.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { digestInputs, PassedGates } from './gate-inputs.ts';
import type { Slots } from './slots.ts';

interface Gate {
  readonly heading: string;
  readonly command: readonly [program: string, ...parameters: string[]];
  /** Further parameters, with which the gate reuses results of an earlier run. */
  readonly incremental?: readonly string[];
  /** The files and folders that it reads. */
  readonly reads: readonly string[];
}

/** The gates, the slowest first. */
const gates: readonly Gate[] = [
  {
    heading: 'types: tsc',
    command: ['tsc', '-p', 'tsconfig.json'],
    incremental: ['--incremental', '--tsBuildInfoFile', 'node_modules/.cache/usher/tsc.json'],
    reads: ['.'],
  },
  {
    heading: 'types of the console: tsc',
    command: ['tsc', '-p', 'console'],
    incremental: ['--incremental', '--tsBuildInfoFile', 'node_modules/.cache/usher/console.json'],
    reads: ['console', 'contract', 'tsconfig.json', 'package-lock.json'],
  },
  {
    heading: 'contract/openapi.json is valid',
    command: ['node', 'contract/scripts/lint-openapi.ts'],
    reads: ['contract'],
  },
  {
    heading: 'form and lint: biome',
    command: ['biome', 'check', '--error-on-warnings'],
    reads: ['.'],
  },
  { heading: 'nothing unused: knip', command: ['knip'], reads: ['.'] },
  {
    heading: 'every regular expression is linear',
    command: ['node', 'scripts/check-patterns.ts'],
    reads: ['server/src', 'server/bin', 'client', 'console/src', 'contract', 'scripts'],
  },
  {
    heading: 'contract/openapi.json is current',
    command: ['node', 'contract/scripts/write-openapi.ts', '--check'],
    reads: ['contract'],
  },
];

/**
 * Gates that are written as tests. `npm run check` runs them, and `npm test` begins them before
 * the other tests.
 */
export const gateTestFiles = ['server/test/architecture.test.ts', 'server/test/docs.test.ts'];

/**
 * Runs every gate, even after one has failed.
 * @param isFresh whether to run gates that have passed on the same files
 * @returns the headings of the gates that failed
 */
export async function runGates(slots: Slots, isFresh: boolean): Promise<string[]> {
  const passed = new PassedGates();
  const results = gates.map(async (gate) => {
    const isGood = await slots.run(() => (isFresh ? runGate(gate, []) : runIfNew(gate, passed)));
    return isGood ? [] : [gate.heading];
  });
  return (await Promise.all(results)).flat();
}

async function runIfNew(gate: Gate, passed: PassedGates): Promise<boolean> {
  const { heading, reads, incremental = [] } = gate;
  const inputs = { command: [...gate.command, ...incremental].join(' '), reads };
  const before = digestInputs(inputs);
  if (passed.has(heading, before)) {
    console.log(`\n=== ${heading} ===\nskipped, because it passed before on the same files`);
    return true;
  }
  const isGood = await runGate(gate, incremental);
  // Files that changed during the gate may not have been read.
  passed.note(heading, isGood && digestInputs(inputs) === before ? before : undefined);
  return isGood;
}

async function runGate(
  { heading, command }: Gate,
  parameters: readonly string[],
): Promise<boolean> {
  const [program, ...usual] = command;
  const child = spawn(program, [...usual, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close').catch(() => {
    output += `${program} could not be started. Run "npm ci" first.\n`;
    return [null];
  });
  console.log(`\n=== ${heading} ===\n${output}${code === 0 ? 'passed' : 'FAILED'}`);
  return code === 0;
}
