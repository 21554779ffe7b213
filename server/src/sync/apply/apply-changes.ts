/** Sends changes to the store in batches, several at a time. */
import type { Workbench } from '../../sources/workbench.ts';
import type { RefusedClaimCode } from '../../stores/contact-change.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { BatchReport, ContactChange, ContactWriter, IdentityKey } from '../../stores/store.ts';
import { maxBatchesInFlight, maxRejectionLines } from '../limits.ts';
import type { ChangeBatch } from '../stage/parse-changes.ts';
import { identityOf, identityText } from '../table/identity-text.ts';
import { addRows, inBatches } from '../table/table-rows.ts';
import type { Tables } from '../table/tables.ts';

/** What was done to people. */
export interface AppliedPeople {
  joined: number;
  parted: number;
  moved: number;
  released: number;
  readonly refusedClaims: Map<RefusedClaimCode, number>;
  /** By identity type id. */
  readonly movedOften: Map<number, number>;
}

export interface AppliedCounts {
  added: number;
  changed: number;
  unchanged: number;
  stale: number;
  cleared: number;
  /** How many rows of a list have an unknown contact. */
  unmatched: number;
}

export const noneApplied: AppliedCounts = {
  ...{ added: 0, changed: 0, unchanged: 0 },
  ...{ stale: 0, cleared: 0, unmatched: 0 },
};

export function nobodyChanged(): AppliedPeople {
  const counts = { joined: 0, parted: 0, moved: 0, released: 0 };
  return { ...counts, refusedClaims: new Map(), movedOften: new Map() };
}

export interface ApplyOptions {
  readonly workbench: Workbench;
  readonly tables: Tables<'refusedRows' | 'refusedClaims'>;
  readonly writer: ContactWriter;
  readonly lease: RunLease;
  readonly interrupted: AbortSignal;
  /** What the batches do to people is added to it. */
  readonly people: AppliedPeople;
}

/**
 * Applies batches. Rows that the store refuses go to the table `refusedRows`, claims without effect
 * to `refusedClaims`.
 */
export async function applyChanges(
  options: ApplyOptions,
  batches: AsyncIterable<ChangeBatch>,
  onProgress: (rowsDone: number) => void = () => undefined,
): Promise<AppliedCounts> {
  const { writer, lease, interrupted, people } = options;
  const counts = { ...noneApplied };
  const inFlight: Promise<void>[] = [];
  let failure: unknown;
  let rowsDone = 0;
  const send = async (batch: ChangeBatch) => {
    const report = await writer.applyBatch(lease, batch.changes);
    count(counts, report);
    rowsDone += batch.changes.length;
    onProgress(rowsDone);
    await listRefused(options, batch, report);
    await listRefusedClaims(options, batch, report);
    countPeople(people, report);
    batch.release();
  };
  const requireSuccess = () => {
    if (failure !== undefined) throw failure;
    interrupted.throwIfAborted();
  };
  for await (const batch of batches) {
    if (inFlight.length >= maxBatchesInFlight) await inFlight.shift();
    requireSuccess();
    const sent = send(batch).catch((cause: unknown) => {
      failure ??= cause;
    });
    inFlight.push(sent);
  }
  await Promise.all(inFlight);
  requireSuccess();
  return counts;
}

function count(counts: AppliedCounts, report: BatchReport): void {
  counts.added += report.added;
  counts.changed += report.changed;
  counts.unchanged += report.unchanged;
  counts.stale += report.stale;
  counts.cleared += report.cleared;
  counts.unmatched += report.unmatched.length;
}

function countPeople(people: AppliedPeople, report: BatchReport): void {
  people.joined += report.joined;
  people.parted += report.parted;
  people.moved += report.moved;
  people.released += report.released;
  for (const { code } of report.refusedClaims) addTo(people.refusedClaims, code, 1);
  for (const [typeId, identities] of report.movedOften) {
    addTo(people.movedOften, typeId, identities);
  }
}

function addTo<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/**
 * The code of a row whose contact is not known yet. It is no error: the next run sends the row
 * again.
 */
export const unmatchedCode = 'unmatched';

function listRefused(
  { workbench, tables }: ApplyOptions,
  { changes, rows }: ChangeBatch,
  report: BatchReport,
): Promise<void> {
  const unmatched = report.unmatched.map((index) => ({ index, code: unmatchedCode }));
  const refused = [...report.rejected, ...unmatched].map(({ index, code }) => {
    const [key] = changes[index]?.identities ?? [];
    return [key === undefined ? '' : identityText(key), code, rows?.[index] ?? null];
  });
  return addRows(workbench, tables.refusedRows, refused);
}

/** No more of them than their file has lines. */
async function listRefusedClaims(
  { workbench, tables, people }: ApplyOptions,
  { changes, rows }: ChangeBatch,
  { refusedClaims }: BatchReport,
): Promise<void> {
  if (refusedClaims.length === 0) return;
  const listed = [...people.refusedClaims.values()].reduce((sum, count) => sum + count, 0);
  const room = Math.max(0, maxRejectionLines - listed);
  const claims = refusedClaims.slice(0, room).map(({ index, typeId, code }) => {
    const [key] = changes[index]?.identities ?? [];
    return [key === undefined ? '' : identityText(key), rows?.[index] ?? null, typeId, code];
  });
  await addRows(workbench, tables.refusedClaims, claims);
}

/** Changes of a kind without values, for the rows with these keys. */
export async function* changesOfKeys(
  kind: 'clear' | 'keep-age',
  keys: AsyncIterable<string>,
): AsyncGenerator<ChangeBatch> {
  for await (const batch of inBatches(keys)) {
    const changes = batch.map((key) => valueless(kind, identityOf(key)));
    yield { changes, release: () => undefined };
  }
}

export function valueless(kind: ContactChange['kind'], key: IdentityKey): ContactChange {
  return { kind, identities: [{ ...key, value: '' }], section: new Uint8Array() };
}
