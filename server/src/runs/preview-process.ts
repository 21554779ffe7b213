/**
 * Runs a preview as a process of its own, the command `usher segment preview`: its priority is low,
 * so that look-ups go first, and its memory and time are bounded. Cancelling kills it, because it
 * writes nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type {
  EstimateView,
  PreviewSubject,
  PreviewView,
} from '../administration/rule/preview-segment.ts';
import { UsherError } from '../domain/errors.ts';
import { rulesTooCostly, tooCostlyExitCode } from '../membership/rule-work.ts';
import { endWork } from '../sources/end-work.ts';
import { letLookupsGoFirst } from './let-lookups-go-first.ts';
import {
  maxPreviewMs,
  maxPreviews,
  previewHeapMegabytes,
  previewStopMs,
  syncKillMs,
} from './limits.ts';

export interface PreviewCall {
  readonly dataFolder: string;
  readonly organization: string;
  /** Checked, and noted in the audit log. */
  readonly subject: PreviewSubject;
  readonly isExact: boolean;
  /** Aborted when nobody waits for the result any more. */
  readonly stop: AbortSignal;
}

/** What a preview tells, one after the other. The last one is the whole preview. */
export type PreviewStep =
  | { readonly estimate: EstimateView }
  | { readonly progress: { readonly done: number; readonly total: number } }
  | { readonly preview: PreviewView };

const program = fileURLToPath(new URL('../../bin/usher.js', import.meta.url));

let running = 0;

/**
 * Starts a preview. It ends when its steps are no longer read.
 * @throws UsherError `overloaded`; the steps: `overloaded` when `stop` is aborted, and
 *   `store_unavailable`
 */
export function startPreview(call: PreviewCall): AsyncGenerator<PreviewStep> {
  if (running >= maxPreviews) {
    throw new UsherError('overloaded', 'The server runs no more previews now. Try again later.');
  }
  running += 1;
  const child = startChild(call);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  const end = () => {
    void endWork(ended, [
      { cancel: () => void child.kill('SIGTERM'), boundMs: previewStopMs, isOnce: true },
      { cancel: () => void child.kill('SIGKILL'), boundMs: syncKillMs },
    ]);
  };
  const stop = AbortSignal.any([call.stop, AbortSignal.timeout(maxPreviewMs)]);
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  void ended.then(() => {
    running -= 1;
    stop.removeEventListener('abort', end);
  });
  return stepsOf(child.stdout as Readable, { ended, end, stop });
}

/** The result of a preview. @throws as `startPreview` */
export async function runPreview(call: PreviewCall): Promise<PreviewView> {
  for await (const step of startPreview(call)) if ('preview' in step) return step.preview;
  throw failed();
}

async function* stepsOf(
  output: Readable,
  {
    ended,
    end,
    stop,
  }: {
    readonly ended: Promise<number | null>;
    readonly end: () => void;
    readonly stop: AbortSignal;
  },
): AsyncGenerator<PreviewStep> {
  let isWhole = false;
  let exitCode: number | null = null;
  try {
    for await (const line of createInterface({ input: output })) {
      const step = stepOf(line);
      isWhole = 'preview' in step;
      yield step;
    }
    exitCode = await ended;
  } finally {
    end();
  }
  if (isWhole) return;
  if (stop.aborted) throw new UsherError('overloaded', 'The preview was stopped. Try again later.');
  throw exitCode === tooCostlyExitCode ? rulesTooCostly() : failed();
}

/** A process that was killed may leave half a line. */
function stepOf(line: string): PreviewStep {
  try {
    return JSON.parse(line) as PreviewStep;
  } catch {
    throw failed();
  }
}

function startChild({ subject, isExact, dataFolder, organization }: PreviewCall): ChildProcess {
  const what = 'rule' in subject ? ['--rule', '-'] : [subject.reference];
  const flags = ['--steps', '--organization', organization, '--data', dataFolder];
  if (!isExact) flags.push('--estimate');
  const command = ['segment', 'preview', ...what, ...flags, '--json', '--quiet'];
  const heap = `--max-old-space-size=${previewHeapMegabytes}`;
  const child = spawn(process.execPath, [heap, program, ...command], {
    // The channel ends the process if this one is killed.
    stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
  });
  letLookupsGoFirst(child);
  // The child may end before it has read the rule.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end('rule' in subject ? subject.rule : '');
  return child;
}

function failed(): UsherError {
  return new UsherError(
    'store_unavailable',
    'The preview failed. Run it on the server to see why: usher segment preview',
  );
}
