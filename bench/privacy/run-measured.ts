/** Runs a command of Usher, and measures it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCpuTimeOfEndedChildren } from '../lookup/cpu-time.ts';
import { workFolder } from '../lookup/folders.ts';
import { startProgram } from '../lookup/run-program.ts';
import { usher } from '../lookup/usher-data.ts';

export interface Spent {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** @throws if the command fails, or does not print JSON */
export async function runMeasured(
  folder: string,
  parameters: readonly string[],
): Promise<Spent & { readonly said: Readonly<Record<string, unknown>> }> {
  const name = 'privacy-measured';
  const before = readCpuTimeOfEndedChildren();
  const begunMs = performance.now();
  const code = await startProgram({ ...usher(folder, parameters), name }).exited;
  const wallMs = performance.now() - begunMs;
  const cpuMs = (readCpuTimeOfEndedChildren() - before) / 1_000;
  const text = readFileSync(join(workFolder, 'logs', `${name}.log`), 'utf8');
  const command = `usher ${parameters.slice(0, 2).join(' ')}`;
  if (code !== 0) throw new Error(`"${command}" failed: ${text.slice(0, 2_000)}`);
  return { wallMs, cpuMs, said: JSON.parse(text) as Record<string, unknown> };
}
