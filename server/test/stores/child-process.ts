/** Starts a test's child process and waits for the lines that it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface StartedChild {
  readonly process: ChildProcess;
  /** All lines so far. */
  readonly lines: string[];
  /**
   * Resolves with the first line, old or new, that matches. Rejects if the process ends without it.
   */
  line(matches: (line: string) => boolean): Promise<string>;
  /**
   * Kills the process at once, as a power cut would. Resolves when it is gone and all its lines
   * have been read.
   */
  kill(): Promise<void>;
}

/** @param script a file beside this one */
export function startChild(script: string, args: readonly string[]): StartedChild {
  const path = join(import.meta.dirname, script);
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const ended = once(reader, 'close');
  reader.on('line', (line) => lines.push(line));
  return {
    process: child,
    lines,
    line(matches) {
      const old = lines.find(matches);
      if (old !== undefined) return Promise.resolve(old);
      return new Promise((resolve, reject) => {
        reader.on('line', (line) => {
          if (matches(line)) resolve(line);
        });
        reader.once('close', () =>
          reject(new Error(`${script} ended without printing the expected line.`)),
        );
      });
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
