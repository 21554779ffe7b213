/** Starts `usher demo` as anybody would, in a data folder of its own and on a free port, and ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Demo {
  readonly url: string;
  readonly token: string;
  /** Everything that it printed. */
  readonly printed: () => string;
  readonly stop: () => Promise<void>;
}

/** Making the data and starting take about 3 s; a busy machine may need ten times as long. */
const startMs = 30_000;

const command = join(import.meta.dirname, '..', '..', 'bin', 'usher.js');

/** Resolves when `/readyz` is green. */
export async function startDemo(): Promise<Demo> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'usher-demo-'));
  const parameters = [command, 'demo', '--data', dataFolder, '--port', '0', '--workers', '1'];
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const stop = async () => {
    await end(child);
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const deadline = AbortSignal.timeout(startMs);
    const url = await printedPart(child, deadline, () => /http:\/\/127\.0\.0\.1:\d+/.exec(printed));
    const token = await printedPart(child, deadline, () => /ush_\w{12}_\w{49}/.exec(printed));
    await untilReady(url, deadline);
    return { url, token, printed: () => printed, stop };
  } catch (cause) {
    await stop();
    throw new Error(`usher demo did not start; it printed:\n${printed}`, { cause });
  }
}

async function printedPart(
  child: ChildProcess,
  deadline: AbortSignal,
  find: () => RegExpExecArray | null,
): Promise<string> {
  for (;;) {
    const found = find();
    if (found !== null) return found[0];
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    deadline.throwIfAborted();
    await pause();
  }
}

async function untilReady(url: string, deadline: AbortSignal): Promise<void> {
  for (;;) {
    const status = await fetch(`${url}/readyz`, { signal: deadline }).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    deadline.throwIfAborted();
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
