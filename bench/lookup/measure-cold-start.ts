/**
 * Measures the first two seconds after a cold start. The pages of the data folder are dropped from
 * memory, the server is started, and the load begins as soon as `/readyz` answers 200.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runLoad } from './load.ts';
import { checkReport, warmUp } from './measure.ts';
import type { MeasuredServer, StartedServer } from './measured-server.ts';
import { usherServer } from './peers/usher.ts';
import { quietMachine } from './quiet-machine.ts';
import { runProgram } from './run-program.ts';
import type { UsherData } from './usher-data.ts';

export interface ColdStart {
  /** Requests a second in the first two seconds after a cold start. */
  readonly cold: number;
  /** Requests a second in the first two seconds after a restart with the pages in memory. */
  readonly restarted: number;
  /** Requests a second of a server that has been answering for a while. */
  readonly warm: number;
  /** Milliseconds from the cold start to the first 200 of `/readyz`. */
  readonly coldReadyMs: number;
  /** The share of the data that was still in memory at the cold start, from 0 to 1. */
  readonly leftInMemory: number;
}

export interface ColdOptions {
  readonly contacts: number;
  readonly patienceSeconds: number;
}

const firstSeconds = 2;

export async function measureColdStart(
  data: UsherData,
  { contacts, patienceSeconds }: ColdOptions,
): Promise<ColdStart> {
  const server = usherServer(data, { workers: 1 });
  try {
    const again = await server.start();
    const restarted = await requestsPerSecond(server, again, contacts);
    await warmUp(server, again, { contacts });
    const warm = await requestsPerSecond(server, again, contacts);
    await server.stop();

    await quietMachine([], performance.now() + patienceSeconds * 1000);
    const leftInMemory = await dropFromMemory(data.folder);
    const begun = performance.now();
    const started = await server.start();
    const coldReadyMs = performance.now() - begun;
    const cold = await requestsPerSecond(server, started, contacts);
    return { cold, restarted, warm, coldReadyMs, leftInMemory };
  } finally {
    await server.stop();
  }
}

async function requestsPerSecond(
  server: MeasuredServer,
  { port }: StartedServer,
  contacts: number,
): Promise<number> {
  const load = { contacts, connections: 64, seconds: firstSeconds, seed: 11 };
  const report = await runLoad({ ...load, port, request: server.request });
  checkReport(server, report);
  return report.requests / (report.microseconds / 1e6);
}

/**
 * Asks the kernel to drop the pages of all files in a folder that no process has open.
 * @returns the share that stayed in memory
 */
async function dropFromMemory(folder: string): Promise<number> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  for (const file of files) {
    // dd writes nothing here. It flushes the file and tells the kernel that its pages are not
    // needed.
    const parameters = [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'];
    await runProgram({ name: 'dd', command: 'dd', parameters });
  }
  const parameters = ['--bytes', '--noheadings', '--output', 'RES,SIZE', ...files];
  const lines = (await runProgram({ name: 'fincore', command: 'fincore', parameters })).trim();
  const sizes = lines.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const total = (column: 0 | 1): number => sizes.reduce((sum, it) => sum + (it[column] ?? 0), 0);
  return total(0) / Math.max(1, total(1));
}
