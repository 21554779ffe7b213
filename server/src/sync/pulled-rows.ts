/** Stages the rows of a dataset that is synced, and measures what applying them would do. */
import type { SyncMode } from '../domain/dataset/dataset-definition.ts';
import type { MeasuredChanges } from '../domain/dataset/run-plan.ts';
import { feedColumns } from '../domain/membership/membership-feed.ts';
import type { FileRows } from '../sources/source.ts';
import { changesOfClaims } from './apply/apply-changes.ts';
import {
  type BringInOptions,
  baselinePlaceOf,
  type ComparedRows,
  type ComparingRun,
} from './apply/bring-in.ts';
import { vanishedClaims } from './apply/find-vanished.ts';
import { changedParts } from './compare/compare-rows.ts';
import { ChangeMeasure } from './compare/measure-changes.ts';
import type { PullDependencies, PulledDataset, PulledSource } from './pulled-source.ts';
import { mapDefinedColumns } from './stage/defined-mapping.ts';
import { type FeedLayout, openParser } from './stage/open-parser.ts';
import type { ChangeBatch, ChangeLayout } from './stage/parse-changes.ts';
import { stageDefined } from './stage/stage-defined.ts';

export interface PulledRows extends Omit<BringInOptions, 'watermark'> {
  readonly files: readonly FileRows[];
}

/** @throws UsherError `definition_invalid`, `storage_full` */
export async function stagePulledRows(
  dependencies: PullDependencies,
  { source, workbench }: PulledSource,
  { run, dataset }: { readonly run: TimedRun; readonly dataset: PulledDataset },
): Promise<PulledRows> {
  const { dataFolder, onProgress, onNotes, interrupted } = dependencies;
  const { kind, mode } = dataset.definition;
  const onBytes = (done: number) => onProgress({ phase: 'reading', done, total: source.bytes });
  const watch = setInterval(() => {
    const share = workbench.progress();
    if (share > 0) onBytes(Math.round(share * source.bytes));
  }, progressEveryMs);
  const staged = await stageDefined({
    workbench,
    source,
    map: (columns) => mapDefinedColumns(dataset, columns),
    before: await baselinePlaceOf(run, dataFolder),
    onBytes,
  }).finally(() => clearInterval(watch));
  if (staged.notes.length > 0) onNotes(staged.notes);
  interrupted.throwIfAborted();
  onProgress({ phase: 'comparing', done: 0, total: staged.rowsRead });
  return {
    workbench,
    dataFolder,
    staged,
    files: staged.files,
    fieldIds: staged.fieldIds,
    changeKind: changeKindOf(dataset),
    mode: modeOf(mode, kind),
    isRowPerContact: kind !== 'membership',
    ...(kind === 'membership' && { feed: feedLayout(dataset, run.startedAtMs) }),
    onProgress: (done, total) => onProgress({ phase: 'applying', done, total }),
    interrupted,
  };
}

/** A run, or a trial of one. */
export interface TimedRun extends ComparingRun {
  /** The time of reports whose row has none. */
  readonly startedAtMs: number;
}

function feedLayout({ definition }: PulledDataset, startedAtMs: number): FeedLayout {
  const names = feedColumns(definition.feed ?? 'flow').map(({ name }) => name);
  return { names, reportedAt: new Date(startedAtMs).toISOString() };
}

/** Often enough for a progress bar. */
const progressEveryMs = 250;

/** Measures what the changes would do, by reading each contact. Writes nothing. */
export async function measureRows(
  run: ComparingRun,
  rows: PulledRows,
  { dataset, compared }: { readonly dataset: PulledDataset; readonly compared: ComparedRows },
): Promise<MeasuredChanges> {
  const { organizationId, datasetId } = run.lease;
  const { workbench, interrupted } = rows;
  const counts = await run.reader.datasetCounts(organizationId, datasetId);
  const measure = new ChangeMeasure({ reader: run.reader, organizationId, datasetId, counts });
  const parser = openParser(layoutOf(rows));
  const take = async ({ changes, release }: ChangeBatch) => {
    await measure.add(changes);
    release();
    interrupted.throwIfAborted();
  };
  const { parts } = rows.staged;
  for await (const bytes of changedParts(workbench, compared.tables, {
    parts,
    areNumbered: false,
  })) {
    for (const batch of parser.push(bytes)) await take(batch);
  }
  for (const batch of parser.end()) await take(batch);
  const vanished = await compared.vanished;
  if (vanished.count > 0) {
    const claims = vanishedClaims(workbench, vanished.tables);
    for await (const changes of changesOfClaims('clear', claims)) await measure.add(changes);
  }
  const names = new Map(dataset.fields.map(({ id, name }) => [id, name]));
  return measure.plan(dataset.definition.maxChangeShare, names);
}

function layoutOf({ staged, fieldIds, changeKind }: PulledRows): ChangeLayout {
  const typeIds = staged.mapping.identifiers.map(({ identityType }) => identityType.id);
  return { kind: changeKind, typeIds, fieldIds };
}

/** A definition maps every field of its dataset, so a row replaces the contact's section. */
function changeKindOf({ definition }: PulledDataset): BringInOptions['changeKind'] {
  if (definition.kind === 'list' || definition.kind === 'membership') return definition.kind;
  return 'replace';
}

/** Only a report ends a membership; a missing row does not. */
function modeOf(mode: SyncMode, kind: PulledDataset['definition']['kind']): SyncMode {
  return kind === 'membership' && mode === 'snapshot' ? 'append' : mode;
}
