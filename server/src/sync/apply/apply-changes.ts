/** Sends changes to the store in batches, several at a time. */
import type { Workbench } from '../../sources/workbench.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { BatchReport, ContactChange, ContactWriter, IdentityKey } from '../../stores/store.ts';
import { batchesTogether, maxBatchesInFlight } from '../limits.ts';
import type { ChangeBatch } from '../stage/parse-changes.ts';
import { identityOf, identityText } from '../table/identity-text.ts';
import { addRows, inBatches } from '../table/table-rows.ts';
import type { Tables } from '../table/tables.ts';

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

export interface ApplyOptions {
  readonly workbench: Workbench;
  readonly tables: Tables<'refusedRows'>;
  readonly writer: ContactWriter;
  readonly lease: RunLease;
  readonly interrupted: AbortSignal;
}

/** Applies batches. Rows that the store refuses go to the table `refusedRows`. */
export async function applyChanges(
  options: ApplyOptions,
  batches: AsyncIterable<ChangeBatch>,
  onProgress: (rowsDone: number) => void = () => undefined,
): Promise<AppliedCounts> {
  const { writer, lease, interrupted } = options;
  const counts = { ...noneApplied };
  const inFlight: Promise<void>[] = [];
  let failure: unknown;
  let rowsDone = 0;
  const send = async (batch: ChangeBatch) => {
    const changes = batch.encoded ?? batch.changes;
    const report = await writer.applyBatch(lease, changes);
    count(counts, report);
    rowsDone += changes.length;
    onProgress(rowsDone);
    await listRefused(options, batch, report);
    batch.release();
  };
  const requireSuccess = () => {
    if (failure !== undefined) throw failure;
    interrupted.throwIfAborted();
  };
  for await (const some of inBatches(batches, batchesTogether)) {
    while (inFlight.length + some.length > maxBatchesInFlight) await inFlight.shift();
    requireSuccess();
    for (const batch of some) {
      const sent = send(batch).catch((cause: unknown) => {
        failure ??= cause;
      });
      inFlight.push(sent);
    }
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

/**
 * The code of a row whose contact is not known yet. It is no error: the next run sends the row
 * again.
 */
export const unmatchedCode = 'unmatched';

function listRefused(
  { workbench, tables }: ApplyOptions,
  batch: ChangeBatch,
  report: BatchReport,
): Promise<void> {
  const { rows } = batch;
  const unmatched = report.unmatched.map((index) => ({ index, code: unmatchedCode }));
  const all = [...report.rejected, ...unmatched];
  const changes = all.length === 0 ? [] : batch.changes;
  const refused = all.map(({ index, code }) => {
    const [key] = changes[index]?.identities ?? [];
    return [key === undefined ? '' : identityText(key), code, rows?.[index] ?? null];
  });
  return addRows(workbench, tables.refusedRows, refused);
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
