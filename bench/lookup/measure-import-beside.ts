/**
 * Measures the cost and the latency of look-ups while an import runs on the same core: the CPU time
 * of the look-up threads, and separately that of the writer thread and of the import's processes.
 * Measures twice: while the import reads and compares its file, and while the writer applies rows.
 */
import { cpSync, rmSync } from 'node:fs';
import { readCpuTime, readCpuTimeByThread } from './cpu-time.ts';
import { writeDatasetFile } from './data-files.ts';
import { runLoad } from './load.ts';
import { checkReport, latencies, warmUp } from './measure.ts';
import type { MeasuredServer, StartedServer } from './measured-server.ts';
import { usherServer } from './peers/usher.ts';
import { othersShare, quietMachine, readMachineTimes } from './quiet-machine.ts';
import { serverCore, startProgram } from './run-program.ts';
import { importParameters, type UsherData, usher } from './usher-data.ts';
import { waitUntil } from './wait-until.ts';

export interface BesideMeasurement {
  /** The CPU time of the look-up threads alone. */
  readonly cpuUsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Seconds of CPU time during the load. */
  readonly writerSeconds: number;
  readonly importSeconds: number;
  readonly othersShare: number;
}

export interface BesideRound {
  readonly quiet: BesideMeasurement;
  readonly reading: BesideMeasurement;
  readonly applying: BesideMeasurement;
  /**
   * Whether the import still applied rows when the last load ended. If not, part of the load ran
   * without it.
   */
  readonly importOutlastedLoad: boolean;
}

export interface BesideOptions {
  readonly contacts: number;
  readonly seconds: number;
  readonly seed: number;
  readonly patienceSeconds: number;
}

/** After this much CPU time the import has started and reads rows. */
const importStartedUs = 800_000;
/** After this much CPU time the writer has begun the run and applies batches. */
const writerStartedUs = 300_000;

/** One round, on a copy of the data that is deleted afterwards. */
export async function measureImportBeside(
  data: UsherData,
  options: BesideOptions,
): Promise<BesideRound> {
  const file = writeDatasetFile('shop', options.contacts, 2);
  const copy = { ...data, folder: `${data.folder}-import` };
  rmSync(copy.folder, { recursive: true, force: true });
  cpSync(data.folder, copy.folder, { recursive: true });
  const server = usherServer(copy, { workers: 1 });
  try {
    const started = await server.start();
    await warmUp(server, started, options);
    await quietMachine(started.pids, performance.now() + options.patienceSeconds * 1000);
    const quiet = await measureThreads(server, started, options);
    return { quiet, ...(await measureWhileImporting({ server, started, copy, file, options })) };
  } finally {
    await server.stop();
    rmSync(copy.folder, { recursive: true, force: true });
  }
}

interface Importing {
  readonly server: MeasuredServer;
  readonly started: StartedServer;
  readonly copy: UsherData;
  readonly file: string;
  readonly options: BesideOptions;
}

async function measureWhileImporting({ server, started, copy, file, options }: Importing) {
  const [pid = 0] = started.pids;
  const before = writerTime(pid);
  const program = startProgram({
    ...usher(copy.folder, importParameters('shop', file)),
    name: 'usher-import',
    core: serverCore,
    stopSignal: 'SIGINT',
  });
  const until = (condition: () => boolean): Promise<void> =>
    waitUntil(async () => condition() || !program.isRunning(), {
      what: 'the import beside look-ups',
      within: 300_000,
    });
  try {
    await until(() => readCpuTime([program.pid]) > importStartedUs);
    const reading = await measureThreads(server, started, options, program.pid);
    await until(() => writerTime(pid) - before > writerStartedUs);
    const applying = await measureThreads(server, started, options, program.pid);
    return { reading, applying, importOutlastedLoad: program.isRunning() };
  } finally {
    await program.stop();
  }
}

/** @param importPid a process that is not a child of the server */
export async function measureThreads(
  server: MeasuredServer,
  { port, pids: [pid = 0] }: StartedServer,
  options: BesideOptions,
  importPid?: number,
): Promise<BesideMeasurement> {
  const importPids = importPid === undefined ? [] : [importPid];
  const all = [pid, ...importPids];
  const readTimes = () => ({
    lookup: lookupTime(pid),
    writer: writerTime(pid),
    import: readCpuTime(importPids),
  });
  const before = readTimes();
  const machineBefore = readMachineTimes(all);
  const report = await runLoad({ ...options, connections: 64, port, request: server.request });
  const after = readTimes();
  const others = othersShare(machineBefore, readMachineTimes(all));
  checkReport(server, report);
  return {
    cpuUsPerRequest: (after.lookup - before.lookup) / report.requests,
    ...latencies(report),
    writerSeconds: (after.writer - before.writer) / 1e6,
    importSeconds: Math.max(0, after.import - before.import) / 1e6,
    othersShare: others,
  };
}

function lookupTime(pid: number): number {
  const times = [...readCpuTimeByThread(pid)].filter(([name]) => name.startsWith('usher-lookup'));
  if (times.length === 0) throw new Error('No thread is named usher-lookup.');
  return times.reduce((sum, [, time]) => sum + time, 0);
}

function writerTime(pid: number): number {
  return readCpuTimeByThread(pid).get('usher-writer') ?? 0;
}
