/** Reads the staged rows to send, as batches of changes of fields, lists, feeds or identities. */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { decodeFields, viewSection } from '../../stores/contact-codec.ts';
import { readLines } from '../table/table-rows.ts';
import type { Tables } from '../table/tables.ts';
import type { ChangeBatch, ChangeLayout } from './parse-changes.ts';
import type { PartsFile, RowMarks } from './parts-file.ts';
import { readChanges } from './read-changes.ts';
import { sumUpRows } from './sum-up-rows.ts';

export interface FeedLayout {
  /** Names of the feed's columns; the field id is the index plus one. */
  readonly names: readonly string[];
  /** RFC 3339: the time of reports whose row has none. */
  readonly reportedAt: string;
}

export interface StagedChanges {
  readonly staged: { readonly parts: PartsFile; readonly mapping: RowMapping };
  /** One for each field of the mapping, ascending. */
  readonly fieldIds: readonly number[];
  /** `replace` if the source fills every field: nothing of the old section needs to be read. */
  readonly changeKind: ChangeLayout['kind'];
  /** For the kind `membership`: each change then has the `row_id` of its row. */
  readonly feed?: FeedLayout;
}

/** The rows to send, or to measure if some need not be, in the store's order. */
export async function* changeBatches(
  workbench: Workbench,
  { unsentRows, unmeasuredRows }: Tables<'unsentRows'> & Partial<Tables<'unmeasuredRows'>>,
  { staged, fieldIds, changeKind: kind, feed }: StagedChanges,
): AsyncGenerator<ChangeBatch> {
  const typeIds = staged.mapping.identifiers.map(({ identityType }) => identityType.id);
  const dropped = await marksOf(workbench, unmeasuredRows ?? unsentRows);
  const wanted = { dropped, areNumbered: feed !== undefined };
  if (kind === 'identity') return yield* sumUpRows(staged.parts.sorted(wanted), typeIds);
  const numberId = feed === undefined ? [] : [feed.names.length + 1];
  const layout = { kind, typeIds, fieldIds: [...fieldIds, ...numberId] };
  const adapt = (batch: ChangeBatch) => {
    if (feed !== undefined) return asReports(batch, feed);
    return kind === 'list' ? withoutSections(batch) : batch;
  };
  const batches = readChanges({ parts: staged.parts.map, ...wanted, layout });
  for await (const batch of batches) yield adapt(batch);
}

/** `undefined` if the table is empty. */
async function marksOf(workbench: Workbench, table: string): Promise<RowMarks | undefined> {
  const [last] = await workbench.rows(`SELECT max(row_id) FROM ${table}`);
  if (last?.[0] == null) return undefined;
  const marks = new Uint8Array(Number(last[0]) + 1);
  for await (const rowId of readLines(workbench, 'row_id', table)) marks[Number(rowId)] = 1;
  return marks;
}

const noSection = new Uint8Array();

function withoutSections({ changes, release }: ChangeBatch): ChangeBatch {
  return { changes: changes.map((change) => ({ ...change, section: noSection })), release };
}

/** The last field of each section is the row's number. */
function asReports({ changes, release }: ChangeBatch, feed: FeedLayout): ChangeBatch {
  const rows: number[] = [];
  const reports = changes.map((change) => {
    const view = viewSection(change.section);
    const fields = view === undefined ? new Map<number, string>() : decodeFields(view);
    rows.push(Number(fields.get(feed.names.length + 1)));
    return { ...change, section: reportOf(fields, feed) };
  });
  return { changes: reports, rows, release };
}

/** A report as JSON; the row's values are JSON already. */
function reportOf(
  fields: ReadonlyMap<number, string>,
  { names, reportedAt }: FeedLayout,
): Uint8Array {
  const members = [...fields].flatMap(([id, json]) =>
    json === '' || id > names.length ? [] : [`"${names[id - 1]}":${json}`],
  );
  const timestamp = fields.get(names.indexOf('timestamp') + 1) ?? '';
  if (timestamp === '') members.push(`"reported_at":"${reportedAt}"`);
  return Buffer.from(`{${members.join(',')}}`);
}
