/**
 * Tries the mutants of one file in a process of their own, which is begun anew behind a mutant that
 * does not end.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Mutant } from './make-mutants.ts';
import type { MutantOrder, MutantReport } from './run-mutants.ts';

export interface Outcome {
  readonly mutant: Mutant;
  /** The test that failed, or that the mutant does not end; `undefined`: it survives. */
  readonly killer: string | undefined;
}

/**
 * How long a mutant may take: so many times what the tests take without one, and a time for the
 * machine's other work.
 */
const patience = 10;
const leastPatienceMs = 5_000;
const startPatienceMs = 120_000;

/** @throws when the tests fail without a mutant */
export async function tryMutants(order: MutantOrder): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < order.mutants.length) {
    const rest = order.mutants.slice(outcomes.length);
    await tryUntilStuck({ ...order, mutants: rest }, outcomes);
  }
  return outcomes;
}

/**
 * Ends with the last mutant, or with the first that does not end or that ends the process; that one
 * is killed.
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
  if (fault !== undefined) throw new Error(`without a mutant: ${fault}`);
  const [mutant] = waiting;
  if (mutant !== undefined) outcomes.push({ mutant, killer: 'it does not end' });
}

function stopLater(child: ChildProcess, limitMs: number): NodeJS.Timeout {
  return setTimeout(() => child.kill('SIGKILL'), limitMs);
}
