/**
 * Runs one test file in a process that leads its own session. If the file takes longer than its
 * limit, it is killed with every process that it started. The counts are parsed from node's spec
 * output.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { belongingsOf } from './process-tree.ts';
import { makeScratchFolder, removeScratchFolder } from './scratch-folder.ts';

const countNames = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const;

export type FileCounts = Readonly<Record<(typeof countNames)[number], number>>;

export interface FileResult {
  readonly file: string;
  readonly counts: FileCounts;
  readonly isGood: boolean;
  /** Why the file failed, if its own tests do not say so. */
  readonly trouble: string | undefined;
  readonly durationMs: number;
  /** The output, without the counts. */
  readonly output: string;
  /** The part of it that tells of the failed tests. */
  readonly failures: string;
}

export const noFileCounts: FileCounts = {
  ...{ tests: 0, suites: 0, pass: 0, fail: 0 },
  ...{ cancelled: 0, skipped: 0, todo: 0 },
};

export interface RunningFile {
  readonly result: Promise<FileResult>;
  /** Kills the file and every process that it started. */
  end(): Promise<void>;
}

/** A process that still exists after this many rounds cannot be killed. */
const maxKillRounds = 200;
const killPauseMs = 25;

/**
 * The folder where node caches compiled sources, for the test files and for the servers that they
 * start (`server/bin/usher.js`). The cache saves half a second for each file.
 */
const compiledCode = new URL('../server/node_modules/.cache/compiled', import.meta.url).pathname;

export function runTestFile(file: string, limitMs: number): RunningFile {
  const startMs = performance.now();
  const mark = `TEST_FILE_RUN=${randomUUID()}`;
  const scratch = makeScratchFolder();
  const child = startFile(file, mark, scratch);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    void endAll(child, mark);
  }, limitMs);
  const result = whenEnded(child).then(async (exit): Promise<FileResult> => {
    clearTimeout(late);
    // Processes that a file leaves behind would slow down the other files.
    await endAll(child, mark);
    await removeScratchFolder(scratch);
    const seconds = limitMs / 1_000;
    const trouble = isLate
      ? `it took longer than ${seconds} s and was killed with all its processes`
      : exit.trouble;
    const run = { file, output, trouble, durationMs: performance.now() - startMs };
    return resultOf(run, exit.code);
  });
  return { result, end: () => endAll(child, mark) };
}

function startFile(file: string, mark: string, scratch: string): ChildProcess {
  const [name = '', value] = mark.split('=');
  // A test runner that runs this script sets `NODE_TEST_CONTEXT`. The test file must not report to
  // that runner.
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  return spawn(process.execPath, ['--test-reporter=spec', '--test-force-exit', file], {
    env: { NODE_COMPILE_CACHE: compiledCode, ...environment, TMPDIR: scratch, [name]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

interface Exit {
  readonly code: number | null;
  /** The reason of a failure other than failed tests. */
  readonly trouble: string | undefined;
}

function whenEnded(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, trouble: 'it could not be started' }));
    // Not `close`, because a process that the file left behind may hold its output open.
    child.once('exit', (code, signal) => {
      setImmediate(() => {
        if (signal !== null) resolve({ code, trouble: `it was ended by ${signal}` });
        else if (code === 0 || code === 1) resolve({ code, trouble: undefined });
        else resolve({ code, trouble: `it ended with exit code ${code}` });
      });
    });
  });
}

/**
 * Kills until nothing is left, because a process may start another one just before it is killed.
 */
async function endAll(child: ChildProcess, mark: string): Promise<void> {
  const leader = child.pid;
  if (leader === undefined) return;
  for (let round = 0; round < maxKillRounds; round += 1) {
    kill(-leader);
    const left = belongingsOf(leader, mark);
    if (left.length === 0) return;
    for (const id of left) kill(id);
    await delay(killPauseMs);
  }
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // The process has ended already.
  }
}

function resultOf(
  run: Pick<FileResult, 'file' | 'output' | 'trouble' | 'durationMs'>,
  code: number | null,
): FileResult {
  const counts = readCounts(run.output);
  const { trouble = troubleOf(counts, code) } = run;
  const { tests, fail } = counts ?? noFileCounts;
  // Counts as one more failed test, so that it shows in the sum.
  const late = trouble === undefined ? {} : { tests: tests + 1, fail: fail + 1 };
  const counted = { ...noFileCounts, ...counts, ...late };
  const output = run.output.replaceAll(countLine, '');
  const failuresAt = output.lastIndexOf('\n✖ failing tests:\n');
  return {
    ...run,
    output,
    failures: failuresAt === -1 ? '' : output.slice(failuresAt),
    trouble,
    counts: counted,
    isGood: counted.fail + counted.cancelled === 0,
  };
}

function troubleOf(counts: FileCounts | undefined, code: number | null): string | undefined {
  if (counts === undefined) return 'it ended before its tests did';
  const isToldOf = code === 0 || counts.fail + counts.cancelled > 0;
  return isToldOf ? undefined : `it ended with exit code ${code}`;
}

const countLine = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [0-9.]+\n/gm;

function readCounts(output: string): FileCounts | undefined {
  const found = new Map<string, number>();
  for (const name of countNames) {
    const last = output.lastIndexOf(`\nℹ ${name} `);
    if (last === -1) return undefined;
    found.set(name, Number.parseInt(output.slice(last + `\nℹ ${name} `.length), 10));
  }
  return { ...noFileCounts, ...Object.fromEntries(found) };
}
