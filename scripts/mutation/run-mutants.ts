/**
 * A process that tries the mutants of one file, one after another, and tells its parent of each.
 * The parent (`try-mutants.ts`) ends it when a mutant loops for ever, and starts another one with
 * the rest.
 */
import { join } from 'node:path';
import { type CollectedTest, takeCollectedTests } from './collected-tests.ts';
import type { Mutant } from './make-mutants.ts';
import { loadTests, startLoader } from './mutant-loader.ts';

export interface MutantOrder {
  /** Absolute. */
  readonly root: string;
  /** From the root. */
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
}

export interface MutantReport {
  /** Of the mutant in the order; -1: the sources as they are. */
  readonly index: number;
  /** The test that failed, or the fault of a mutant that cannot be loaded. */
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

/** Quick tests are run first: most mutants fail one of them. */
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
