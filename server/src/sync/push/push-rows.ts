/**
 * Applies pushed rows: applies good rows in one transaction, in their order, and reports rejected
 * ones.
 */
import type { RefusedClaimCode } from '../../domain/contact/component.ts';
import type { IdentityRules } from '../../domain/contact/identity-rules.ts';
import type { RowProblem } from '../../domain/dataset/source-row.ts';
import type { ContactChange, ContactWriter, PushOnce } from '../../stores/store.ts';
import { maxPushProblemsPerRow, maxUnknownColumns, pushRowsPerTurn } from '../limits.ts';
import type { PushMapping } from './push-mapping.ts';
import { isPushedChange, readPushedRow } from './push-row.ts';

export interface PushRequest {
  readonly organizationId: number;
  readonly mapping: PushMapping;
  /** What decides which contact a row belongs to. */
  readonly rules: IdentityRules;
  readonly rows: readonly object[];
  /** How fresh the rows are, in milliseconds since 1970. */
  readonly atMs: number;
  /** The idempotency key that keeps the answer, so that a repeated request changes nothing. */
  readonly once: Omit<PushOnce, 'note'> | null;
}

export interface PushRejection extends RowProblem {
  /** The row's index in the request, from 0. */
  readonly row: number;
}

export interface PushReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Each row counts once. */
  readonly rejected: number;
  readonly rejections: readonly PushRejection[];
  /** Members that are not columns: their number, and the first names. */
  readonly fieldUnknown: number;
  readonly unknownColumns: readonly string[];
  /** Contacts that became part of another one. */
  readonly joined: number;
  /** Claims of applied rows that have no effect, by code. */
  readonly refusedClaims: Readonly<Partial<Record<RefusedClaimCode, number>>>;
  /** `''` if nothing changed. */
  readonly revision: string;
  /** Whether the request was repeated, and this is its kept answer. */
  readonly isRepeated: boolean;
}

/**
 * The result of reading the rows. It is kept with the answer, for repeated requests. It holds no
 * text that the caller sent.
 */
interface ReadRows extends Pick<PushReport, 'rejected' | 'rejections' | 'fieldUnknown'> {
  /** Where the rows have the unknown columns that are listed: a repeated request has them too. */
  readonly unknownPlaces: readonly MemberPlace[];
  /** The row index of each change; empty if no row was rejected. */
  readonly places: readonly number[];
}

type MemberPlace = readonly [row: number, member: number];

/** @throws UsherError `storage_full`, `store_unavailable`, `idempotency_conflict` */
export async function pushRows(writer: ContactWriter, request: PushRequest): Promise<PushReport> {
  const { organizationId, mapping, rules, atMs } = request;
  const { changes, own } = await readRows(mapping, request.rows);
  const once = request.once === null ? null : { ...request.once, note: JSON.stringify(own) };
  const report = await writer.push(organizationId, mapping.datasetId, changes, {
    ...{ atMs, once, rules },
    keyOrder: mapping.keyOrder,
  });
  const isRepeated = report.keptNote !== null;
  const { places, unknownPlaces, ...read } =
    report.keptNote === null ? own : (JSON.parse(report.keptNote) as ReadRows);
  const refused = report.rejected.map(({ index, code }) => ({
    row: places[index] ?? index,
    code,
    column: null,
    reason: refusals[code],
  }));
  return {
    ...read,
    unknownColumns: unknownPlaces.map((place) => memberAt(request.rows, place)),
    added: report.added,
    changed: report.changed,
    unchanged: report.unchanged + report.stale,
    rejected: read.rejected + refused.length,
    rejections: [...read.rejections, ...refused].sort((one, other) => one.row - other.row),
    joined: report.joined,
    refusedClaims: countByCode(report.refusedClaims),
    revision: report.revision,
    isRepeated,
  };
}

function countByCode(
  refusedClaims: readonly { readonly code: RefusedClaimCode }[],
): PushReport['refusedClaims'] {
  const counts = new Map<RefusedClaimCode, number>();
  for (const { code } of refusedClaims) counts.set(code, (counts.get(code) ?? 0) + 1);
  return Object.fromEntries([...counts].sort());
}

const refusals = {
  contact_suppressed: 'names an identity of a contact that was erased',
  identity_shared: 'has a key that several rows of the dataset claim',
  identity_repeated: 'has the key of another row, which counts',
  value_invalid: 'would make the contact larger than a contact may be',
} as const;

/** Reads in pieces, since look-ups are answered on the same thread. */
async function readRows(
  mapping: PushMapping,
  rows: readonly object[],
): Promise<{ readonly changes: readonly ContactChange[]; readonly own: ReadRows }> {
  const changes: ContactChange[] = [];
  const places: number[] = [];
  const rejections: PushRejection[] = [];
  const unknownColumns = new Map<string, MemberPlace>();
  let rejected = 0;
  let fieldUnknown = 0;
  for (const [row, members] of rows.entries()) {
    if (row > 0 && row % pushRowsPerTurn === 0) await nextTurn();
    const { read, unknown } = readPushedRow(mapping, members);
    fieldUnknown += unknown.length;
    for (const name of unknown) {
      if (isListed(unknownColumns, name)) {
        unknownColumns.set(name, [row, Object.keys(members).indexOf(name)]);
      }
    }
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
  const unknownPlaces = [...unknownColumns.values()];
  const read = { rejected, rejections, fieldUnknown, unknownPlaces };
  return { changes, own: { ...read, places: rejected === 0 ? [] : places } };
}

/** Lists a new name only if it looks like a column's. Other names may be personal. */
function isListed(known: ReadonlyMap<string, MemberPlace>, name: string): boolean {
  const isNew = known.size < maxUnknownColumns && !known.has(name);
  return isNew && /^[A-Za-z][A-Za-z0-9_ -]{0,63}$/.test(name);
}

function memberAt(rows: readonly object[], [row, member]: MemberPlace): string {
  return Object.keys(rows[row] ?? {})[member] ?? '';
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
