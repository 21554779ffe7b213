/**
 * Measures what identities cost an import, in steps: each step is one or two commands of a
 * checkout, timed from the start of their processes to their end.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from '../lookup/checkout.ts';
import { readCpuTimeOfEndedChildren } from '../lookup/cpu-time.ts';
import { workFolder } from '../lookup/folders.ts';
import { type Program, runProgram, startProgram } from '../lookup/run-program.ts';
import { typeParameters, usherProgram } from '../lookup/usher-data.ts';
import { readThrough } from '../sync/measure-sync.ts';
import { checkJoined, checkRows } from './check-customers.ts';
import {
  customerFields,
  type Edition,
  writeCustomerFile,
  writePairFile,
} from './customer-files.ts';

/** A checkout whose command fills a data folder. */
export interface Side {
  readonly checkout: Checkout;
  readonly folder: string;
  readonly contacts: number;
}

/**
 * `first`: an import into an empty data folder. `again`: of the same file. `changed` and `moved`:
 * of those editions. `joined`: a sync of the list of pairs, and its approval if it waits for one.
 */
export const phases = ['first', 'again', 'changed', 'moved', 'joined'] as const;
export type Phase = (typeof phases)[number];

export interface Measurement {
  readonly wallMs: number;
  /** The CPU time of all processes that took part. */
  readonly cpuMs: number;
}

/** What a run reports, as far as it is checked. */
export interface Said {
  readonly run_id: string;
  readonly state?: string;
  readonly rows_read: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly cleared: number;
  readonly rejected: number;
}

const listName = 'same_people';

/** Creates a data folder with the identity type of customer numbers and no contacts. */
export async function prepareSide(side: Side): Promise<void> {
  rmSync(side.folder, { recursive: true, force: true });
  mkdirSync(join(workFolder, 'identities'), { recursive: true });
  await runProgram(usher(side, ['identity-type', 'create', 'customer_no']));
}

/** Writes and reads everything that the phase needs, so that no measurement waits for it. */
export async function preparePhase(side: Side, phase: Phase): Promise<void> {
  if (phase !== 'joined') {
    return readThrough([writeCustomerFile(side.contacts, editionOf(phase))]);
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

/** The command of the checkout for its data folder. */
export function usher({ checkout, folder }: Side, parameters: readonly string[]): Program {
  return usherProgram(checkout.command, folder, parameters);
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

function editionOf(phase: Exclude<Phase, 'joined'>): Edition {
  return phase === 'first' || phase === 'again' ? 'base' : phase;
}

function importParameters({ contacts }: Side, phase: Exclude<Phase, 'joined'>): string[] {
  return [
    ...['import', writeCustomerFile(contacts, editionOf(phase)), '--dataset', 'customers'],
    ...['--mode', 'snapshot', '--yes', '--json', '-q'],
    ...['--identifier', 'customer_no=customer', '--identifier', 'email=mail'],
    // Later imports keep the types. Flags that declare dates again would change their fields, and
    // an import that changes fields sends every row.
    ...(phase === 'first' ? typeParameters(customerFields) : []),
  ];
}
