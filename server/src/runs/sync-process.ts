/**
 * Runs a sync as a process of its own, the command `usher sync run`: its priority is low, and a
 * crash of it does not affect the server. It stops when the server dies, since that closes their
 * channel.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunTrigger } from '../catalog/catalog.ts';
import { endWork } from '../sources/end-work.ts';
import { letLookupsGoFirst } from './let-lookups-go-first.ts';
import { maxSyncOutputBytes, syncKillMs, syncStopMs } from './limits.ts';

export interface SyncCall {
  readonly dataFolder: string;
  readonly organization: string;
  readonly dataset: string;
  readonly trigger: RunTrigger;
  /** The waiting run that was approved. */
  readonly approval: string | null;
}

export interface SyncEnd {
  /** `waiting`: the run waits for approval, which is no failure. */
  readonly outcome: 'succeeded' | 'waiting' | 'failed' | 'interrupted';
  /** The JSON that the command printed, or else its last lines. It holds no personal value. */
  readonly report: unknown;
}

export interface StartedSync {
  readonly ended: Promise<SyncEnd>;
  /**
   * Asks the process to stop, and kills it if that takes too long; the next run applies the rest.
   */
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../../bin/usher.js', import.meta.url));
/**
 * The codes of `cli/exit-code.ts` for success, and for success with rejected rows: another attempt
 * would reject the same rows.
 */
const appliedCodes: ReadonlySet<number | null> = new Set([0, 4]);
const interruptedCode = 130;

export function startSync(call: SyncCall): StartedSync {
  const command = ['sync', 'run', call.dataset, '--organization', call.organization];
  const flags = ['--trigger', call.trigger, '--data', call.dataFolder, '--json', '--quiet'];
  if (call.approval !== null) flags.push('--approval', call.approval);
  const child = spawn(process.execPath, [program, ...command, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  letLookupsGoFirst(child);
  let isStopping = false;
  const stdout = keepOutput(child.stdout);
  const stderr = keepOutput(child.stderr);
  const ended = new Promise<SyncEnd>((resolve) => {
    child.once('error', () => resolve({ outcome: 'failed', report: 'it could not be started' }));
    child.once('close', (code, signal) => {
      // A signal ended the process before it could stop cleanly.
      const isStopped = signal === 'SIGINT' || (isStopping && signal !== null);
      if (isStopped) resolve({ outcome: 'interrupted', report: null });
      else resolve(endOf(code, stdout(), stderr()));
    });
  });
  return {
    ended,
    stop: async () => {
      isStopping = true;
      await endWork(ended, [
        { cancel: () => void child.kill('SIGINT'), boundMs: syncStopMs, isOnce: true },
        { cancel: () => void child.kill('SIGKILL'), boundMs: syncKillMs },
      ]);
    },
  };
}

function endOf(code: number | null, stdout: string, stderr: string): SyncEnd {
  if (code === interruptedCode) return { outcome: 'interrupted', report: null };
  const report = parsed(stdout) as { readonly state?: unknown } | null | undefined;
  if (appliedCodes.has(code)) return { outcome: 'succeeded', report };
  return report?.state === 'waiting'
    ? { outcome: 'waiting', report }
    : { outcome: 'failed', report: parsed(stderr) ?? stderr.trim().slice(-500) };
}

function keepOutput(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    if (text.length < maxSyncOutputBytes) text += chunk.toString();
  });
  return () => text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
