/** The measurements so far. They are printed at once, and kept if the run fails. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workFolder } from './folders.ts';
import type { Measurement } from './measure.ts';

/** One JSON object per line, for the last run only. */
export const progressFile = join(workFolder, 'measured.ndjson');

export function startProgress(): void {
  mkdirSync(dirname(progressFile), { recursive: true });
  writeFileSync(progressFile, '');
}

/** Prints one line and stores the numbers. */
export function noteMeasured(round: number, what: string, found: Measurement): void {
  appendFileSync(progressFile, `${JSON.stringify({ round, what, ...found })}\n`);
  const others = found.othersShare * 100;
  console.error(
    `  ${what}, ${found.connections} connections: ${found.cpuUsPerRequest.toFixed(2)} µs of CPU, ` +
      `p99 ${found.p99Us.toFixed(0)} µs, others ${others.toFixed(0)} %`,
  );
}

/** Prints and stores figures that do not belong to the load of one server. */
export function noteFigures(round: number, what: string, figures: object): void {
  appendFileSync(progressFile, `${JSON.stringify({ round, what, ...figures })}\n`);
  console.error(`  ${what}: ${JSON.stringify(figures)}`);
}
