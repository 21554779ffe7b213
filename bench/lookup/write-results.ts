/**
 * Writes the measurements into `bench/results/`, with a description of the machine that contains no
 * name of it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { resultsFolder } from './folders.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly date: string;
}

export function describeMachine(now: Date): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    date: now.toISOString().slice(0, 10),
  };
}

export interface Results {
  /** The name of the two files, without extension. */
  readonly name: string;
  readonly title: string;
  readonly machine: Machine;
  /** Why the results are only printed. `undefined` if both files are written. */
  readonly notKept: string | undefined;
  /** Markdown below the title and the machine. */
  readonly text: string;
  /** All the numbers, for programs. */
  readonly data: object;
}

/** Prints the text, and writes both files unless `notKept` is set. */
export function writeResults({ name, title, machine, notKept, text, data }: Results): void {
  const { cpu, cores, memoryGb, kernel, node, date } = machine;
  const where = `${date}: ${cpu}, ${cores} cores, ${memoryGb} GB, Linux ${kernel}, Node ${node}`;
  const page = `# ${title}\n\n${where}\n\n${text}\n`;
  console.log(page);
  if (notKept !== undefined) {
    console.error(`Nothing was written to bench/results: ${notKept}.`);
    return;
  }
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(join(resultsFolder, `${name}.md`), page);
  const json = JSON.stringify({ machine, ...data }, roundNumber, 2);
  writeFileSync(join(resultsFolder, `${name}.json`), `${json}\n`);
}

/** More digits would suggest a precision that the numbers do not have. */
function roundNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}

/** The version that a program prints, on one line. */
export function versionOf(command: string, parameter: string): string {
  const { stdout, stderr } = spawnSync(command, [parameter], { encoding: 'utf8' });
  return `${stdout}${stderr}`.split('\n')[0]?.trim() ?? '';
}
