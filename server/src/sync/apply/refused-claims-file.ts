/**
 * Lists the claims of a run's rows that have no effect, in a file with a line for each: where the
 * row is, and why. The row itself was applied. The file holds no value.
 */
import { join } from 'node:path';
import type { RefusedClaimCode } from '../../domain/contact/component.ts';
import { refusedClaimsFile } from '../../domain/data-files.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { maxRejectionLines, maxRescannedRows } from '../limits.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import type { Tables } from '../table/tables.ts';
import { type ReportedRow, writeReport } from './report-file.ts';

const reasons: Readonly<Record<RefusedClaimCode, string>> = {
  identity_conflict: 'would make one contact of two stable identities',
  identity_limit: 'would give the contact too many identities or rows',
  identity_moved: 'another row let the identity go since, and newer rows claim it',
  identity_not_joining: 'is the key of a row of another contact, and its type does not join',
  identity_parted: 'leads to a contact that a person parted from this one',
  identity_shared: 'too many rows claim it, or none of them comes first',
  identity_suppressed: 'belonged to a contact that was erased',
  identity_taken: 'rows of a more trusted dataset, or newer ones, claim it for another contact',
};

interface ListedClaim extends ReportedRow {
  readonly typeId: number;
  readonly code: RefusedClaimCode;
}

type ClaimTables = Tables<
  'refusedClaims' | 'stagedRows' | 'unsentRows' | 'rowNumbers' | 'sourceFiles'
>;

/**
 * Writes `row,column,identity_type,code,reason` (`file` first if there are several), ascending by
 * row. The row has no number if to find it would take another pass through a large source.
 * @returns the path; `null` if every claim has an effect
 * @throws UsherError `storage_full`
 */
export async function reportRefusedClaims(
  workbench: Workbench,
  tables: ClaimTables,
  {
    staged,
    typeNames,
    total,
    ...place
  }: {
    readonly staged: Pick<StagedSource, 'mapping' | 'numberRows' | 'isNumbered' | 'rowsRead'>;
    /** By identity type id. */
    readonly typeNames: ReadonlyMap<number, string>;
    readonly total: number;
    readonly dataFolder: string;
    readonly runId: string;
  },
): Promise<string | null> {
  if (total === 0) return null;
  if (staged.rowsRead <= maxRescannedRows) await staged.numberRows('false');
  const claims = await listClaims(workbench, tables, staged.isNumbered());
  const columnOf = columnNames(staged);
  const path = join(place.dataFolder, refusedClaimsFile(place.runId));
  await writeReport(path, claims, {
    columns: ['column', 'identity_type', 'code', 'reason'],
    cellsOf: ({ typeId, code }) => [
      columnOf.get(typeId) ?? '',
      typeNames.get(typeId) ?? '',
      code,
      reasons[code],
    ],
    total,
  });
  return path;
}

/** The columns of identities, where a type has only one. */
function columnNames({ mapping }: Pick<StagedSource, 'mapping'>): ReadonlyMap<number, string> {
  const typeIds = mapping.identifiers.map(({ identityType: { id } }) => id);
  return new Map(
    mapping.identifiers
      .filter(({ identityType: { id } }) => typeIds.indexOf(id) === typeIds.lastIndexOf(id))
      .map(({ column, identityType: { id } }) => [id, column]),
  );
}

async function listClaims(
  workbench: Workbench,
  tables: ClaimTables,
  isNumbered: boolean,
): Promise<ListedClaim[]> {
  const { refusedClaims, rowNumbers, sourceFiles } = tables;
  const rows = await workbench.rows(
    `SELECT name, row_in_source + 1 - coalesce(start, 0), type_id, code
     FROM (SELECT coalesce(row_number, id) AS row_in_source, type_id, code
         FROM (SELECT row_id AS id, type_id, code
             FROM ${refusedClaims} JOIN ${sentKeysSql(tables)} AS sent USING (row_key))
           LEFT JOIN ${rowNumbers} AS numbers ON numbers.row_id = id
         ORDER BY 1, type_id LIMIT ${maxRejectionLines})
       ASOF LEFT JOIN ${sourceFiles} ON row_in_source >= start
     ORDER BY row_in_source, type_id`,
  );
  return rows.map(([file, row, typeId, code]) => ({
    ...(isNumbered && file !== null && { file: String(file) }),
    row: isNumbered && row !== null ? Number(row) : undefined,
    typeId: Number(typeId),
    code: String(code) as RefusedClaimCode,
  }));
}

/**
 * The sent rows with claims without effect. Several rows may add up to one, which then counts as
 * the last of them.
 */
export function sentKeysSql({
  refusedClaims,
  stagedRows,
  unsentRows,
}: Tables<'refusedClaims' | 'stagedRows' | 'unsentRows'>): string {
  return `(SELECT row_key, max(row_id) AS row_id FROM ${stagedRows}
    WHERE row_key IN (SELECT row_key FROM ${refusedClaims})
      AND row_id NOT IN (SELECT row_id FROM ${unsentRows}) GROUP BY row_key)`;
}
