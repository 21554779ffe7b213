/**
 * Tries the mutants of one file in a process of their own. The process is started again after a
 * mutant that does not end.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Mutant } from './make-mutants.ts';
import type { MutantOrder, MutantReport } from './run-mutants.ts';

export interface Outcome {
  readonly mutant: Mutant;
  /**
   * The test that failed, or a note that the mutant does not end. `undefined` if the mutant
   * survives.
   */
  readonly killer: string | undefined;
}

/**
 * The time limit of a mutant: a multiple of the tests' time without a mutant, plus time for other
 * work of the machine.
 */
const patience = 10;
const leastPatienceMs = 5_000;
const startPatienceMs = 120_000;

/** @throws if the tests fail without a mutant */
export async function tryMutants(order: MutantOrder): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < order.mutants.length) {
    const rest = order.mutants.slice(outcomes.length);
    await tryUntilStuck({ ...order, mutants: rest }, outcomes);
  }
  return outcomes;
}

/**
 * Returns after the last mutant, or after the first one that does not end or that ends the process.
 * The process of such a mutant is killed.
 */
async function tryUntilStuck(order: MutantOrder, outcomes: Outcome[]): Promise<void> {
  const child = fork(join(import.meta.dirname, 'run-mutants.ts'), { stdio: 'ignore' });
  const waiting = [...order.mutants];
  let fault: string | undefined = 'the tests could not be started';
  let limitMs = startPatienceMs;
  let stop = stopLater(child, limitMs);
  child.on('message', ({ index, failure, durationMs }: MutantReport) => {
    clearTimeout(stop);
    if (index === -1) {
      fault = failure;
      limitMs = leastPatienceMs + patience * durationMs;
      if (failure !== undefined) child.kill('SIGKILL');
    } else {
      const mutant = waiting.shift();
      if (mutant !== undefined) outcomes.push({ mutant, killer: failure });
    }
    stop = stopLater(child, limitMs);
  });
  child.send(order);
  await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(stop);
  if (fault !== undefined) throw new Error(`the tests fail without a mutant: ${fault}`);
  const [mutant] = waiting;
  if (mutant !== undefined) outcomes.push({ mutant, killer: 'the mutant does not end' });
}

function stopLater(child: ChildProcess, limitMs: number): NodeJS.Timeout {
  return setTimeout(() => child.kill('SIGKILL'), limitMs);
}
