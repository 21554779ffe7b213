/**
 * `npm run bench:import`: Usher's import beside DuckDB's bare scan of the same file and PostgreSQL's COPY of ready rows, in one
 * run, on all cores. `README.md` tells how to read the outcome.
 */
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  type ImportMeasurement,
  measureCopy,
  measureScan,
  measureUsherImport,
  readThrough,
} from './import/measure-import.ts';
import { type ImportRound, reportImport } from './import/report-import.ts';
import { writeReadyFile, writeWholeFile } from './lookup/data-files.ts';
import { startPostgres } from './lookup/databases/postgres.ts';
import { importTools, installTools } from './lookup/install-peers.ts';
import { othersShare, quietMachine, readMachineTimes } from './lookup/quiet-machine.ts';
import { positive } from './lookup/read-options.ts';
import { stopProgramsOnExit } from './lookup/run-program.ts';
import { describeMachine } from './lookup/write-results.ts';

const contestants = ['duckdb', 'postgres', 'usher'] as const;
type Contestant = (typeof contestants)[number];

async function main(): Promise<void> {
  const { rows, rounds, patienceSeconds, only } = readFlags();
  stopProgramsOnExit();
  installTools(importTools);
  console.error(`writing ${rows} rows, unless they are there`);
  const file = writeWholeFile(rows);
  const ready = writeReadyFile(rows);
  const postgres = await startPostgres();
  const measure: Record<Contestant, () => Promise<ImportMeasurement>> = {
    duckdb: () => measureScan(file, rows),
    postgres: () => measureCopy(postgres, ready, rows),
    usher: () => measureUsherImport(file, rows),
  };
  const found: Record<Contestant, ImportRound[]> = { duckdb: [], postgres: [], usher: [] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of only) {
      console.error(`round ${round} of ${rounds}: ${contestant}`);
      await readThrough([file, ready]);
      await quietMachine([postgres.pid], performance.now() + patienceSeconds * 1000);
      const before = readMachineTimes([postgres.pid]);
      const measured = await measure[contestant]();
      const others = othersShare(before, readMachineTimes([postgres.pid]));
      found[contestant].push({ ...measured, othersShare: others });
    }
  }
  await postgres.stop();
  const machine = describeMachine(new Date());
  reportImport({ rows, fileBytes: statSync(file).size, machine, ...found });
}

interface Flags {
  readonly rows: number;
  readonly rounds: number;
  readonly patienceSeconds: number;
  readonly only: readonly Contestant[];
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      patience: { type: 'string', default: '30' },
      only: { type: 'string', default: contestants.join(',') },
    },
  });
  const wanted = values.only.split(',');
  return {
    rows: positive('rows', values.rows),
    rounds: positive('rounds', values.rounds),
    patienceSeconds: positive('patience', values.patience),
    only: contestants.filter((contestant) => wanted.includes(contestant)),
  };
}

// A failure ends every program that was started, as any other end does.
await main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
