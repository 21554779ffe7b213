/** Measures exact previews of all contacts on one core, each a process of its own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCpuTimeOfEndedChildren } from '../lookup/cpu-time.ts';
import { workFolder } from '../lookup/folders.ts';
import { noteFigures } from '../lookup/progress.ts';
import { othersShare, quietMachine, readMachineTimes } from '../lookup/quiet-machine.ts';
import { serverCore, startProgram } from '../lookup/run-program.ts';
import { usher } from '../lookup/usher-data.ts';
import { fiftyRules, segmentName } from './definitions.ts';
import type { Side } from './side.ts';

export interface PreviewTime {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly othersShare: number;
}

export interface PreviewRound {
  readonly one: PreviewTime;
  readonly fifty: PreviewTime;
}

export interface PreviewOptions {
  readonly contacts: number;
  readonly rounds: number;
  readonly patienceSeconds: number;
}

export async function measurePreviews(
  side: Side,
  options: PreviewOptions,
): Promise<readonly PreviewRound[]> {
  const rounds: PreviewRound[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    console.error(`round ${round} of ${options.rounds}: exact previews`);
    const one = await measurePreview(side, segmentName(0), options);
    const fifty = await measurePreview(side, fiftyRules, options);
    noteFigures(round, 'exact previews', { one, fifty });
    rounds.push({ one, fifty });
  }
  return rounds;
}

async function measurePreview(
  { folder }: Side,
  segment: string,
  { contacts, patienceSeconds }: PreviewOptions,
): Promise<PreviewTime> {
  await quietMachine([], performance.now() + patienceSeconds * 1_000);
  const name = 'usher-preview';
  const command = usher(folder, ['segment', 'preview', segment, '--json', '-q']);
  const machine = readMachineTimes([]);
  const cpuUs = readCpuTimeOfEndedChildren();
  const begunMs = performance.now();
  await startProgram({ ...command, name, core: serverCore }).exited;
  const wallMs = performance.now() - begunMs;
  const cpuMs = (readCpuTimeOfEndedChildren() - cpuUs) / 1_000;
  const others = othersShare(machine, readMachineTimes([]));
  const text = readFileSync(join(workFolder, 'logs', `${name}.log`), 'utf8');
  const { exact } = JSON.parse(text) as { exact: { contacts: number } };
  assert.equal(exact.contacts, contacts);
  return { wallMs, cpuMs, othersShare: others };
}
