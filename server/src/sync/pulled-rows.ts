/** Stages the rows of a dataset that is synced, and measures what applying them would do. */
import { typeNamesOf } from '../domain/contact/identity-type.ts';
import type { DatasetKind } from '../domain/dataset/dataset-definition.ts';
import { areJoinsCovered, type JoinedShare } from '../domain/dataset/joined-share.ts';
import { type MeasuredChanges, unmeasuredChanges } from '../domain/dataset/run-plan.ts';
import { feedColumns } from '../domain/membership/membership-feed.ts';
import type { FileRows } from '../sources/source.ts';
import {
  type BringInOptions,
  baselinePlaceOf,
  type ComparedRows,
  type ComparingRun,
} from './apply/bring-in.ts';
import { noGroups, type RowGroups } from './apply/gather-rows.ts';
import { ChangeMeasure } from './compare/measure-changes.ts';
import { countKeys, findUnmeasured, JoinMeasure, mayJoin } from './compare/measure-joins.ts';
import type { RowMeasure } from './compare/measure-rows.ts';
import { sourceKey } from './compare/same-source.ts';
import { SuppressedRows } from './compare/suppressed-rows.ts';
import type { OpenedDataset, PullDependencies } from './pulled-source.ts';
import { changeBatches, type FeedLayout, type StagedChanges } from './stage/change-batches.ts';
import { type DefinedDataset, mapDefinedColumns } from './stage/defined-mapping.ts';
import { openEitherWay, watched } from './stage/open-either-way.ts';
import { type RepeatRule, type RowMeaning, stageSource } from './stage/stage-source.ts';
import { countRows, readKeys } from './table/table-rows.ts';
import type { Tables } from './table/tables.ts';

export interface PulledRows extends Omit<BringInOptions, 'watermark' | 'rowGroups'> {
  readonly rowsRead: number;
  readonly files: readonly FileRows[];
}

/** A run, or a trial of one. */
export interface TimedRun extends ComparingRun {
  /** The time of reports whose row has none. */
  readonly startedAtMs: number;
}

/**
 * Stages the rows. If the source is malformed, stages them once more and rejects each bad row.
 * @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full`
 */
export async function stagePulledRows(
  run: TimedRun,
  options: PullDependencies & OpenedDataset,
): Promise<PulledRows> {
  const { source, workbench, dataset, dataFolder, onProgress, onNotes, interrupted } = options;
  const { kind, mode } = dataset.definition;
  const onBytes = (done: number) => onProgress({ phase: 'reading', done, total: source.bytes });
  const meaning = meaningOf(dataset);
  const place = await baselinePlaceOf(run, dataFolder);
  // A baseline of rows that are all kept notes no source.
  const digestKey = meaning.repeats === 'kept' ? undefined : await sourceKey(place);
  const opening = { workbench, source, onBytes, digestKey };
  const before = meaning.isFoundByAny ? { ...place, baselineId: undefined } : place;
  const opened = openEitherWay(opening, async ({ relation, rejections }) => {
    const mapped = mapDefinedColumns(dataset, relation.columns);
    const options = { workbench, ...mapped, rejections, before, source, ...meaning };
    const staged = await stageSource(relation, options);
    const files = (await relation.files?.()) ?? [];
    return { staged, fieldIds: mapped.fieldIds, files, notes: relation.notes };
  });
  const { notes, ...rows } = await watched(opening, opened);
  const { rowsRead } = rows.staged;
  if (notes.length > 0) onNotes(notes);
  interrupted.throwIfAborted();
  onProgress({ phase: 'comparing', done: 0, total: rowsRead });
  return {
    ...rows,
    workbench,
    dataFolder,
    rowsRead,
    // A definition maps every field of its dataset, so a row replaces the contact's section.
    changeKind: changeKinds[kind] ?? 'replace',
    // Only a report ends a membership; a missing row does not.
    mode: kind === 'membership' && mode === 'snapshot' ? 'append' : mode,
    ...(kind === 'membership' && { feed: feedLayout(dataset, run.startedAtMs) }),
    onProgress: (done, total) => onProgress({ phase: 'applying', done, total }),
    interrupted,
  };
}

const changeKinds: Readonly<Partial<Record<DatasetKind, StagedChanges['changeKind']>>> = {
  membership: 'membership',
  list: 'list',
  identity: 'identity',
};

/** A row of a list marks the contact that the first of its known identities leads to. */
function meaningOf({ definition: { kind, identifiers } }: DefinedDataset): RowMeaning {
  return {
    repeats: repeatRules[kind] ?? 'last',
    isFoundByAny: kind === 'list' && identifiers.length > 1,
  };
}

/** By kind, if several rows may have one key. */
const repeatRules: Readonly<Partial<Record<DatasetKind, RepeatRule>>> = {
  membership: 'kept',
  identity: 'added',
};

function feedLayout({ definition }: DefinedDataset, startedAtMs: number): FeedLayout {
  const names = feedColumns(definition.feed ?? 'flow').map(({ name }) => name);
  return { names, reportedAt: new Date(startedAtMs).toISOString() };
}

/** Reports change no values, and `bring-reference.ts` compares reference rows. */
export function isMeasured({ definition }: DefinedDataset): boolean {
  return definition.kind === 'contact' || definition.kind === 'list';
}

