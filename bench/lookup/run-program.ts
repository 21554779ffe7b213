/**
 * Starts other programs for a measurement: pinned to a core, with their output in a log file.
 * However the measurement ends, no program is left running.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { workFolder } from './folders.ts';

/**
 * The measured servers and their databases run on the first of two cores, the load on the second.
 */
export const serverCore = 0;
export const loadCore = 1;

export interface Program {
  /** A short name, for messages and for the log file. */
  readonly name: string;
  readonly command: string;
  readonly parameters: readonly string[];
  /** Added to the environment of the measurement. `undefined` removes a variable from it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The only core that the program may use. Without it, the program may use all cores. */
  readonly core?: number;
  /** The signal that stops the program. The default is SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface RunningProgram {
  readonly pid: number;
  isRunning(): boolean;
  /** Its exit code. `null` if a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Stops the program, and kills it after ten seconds. Does nothing if it has ended. */
  stop(): Promise<void>;
}

const running = new Map<ChildProcess, NodeJS.Signals>();

/** Ends every started program when this one ends. Call it once, before any program is started. */
export function stopProgramsOnExit(): void {
  process.on('exit', () => {
    for (const [child, signal] of running) child.kill(signal);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(130));
  }
}

export function startProgram(program: Program): RunningProgram {
  const stopSignal = program.stopSignal ?? 'SIGTERM';
  const { command, parameters } = pinned(program);
  const log = openLog(program.name);
  const env = { ...process.env, ...program.env };
  const child = spawn(command, parameters, { env, stdio: ['ignore', log, log] });
  closeSync(log);
  running.set(child, stopSignal);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  exited.catch(() => running.delete(child));
  if (child.pid === undefined) throw new Error(`${program.command} could not be started`);
  return {
    pid: child.pid,
    exited,
    isRunning: () => running.has(child),
    stop: async () => {
      if (!running.has(child)) return;
      child.kill(stopSignal);
      const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(force);
    },
  };
}

/**
 * Runs a program to its end.
 * @returns its standard output
 * @throws if it fails, with its standard error
 */
export async function runProgram(program: Program, input?: AsyncIterable<string>): Promise<string> {
  const { command, parameters } = pinned(program);
  const env = { ...process.env, ...program.env };
  const child = spawn(command, parameters, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  running.set(child, program.stopSignal ?? 'SIGTERM');
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await Promise.all([closed, feed(child, input)]);
  running.delete(child);
  const code = await closed;
  if (code !== 0) throw new Error(`${program.name} ended with ${code}: ${complaint.trim()}`);
  return output;
}

async function feed(child: ChildProcess, input: AsyncIterable<string> | undefined): Promise<void> {
  if (child.stdin === null) return;
  try {
    await pipeline(Readable.from(input ?? []), child.stdin);
  } catch {
    // The exit code shows the failure. A broken pipe is only a consequence of it.
  }
}

function pinned({ command, parameters, core }: Program): { command: string; parameters: string[] } {
  if (core === undefined) return { command, parameters: [...parameters] };
  return { command: 'taskset', parameters: ['-c', String(core), command, ...parameters] };
}

function openLog(name: string): number {
  const folder = join(workFolder, 'logs');
  mkdirSync(folder, { recursive: true });
  return openSync(join(folder, `${name}.log`), 'w');
}
