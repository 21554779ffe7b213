/**
 * Measures the first load of the contacts into two data folders: in one, a twentieth as many other
 * people were erased and are suppressed; in the other they were removed with their dataset.
 */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNumberedFile } from '../identities/contact-files.ts';
import { writeOnce } from '../lookup/data-files.ts';
import { workFolder } from '../lookup/folders.ts';
import { noteFigures } from '../lookup/progress.ts';
import { othersShare, quietMachine, readMachineTimes } from '../lookup/quiet-machine.ts';
import { runProgram } from '../lookup/run-program.ts';
import { usher } from '../lookup/usher-data.ts';
import { readThrough } from '../sync/measure-sync.ts';
import { runMeasured } from './run-measured.ts';

export interface LoadRound {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly othersShare: number;
}

export interface Loads {
  readonly none: readonly LoadRound[];
  readonly suppressed: readonly LoadRound[];
  /** How many identities are suppressed. */
  readonly erased: number;
  /** The loaded data folder with the suppression list. */
  readonly folder: string;
}

/** As many as one request takes. */
export const identitiesPerRequest = 10_000;

const otherColumns = ['other_no', 'other_mail'];
const place = join(workFolder, 'privacy');
const sides = ['none', 'suppressed'] as const;
type SideName = (typeof sides)[number];

export async function measureLoads(options: {
  readonly contacts: number;
  readonly rounds: number;
  readonly patienceSeconds: number;
}): Promise<Loads> {
  const { contacts, rounds, patienceSeconds } = options;
  const people = Math.max(1, Math.round(contacts / 20 / identitiesPerRequest));
  for (const side of sides) await prepareFolder(side, people);
  const file = writeNumberedFile(contacts, 'base');
  await readThrough([file]);
  const found: Record<SideName, LoadRound[]> = { none: [], suppressed: [] };
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}: first loads`);
    for (const side of round % 2 === 1 ? sides : sides.toReversed()) {
      rmSync(loadedFolder(side), { recursive: true, force: true });
      cpSync(preparedFolder(side), loadedFolder(side), { recursive: true });
      await quietMachine([], performance.now() + patienceSeconds * 1_000);
      const begun = readMachineTimes([]);
      const { said, ...spent } = await runMeasured(loadedFolder(side), importParameters(file));
      const load = { ...spent, othersShare: othersShare(begun, readMachineTimes([])) };
      if (said['added'] !== contacts)
        throw new Error(`The import added ${said['added']} contacts.`);
      noteFigures(round, side, load);
      found[side].push(load);
    }
  }
  const erased = 2 * people * identitiesPerRequest;
  return { ...found, erased, folder: loadedFolder('suppressed') };
}

const preparedFolder = (side: SideName) => join(place, side);
const loadedFolder = (side: SideName) => join(place, `${side}-loaded`);

/** A data folder that had other people, who are gone. */
async function prepareFolder(side: SideName, requests: number): Promise<void> {
  console.error(`preparing the data folder "${side}"`);
  const folder = preparedFolder(side);
  rmSync(folder, { recursive: true, force: true });
  await runProgram(usher(folder, ['identity-type', 'create', 'customer_no']));
  const others = writeOnce({
    name: `others-${requests * identitiesPerRequest}.csv`,
    head: 'other_no,other_mail,other_name\n',
    line: (index) => `${numberOf(index)},other.${index}@example.org,Other ${index}\n`,
    lines: requests * identitiesPerRequest,
  });
  await runProgram(
    usher(folder, [...importParameters(others, otherColumns), '--dataset', 'others']),
  );
  if (side === 'none') {
    await runProgram(usher(folder, ['dataset', 'remove', 'others', '--yes']));
    return;
  }
  for (let request = 0; request < requests; request += 1) {
    const lines = Array.from({ length: identitiesPerRequest }, (_, line) =>
      numberOf(request * identitiesPerRequest + line),
    );
    const list = `${folder}.ids`;
    writeFileSync(list, `customer_no\n${lines.join('\n')}\n`);
    await runProgram(usher(folder, ['privacy', 'erase', '--file', list, '--yes']));
  }
}

function numberOf(index: number): string {
  return `O${String(index).padStart(8, '0')}`;
}

function importParameters(file: string, columns = ['contact_no', 'mail']): string[] {
  const [number, email] = columns;
  return [
    ...['import', file, '--mode', 'snapshot', '--yes', '--json', '-q'],
    ...['--identifier', `customer_no=${number}`, '--identifier', `email=${email}`],
  ];
}