/** What a run would do to contacts. */
export interface MeasuredRun {
  /** `unmeasuredChanges` if they were not asked for, or if the dataset fills no fields. */
  readonly changes: MeasuredChanges;
  /** `null` if the run brings no contacts together. */
  readonly joins: JoinedShare | null;
  /**
   * Rows that the store would refuse because they name an erased person; `undefined` if not all
   * rows were looked at.
   */
  readonly suppressed: number | undefined;
  readonly rowGroups: RowGroups;
}

interface AskedMeasures {
  readonly dataset: DefinedDataset;
  readonly compared: ComparedRows;
  /** Whether to compare values. */
  readonly areChangesWanted: boolean;
  /** What a person approved; joins that this covers in any case are not counted again. */
  readonly approvedJoins: JoinedShare | null;
  /** Of a dry run. */
  readonly rowMeasure?: RowMeasure;
}

/** Measures what the changes would do, by reading the contacts. Writes nothing. */
export async function measureRows(
  run: ComparingRun,
  rows: PulledRows,
  { dataset, compared, areChangesWanted, approvedJoins, rowMeasure }: AskedMeasures,
): Promise<MeasuredRun> {
  const { organizationId, datasetId } = run.lease;
  const { workbench } = rows;
  const place = { reader: run.reader, organizationId, datasetId };
  const isWanted = areChangesWanted && isMeasured(dataset);
  const values = isWanted ? new ChangeMeasure(place, rowMeasure) : undefined;
  const { kind, identifiers } = dataset.definition;
  const about = { kind, identifiers: identifiers.length };
  const rowsStaged = await countRows(workbench, compared.tables.stagedRows);
  // Each identity that a row names leads to one contact at most.
  const most = {
    contacts: rowsStaged * identifiers.length,
    identityTypes: identifiers.map(({ identityType }) => identityType),
  };
  const isApproved = areJoinsCovered(most, approvedJoins);
  const joins = !isApproved && (await mayJoin(place, about)) ? new JoinMeasure(place) : undefined;
  const suppressed = await addRows(rows, compared, {
    ...{ values, joins, areChangesWanted },
    suppressedRows: new SuppressedRows(run.reader, place),
  });
  const { maxChangeShare, maxJoinedShare: maxShare } = dataset.definition;
  const names = new Map(dataset.fields.map(({ id, name }) => [id, name]));
  const changes = await values?.plan(maxChangeShare, names);
  const rowGroups = noGroups;
  if (isApproved) {
    const wouldAdd = isMeasured(dataset) ? rowsStaged : 0;
    const unmeasured = { ...unmeasuredChanges, wouldAdd };
    return { changes: changes ?? unmeasured, joins: approvedJoins, suppressed, rowGroups };
  }
  if (joins === undefined || joins.contacts === 0) {
    return { changes: changes ?? unmeasuredChanges, joins: null, suppressed, rowGroups };
  }
  const named =
    changes === undefined
      ? await countKeys(workbench, compared.tables)
      : changes.contactsBefore + changes.wouldAdd - changes.wouldVanish;
  // Values are not measured in a first load, which adds all of its rows.
  const wouldAdd = isMeasured(dataset) ? joins.rows : 0;
  return {
    changes: changes ?? { ...unmeasuredChanges, wouldAdd },
    joins: joins.plan(named, { maxShare, typeNames: typeNamesOf(dataset.identityTypes) }),
    suppressed,
    rowGroups: joins.rowGroups(),
  };
}

interface Measures {
  readonly values: ChangeMeasure | undefined;
  readonly joins: JoinMeasure | undefined;
  readonly suppressedRows: SuppressedRows;
  readonly areChangesWanted: boolean;
}

/**
 * Gives each measure the rows that it needs, in one pass if they need the same.
 * @returns how many of the rows the store would refuse as suppressed; `undefined`: not all rows
 *   were looked at
 */
async function addRows(
  { workbench, interrupted, ...rows }: PulledRows,
  { tables, keyed, vanished }: ComparedRows,
  { values, joins, suppressedRows, areChangesWanted }: Measures,
): Promise<number | undefined> {
  const addTo = async (
    measures: readonly (ChangeMeasure | JoinMeasure | undefined)[],
    without: Partial<Tables<'unmeasuredRows'>> = {},
  ) => {
    const batches = changeBatches(workbench, { ...tables, ...without }, rows);
    for await (const { changes, release } of batches) {
      const applied = await suppressedRows.without(changes);
      for (const measure of measures) await measure?.add(applied);
      release();
      interrupted.throwIfAborted();
    }
  };
  const without = joins && (await findUnmeasured(workbench, tables, keyed));
  const isWhole = values !== undefined || (areChangesWanted && (await suppressedRows.mayRefuse()));
  const isApart = !isWhole || without?.unmeasuredRows !== undefined;
  let suppressed: number | undefined;
  if (isWhole) {
    if (values !== undefined) {
      const { vanishedRows } = await vanished;
      await values.addVanished(readKeys(workbench, vanishedRows));
    }
    await addTo([values, isApart || without === undefined ? undefined : joins]);
    suppressed = suppressedRows.count;
  }
  if (isApart && without !== undefined) await addTo([joins], without);
  return suppressed;
}
