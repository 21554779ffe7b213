/**
 * Sends look-ups at a fixed rate, whatever the answers do: `open-load.c` on its own core. Each
 * latency counts from the moment at which the request was due.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { emailWords } from './contacts-data.ts';
import { workFolder } from './folders.ts';
import type { Load, LoadReport } from './load.ts';
import { loadCore, runProgram } from './run-program.ts';

export interface OpenLoad extends Load {
  /** Requests per second. */
  readonly rate: number;
}

/** Latencies are exact to 1 %. */
export interface OpenLoadReport extends Omit<LoadReport, 'bytes'> {
  readonly p999Us: number;
  readonly worstUs: number;
  /** How late the generator itself sent requests for which a connection was free. */
  readonly lateP99Us: number;
  readonly lateP999Us: number;
  readonly lateWorstUs: number;
  /** The share of its core that the generator used, from 0 to 1. */
  readonly cpuShare: number;
}

const source = join(import.meta.dirname, 'open-load.c');
const program = join(workFolder, 'open-load');

/** Compiles the generator, unless that was done. */
export async function compileOpenLoad(): Promise<void> {
  const isNew = modifiedMs(program) > modifiedMs(source);
  if (isNew) return;
  const parameters = ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source];
  await runProgram({ name: 'cc', command: 'cc', parameters });
}

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

export async function runOpenLoad(load: OpenLoad): Promise<OpenLoadReport> {
  const { first, last, domains } = emailWords;
  const { port, rate, seconds, connections, seed, contacts, request } = load;
  const output = await runProgram({
    name: 'open-load',
    command: program,
    core: loadCore,
    parameters: [
      ...[port, rate, seconds, connections, seed, contacts].map(String),
      ...[request.before, request.after, first.join(','), last.join(','), domains.join(',')],
    ],
  });
  const report: OpenLoadReport = JSON.parse(output);
  return report;
}
