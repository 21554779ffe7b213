/**
 * Measures what identities cost an import, in steps: each step is one or two commands of a
 * checkout, timed from the start of their processes to their end.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { readCpuTimeOfEndedChildren } from '../lookup/cpu-time.ts';
import { workFolder } from '../lookup/folders.ts';
import { runProgram, startProgram } from '../lookup/run-program.ts';
import { typeParameters } from '../lookup/usher-data.ts';
import { readThrough } from '../sync/measure-sync.ts';
import { checkJoined, checkRows } from './check-contacts.ts';
import { numberedFields, writeNumberedFile, writePairFile } from './contact-files.ts';
import { editionOf, type ImportPhase, type Phase, type Said, type Side, usher } from './side.ts';

export interface Measurement {
  readonly wallMs: number;
  /** The CPU time of all processes that took part. */
  readonly cpuMs: number;
}

const listName = 'same_people';

/** Creates a data folder with an identity type for numbers and no contacts. */
export async function prepareSide(side: Side): Promise<void> {
  rmSync(side.folder, { recursive: true, force: true });
  mkdirSync(join(workFolder, 'identities'), { recursive: true });
  await runProgram(usher(side, ['identity-type', 'create', 'customer_no']));
}

/** Writes and reads everything that the phase needs, so that no measurement waits for it. */
export async function preparePhase(side: Side, phase: Phase): Promise<void> {
  if (phase !== 'joined') {
    return readThrough([writeNumberedFile(side.contacts, editionOf(phase))]);
  }
  const pairs = writePairFile(side.contacts);
  const catalog = join(workFolder, 'identities', `${listName}.yaml`);
  writeFileSync(
    catalog,
    `version: 1
datasets:
  ${listName}:
    kind: identity
    source: { kind: file, paths: ["${pairs}"] }
    identifiers: { customer_no: [one, other] }
    mode: snapshot
`,
  );
  await runProgram(usher(side, ['apply', '-f', catalog, '--yes']));
  await readThrough([pairs]);
}

/** @throws if the counts of the run, or the contacts after it, are not the expected ones */
export async function measurePhase(side: Side, phase: Phase): Promise<Measurement> {
  if (phase === 'joined') return measureJoining(side);
  const { said, ...measurement } = await runMeasured(side, importParameters(side, phase));
  await checkRows(side, phase, said);
  return measurement;
}

/** The bytes of the store file of a copy of the data folder, after `usher compact`. */
export async function measureBytes(side: Side): Promise<number> {
  const copy = { ...side, folder: `${side.folder}-copy` };
  rmSync(copy.folder, { recursive: true, force: true });
  await cp(side.folder, copy.folder, { recursive: true });
  const said = await runProgram(usher(copy, ['compact', '--json', '-q']));
  rmSync(copy.folder, { recursive: true, force: true });
  return (JSON.parse(said) as { bytes_after: number }).bytes_after;
}

/** The run waits for approval if it would change too many contacts. */
async function measureJoining(side: Side): Promise<Measurement> {
  let { said, ...spent } = await runMeasured(side, ['sync', 'run', listName, '--json', '-q']);
  if (said.state === 'waiting') {
    const approved = await runMeasured(side, ['sync', 'approve', said.run_id, '--json', '-q']);
    said = approved.said;
    spent = { wallMs: spent.wallMs + approved.wallMs, cpuMs: spent.cpuMs + approved.cpuMs };
  }
  await checkJoined(side, said);
  return spent;
}

async function runMeasured(
  side: Side,
  parameters: readonly string[],
): Promise<Measurement & { readonly said: Said }> {
  const name = `identities-${side.checkout.name}`;
  const before = readCpuTimeOfEndedChildren();
  const begunMs = performance.now();
  await startProgram({ ...usher(side, parameters), name }).exited;
  const wallMs = performance.now() - begunMs;
  const cpuMs = (readCpuTimeOfEndedChildren() - before) / 1000;
  const text = readFileSync(join(workFolder, 'logs', `${name}.log`), 'utf8');
  try {
    return { wallMs, cpuMs, said: JSON.parse(text) as Said };
  } catch {
    throw new Error(`"usher ${parameters.slice(0, 2).join(' ')}" failed: ${text.slice(0, 2000)}`);
  }
}

function importParameters({ contacts }: Side, phase: ImportPhase): string[] {
  return [
    ...['import', writeNumberedFile(contacts, editionOf(phase)), '--dataset', 'people'],
    ...['--mode', 'snapshot', '--yes', '--json', '-q'],
    ...['--identifier', 'customer_no=contact_no', '--identifier', 'email=mail'],
    // Later imports keep the types. Flags that declare dates again would change their fields, and
    // an import that changes fields sends every row.
    ...(phase === 'first' ? typeParameters(numberedFields) : []),
  ];
}
