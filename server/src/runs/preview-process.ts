/**
 * Runs a preview as a process of its own, the command `usher segment preview`: its priority is low,
 * so that look-ups go first. Cancelling kills it, because it writes nothing.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PreviewSubject, PreviewView } from '../administration/rule/preview-segment.ts';
import { UsherError } from '../domain/errors.ts';
import { endWork } from '../sources/end-work.ts';
import {
  maxPreviewMs,
  maxPreviews,
  maxSyncOutputBytes,
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

const program = fileURLToPath(new URL('../../bin/usher.js', import.meta.url));

let running = 0;

/** @throws UsherError `overloaded`, also when `stop` is aborted; `store_unavailable` */
export async function runPreview(call: PreviewCall): Promise<PreviewView> {
  if (running >= maxPreviews) {
    throw new UsherError('overloaded', 'The server runs no more previews now. Try again later.');
  }
  running += 1;
  try {
    return await previewInChild(call);
  } finally {
    running -= 1;
  }
}

async function previewInChild(call: PreviewCall): Promise<PreviewView> {
  const { subject, isExact, dataFolder, organization } = call;
  const what = 'rule' in subject ? ['--rule', '-'] : [subject.reference];
  const flags = ['--noted', '--organization', organization, '--data', dataFolder];
  if (!isExact) flags.push('--estimate');
  const command = ['segment', 'preview', ...what, ...flags, '--json', '--quiet'];
  const child = spawn(process.execPath, [program, ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // The child may end before it has read the rule.
  child.stdin.on('error', () => undefined);
  child.stdin.end('rule' in subject ? subject.rule : '');
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (output.length < maxSyncOutputBytes) output += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  const stop = AbortSignal.any([call.stop, AbortSignal.timeout(maxPreviewMs)]);
  const end = () => {
    void endWork(ended, [
      { cancel: () => void child.kill('SIGTERM'), boundMs: previewStopMs, isOnce: true },
      { cancel: () => void child.kill('SIGKILL'), boundMs: syncKillMs },
    ]);
  };
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  const code = await ended;
  stop.removeEventListener('abort', end);
  if (code === 0) return JSON.parse(output) as PreviewView;
  if (stop.aborted) throw new UsherError('overloaded', 'The preview was stopped. Try again later.');
  throw new UsherError(
    'store_unavailable',
    'The preview failed. Run it on the server to see why: usher segment preview',
  );
}
