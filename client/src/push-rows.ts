/**
 * Pushes rows in requests of at most 1,000, each with its own key, so that a request whose answer
 * was lost can be sent again without being applied twice.
 */

/** Values by column name. A missing column leaves its field as it is; `null` clears the field. */
export type PushRow = Readonly<Record<string, unknown>>;

/** Identities of one person by column name. A column that is missing or `null` says nothing. */
export type IdentityRow = Readonly<Record<string, string | number | null>>;

export interface PushOptions {
  /** Random by default. Set it to repeat a push yourself with the same key. */
  readonly idempotencyKey?: string;
  /** Cancels the push; finished requests stay applied. */
  readonly signal?: AbortSignal;
}

export interface PushRejection {
  /** The row's index in the pushed list, from 0. */
  readonly row: number;
  readonly code: string;
  readonly column: string | null;
  readonly reason: string;
}

export interface PushReport {
  readonly received: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly rejections: readonly PushRejection[];
  /** How many members of the rows are not columns of the dataset. */
  readonly fieldUnknown: number;
  readonly unknownColumns: readonly string[];
  /** How many contacts became part of another one. */
  readonly joined: number;
  /** How many identities of applied rows do not find the contact of their row, by code. */
  readonly refusedClaims: Readonly<Record<string, number>>;
  /** For `minRevision` of a look-up that must show the push; `null` if there were no rows. */
  readonly revision: string | null;
}

/** The most rows that the server accepts in one request. */
const maxRows = 1_000;

interface PushAnswer extends Omit<PushReport, 'fieldUnknown' | 'unknownColumns' | 'refusedClaims'> {
  readonly field_unknown: number;
  readonly unknown_columns: readonly string[];
  readonly refused_claims: Readonly<Record<string, number>>;
}

const nothing: PushReport = {
  received: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  rejected: 0,
  rejections: [],
  fieldUnknown: 0,
  unknownColumns: [],
  joined: 0,
  refusedClaims: {},
  revision: null,
};

/** @param send sends one request with its key */
export async function pushInRequests(
  rows: readonly PushRow[],
  key: string,
  send: (rows: readonly PushRow[], key: string) => Promise<Readonly<Record<string, unknown>>>,
): Promise<PushReport> {
  let report = nothing;
  for (let start = 0; start < rows.length; start += maxRows) {
    const some = rows.slice(start, start + maxRows);
    const answer = await send(some, rows.length > maxRows ? `${key}-${start}` : key);
    report = addReports(report, answer as unknown as PushAnswer, start);
  }
  return report;
}

function addReports(report: PushReport, answer: PushAnswer, start: number): PushReport {
  const rejections = answer.rejections.map((it) => ({ ...it, row: it.row + start }));
  return {
    received: report.received + answer.received,
    added: report.added + answer.added,
    changed: report.changed + answer.changed,
    unchanged: report.unchanged + answer.unchanged,
    rejected: report.rejected + answer.rejected,
    rejections: [...report.rejections, ...rejections],
    fieldUnknown: report.fieldUnknown + answer.field_unknown,
    unknownColumns: [...new Set([...report.unknownColumns, ...answer.unknown_columns])],
    joined: report.joined + answer.joined,
    refusedClaims: addCounts(report.refusedClaims, answer.refused_claims),
    revision: answer.revision,
  };
}

function addCounts(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...one };
  for (const [code, count] of Object.entries(other)) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}
