/**
 * Rows that somebody pushes: each is read, and what can be applied goes to the writer in one
 * transaction, in the order given. What is wrong with a row is told at its place; the others are
 * applied all the same.
 */

import type { RowProblem } from '../../domain/dataset/source-row.ts';
import type { ContactChange, ContactWriter, PushOnce } from '../../stores/store.ts';
import { maxPushProblemsPerRow, maxUnknownColumns, pushRowsPerTurn } from '../limits.ts';
import type { PushMapping } from './push-mapping.ts';
import { isPushedChange, readPushedRow } from './push-row.ts';

export interface PushRequest {
  readonly organizationId: number;
  readonly mapping: PushMapping;
  readonly rows: readonly object[];
  /** Milliseconds since the epoch: how fresh the rows are. */
  readonly atMs: number;
  /**
   * Under which key the answer is kept, so that the same request again changes nothing; `null`:
   * under none.
   */
  readonly once: Omit<PushOnce, 'note'> | null;
}

export interface PushRejection extends RowProblem {
  /** The row's place in the request, from 0. */
  readonly row: number;
}

export interface PushReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Rows, each at most once. */
  readonly rejected: number;
  readonly rejections: readonly PushRejection[];
  /** Members of rows that the dataset has no column for: how many, and the first of their names. */
  readonly fieldUnknown: number;
  readonly unknownColumns: readonly string[];
  /** `''`: nothing changed. */
  readonly revision: string;
  /** Whether this answer was given before. */
  readonly isRepeated: boolean;
}

/** What reading the rows came to; kept with the answer of a request that may come again. */
interface ReadRows {
  readonly rejected: number;
  readonly rejections: readonly PushRejection[];
  readonly fieldUnknown: number;
  readonly unknownColumns: readonly string[];
  /**
   * The row of each change, by its place in the batch; empty where no row was left out, so that
   * each has its own.
   */
  readonly places: readonly number[];
}

/** @throws UsherError `storage_full`, `store_unavailable`, `idempotency_conflict` */
export async function pushRows(writer: ContactWriter, request: PushRequest): Promise<PushReport> {
  const { organizationId, mapping, atMs } = request;
  const { changes, own } = await readRows(mapping, request.rows);
  const once = request.once === null ? null : { ...request.once, note: JSON.stringify(own) };
  const report = await writer.push(organizationId, mapping.datasetId, changes, { atMs, once });
  const isRepeated = report.keptNote !== null;
  const { places, ...read } =
    report.keptNote === null ? own : (JSON.parse(report.keptNote) as ReadRows);
  const refused = report.rejected.map(({ index, code }) => ({
    row: places[index] ?? index,
    code,
    column: null,
    reason: refusals[code],
  }));
  return {
    ...read,
    added: report.added,
    changed: report.changed,
    unchanged: report.unchanged + report.stale,
    rejected: read.rejected + refused.length,
    rejections: [...read.rejections, ...refused].sort((one, other) => one.row - other.row),
    revision: report.revision,
    isRepeated,
  };
}

const refusals = {
  identity_conflict: 'has identities of different contacts',
  identity_repeated: 'is for a contact that another row filled already',
  value_invalid: 'would make the contact larger than a contact may be',
} as const;

/** A thread that answers look-ups reads some rows at a time, and look-ups in between. */
async function readRows(
  mapping: PushMapping,
  rows: readonly object[],
): Promise<{ readonly changes: readonly ContactChange[]; readonly own: ReadRows }> {
  const changes: ContactChange[] = [];
  const places: number[] = [];
  const rejections: PushRejection[] = [];
  const unknownColumns = new Set<string>();
  let rejected = 0;
  let fieldUnknown = 0;
  for (const [row, members] of rows.entries()) {
    if (row > 0 && row % pushRowsPerTurn === 0) await nextTurn();
    const { read, unknown } = readPushedRow(mapping, members);
    fieldUnknown += unknown.length;
    for (const name of unknown) noteUnknown(unknownColumns, name);
    if (isPushedChange(read)) {
      changes.push(read);
      places.push(row);
    } else {
      rejected += 1;
      for (const problem of read.slice(0, maxPushProblemsPerRow)) {
        rejections.push({ row, ...problem });
      }
    }
  }
  const read = { rejected, rejections, fieldUnknown, unknownColumns: [...unknownColumns] };
  return { changes, own: { ...read, places: rejected === 0 ? [] : places } };
}

/**
 * Only what could be the name of a column is repeated: a member's name may be anything, also
 * somebody's address.
 */
function noteUnknown(known: Set<string>, name: string): void {
  if (known.size < maxUnknownColumns && /^[A-Za-z][A-Za-z0-9_ -]{0,63}$/.test(name))
    known.add(name);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
