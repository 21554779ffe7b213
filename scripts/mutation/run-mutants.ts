/**
 * A process that tries the mutants of one file in order and reports each to its parent. If a mutant
 * loops for ever, the parent (`try-mutants.ts`) kills the process and starts another one with the
 * rest.
 */
import { join } from 'node:path';
import { type CollectedTest, takeCollectedTests } from './collected-tests.ts';
import type { Mutant } from './make-mutants.ts';
import { loadTests, startLoader } from './mutant-loader.ts';

export interface MutantOrder {
  /** An absolute path. */
  readonly root: string;
  /** The paths of the test files from the root of the tree. */
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
}

export interface MutantReport {
  /** The index of the mutant. -1 for the unchanged sources. */
  readonly index: number;
  /** The test that failed, or the error of a mutant that cannot be loaded. */
  readonly failure: string | undefined;
  readonly durationMs: number;
}

const durations = new Map<string, number>();

process.once('message', (order: MutantOrder) => void runAll(order));

async function runAll(order: MutantOrder): Promise<void> {
  startLoader();
  for (let index = -1; index < order.mutants.length; index += 1) {
    const startMs = performance.now();
    const failure = await firstFailure(order, index);
    tell({ index, failure, durationMs: performance.now() - startMs });
  }
  process.disconnect?.();
}

function tell(report: MutantReport): void {
  process.send?.(report);
}

/** Runs quick tests first, because most mutants fail one of them. */
async function firstFailure(order: MutantOrder, index: number): Promise<string | undefined> {
  try {
    for (const path of order.tests) {
      await loadTests(join(order.root, path), index, order.mutants[index]);
    }
  } catch (error) {
    return `cannot be loaded: ${String(error)}`;
  }
  const timeOf = ({ name }: CollectedTest) => durations.get(name) ?? 0;
  const tests = [...takeCollectedTests()].sort((one, other) => timeOf(one) - timeOf(other));
  for (const { name, run } of tests) {
    const startMs = performance.now();
    try {
      await run();
    } catch {
      return name;
    }
    if (index === -1) durations.set(name, performance.now() - startMs);
  }
  return undefined;
}
