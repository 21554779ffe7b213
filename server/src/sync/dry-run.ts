/** Tries an import: reports what it would do, and writes nothing but its own work files. */
import type { JoinedShare } from '../domain/dataset/joined-share.ts';
import { causesOfRows } from '../domain/dataset/run-plan.ts';
import type { WaitCause } from '../domain/dataset/wait-cause.ts';
import { type ContactReader, recordOnly } from '../stores/store.ts';
import { findVanishedInStore } from './apply/find-vanished.ts';
import {
  type RejectionSummary,
  summarizeRejections,
  withSuppressed,
} from './apply/rejections-file.ts';
import { ChangeMeasure } from './compare/measure-changes.ts';
import { measureRejections } from './compare/measure-source.ts';
import { type SettledRows, settleStaged } from './compare/settle-repeats.ts';
import { SuppressedRows } from './compare/suppressed-rows.ts';
import type { ImportRequest } from './import-request.ts';
import { measureImportJoins } from './measure-import.ts';
import { openForImport, type StageDependencies } from './run-import.ts';
import { changeBatches } from './stage/change-batches.ts';
import type { StagedImport } from './stage/stage-import.ts';
import { readKeys } from './table/table-rows.ts';

export interface DryRunReport extends RejectionSummary {
  readonly dataset: string;
  readonly rowsRead: number;
  /** Rows of unknown contacts. */
  readonly wouldAdd: number;
  /** Rows of known contacts, whether or not a value would change. */
  readonly wouldApply: number;
  /** Contacts that the dataset fills and that are no longer in the file. */
  readonly wouldClear: number;
  /** Contacts that rows would bring together; `null`: none. */
  readonly joins: JoinedShare | null;
  /** Why the import would ask for approval. Empty if it would not. */
  readonly causes: readonly WaitCause[];
}

/** @param reader `undefined` if there is no store yet */
export async function tryImport(
  dependencies: StageDependencies,
  request: ImportRequest,
  reader: ContactReader | undefined,
): Promise<DryRunReport> {
  const { workbench, organizationId, onProgress } = dependencies;
  const opened = await openForImport(dependencies, request);
  const staged = await opened.stage();
  const { plan, rowsRead } = staged;
  const settled = await settleStaged(workbench, staged, { reader, organizationId });
  const { tables } = settled;
  const fieldIds = staged.mapping.fields.map((_, place) => place + 1);
  const datasetId = plan.dataset?.id;
  const suppressedRows = reader && new SuppressedRows(reader, { organizationId, datasetId });
  let wouldAdd = 0;
  let wouldApply = 0;
  const layout = { staged, fieldIds, changeKind: 'patch' } as const;
  const batches = changeBatches(workbench, tables, layout);
  for await (const batch of batches) {
    const { release } = batch;
    const changes = (await suppressedRows?.without(batch.changes)) ?? batch.changes;
    const queries = changes.flatMap(({ identities: [key] }) =>
      key === undefined ? [] : [{ organizationId, identity: key, parts: recordOnly }],
    );
    const found = (await reader?.readContacts(queries, () => true)) ?? [];
    const known = found.filter((isKnown) => isKnown === true).length;
    wouldApply += known;
    wouldAdd += changes.length - known;
    release();
    dependencies.interrupted.throwIfAborted();
    onProgress({ phase: 'applying', done: wouldAdd + wouldApply, total: rowsRead });
  }
  const wouldClear =
    request.mode === 'snapshot' ? await countClears(dependencies, { staged, settled }, reader) : 0;
  const suppressed = suppressedRows?.count ?? 0;
  const measured = await measureRejections(dependencies, plan.dataset, { tables, rowsRead });
  const rejected = { ...measured, suppressed };
  const { joins } =
    reader === undefined
      ? { joins: null }
      : await measureImportJoins({ ...dependencies, reader }, staged, settled);
  return {
    ...withSuppressed(await summarizeRejections(workbench, tables), suppressed),
    dataset: plan.datasetName,
    ...{ rowsRead, wouldAdd, wouldApply, wouldClear, joins },
    causes: causesOfRows(rejected, joins),
  };
}

async function countClears(
  { workbench, organizationId }: StageDependencies,
  { staged, settled }: { readonly staged: StagedImport; readonly settled: SettledRows },
  reader: ContactReader | undefined,
): Promise<number> {
  const { plan, unreadableRows } = staged;
  const { tables, keyed } = settled;
  const datasetId = plan.dataset?.id;
  if (reader === undefined || datasetId === undefined || unreadableRows > 0) return 0;
  if (keyed === undefined) return 0;
  const dataset = { reader, organizationId, datasetId };
  const vanished = await findVanishedInStore(
    workbench,
    { ...tables, ...keyed },
    { ...dataset, staged },
  );
  const measure = new ChangeMeasure(dataset);
  await measure.addVanished(readKeys(workbench, vanished.vanishedRows));
  return (await measure.plan(1, new Map())).wouldVanish;
}
