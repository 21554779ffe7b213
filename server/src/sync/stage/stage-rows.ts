/**
 * Brings a source's rows into the store's form. The engine reads the source once, normalises plain
 * rows by SQL, and writes all rows to a file, which `split-staged.ts` reads while it grows.
 *
 * A staged row is a sequence of parts: for each identifier the digest as 32 hexadecimal digits with
 * the normalised value, or nothing, then the raw JSON of each field. `partEnd` ends each part, and
 * `rowEnd` the row.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { copyPieceBytes } from '../../domain/limits.ts';
import { orderedMemoryShare } from '../../sources/limits.ts';
import type { SourceRejection, SourceRelation } from '../../sources/source.ts';
import { MemoryExceeded } from '../../sources/source-failure.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import { nameFiles } from '../apply/rejections-file.ts';
import { addRows } from '../table/table-rows.ts';
import { columnsOf, makeEmpty, makeTables, makeViews, type Tables } from '../table/tables.ts';
import { digestSql, identitySql } from './identity-sql.ts';
import { PartsFile } from './parts-file.ts';
import { type ColumnSql, columnSql, partEnd, plainTextSql, rowEnd, ruleSql } from './row-sql.ts';
import { hashedRows } from './scan-source.ts';
import { type Misfits, type RejectedTables, separator, splitStaged } from './split-staged.ts';

export type StagedTables = RejectedTables & Tables<'stagedDigests' | 'stagedRows' | 'sourceFiles'>;

export interface StagedRows extends Misfits {
  readonly tables: StagedTables;
  /** How many rows of the source could be read as rows. */
  readonly rowsRead: number;
  readonly parts: PartsFile;
}

/** @throws SourceMalformed, UsherError `storage_full` */
export async function stageRows(
  workbench: Workbench,
  relation: SourceRelation,
  mapping: RowMapping,
): Promise<StagedRows> {
  const stage = () => stageOnce(workbench, relation, mapping);
  if (relation.rowNumbers === 'column') return stage();
  try {
    return await workbench.within({ memoryShare: orderedMemoryShare }, stage);
  } catch (error) {
    if (!(error instanceof MemoryExceeded)) throw error;
    return stage();
  }
}

async function stageOnce(
  workbench: Workbench,
  relation: SourceRelation,
  mapping: RowMapping,
): Promise<StagedRows> {
  const staged = join(workbench.folder, 'staged.rows');
  const digests = join(workbench.folder, 'staged.digests');
  const parts = new PartsFile(join(workbench.folder, 'staged.parts'));
  try {
    const tables = {
      ...(await makeEmpty(workbench, ['rejectedRows', 'rejectedIdentities'])),
      ...(await nameFiles(workbench, relation)),
    };
    const isNumbered = relation.rowNumbers === 'column';
    await rm(staged, { force: true });
    // To keep the order takes memory. In a query with a join the engine would use one thread.
    const writing = workbench.run(
      `COPY (${stagingSql(relation, mapping)}) TO ${sqlText(staged)}
        (${plainFile}, PRESERVE_ORDER ${!isNumbered})`,
    );
    // It can fail before anyone waits for it; `splitStaged` gets the error all the same.
    writing.catch(() => undefined);
    const splitting = { tables, staged, writing, digests, parts, isNumbered };
    const outcome = await splitStaged(workbench, mapping, splitting).finally(() =>
      writing.catch(() => undefined),
    );
    const [rows] = await Promise.all([loadDigests(workbench, mapping, digests), rm(staged)]);
    await rm(digests);
    return { ...outcome, tables: { ...tables, ...rows }, parts };
  } finally {
    parts.close();
  }
}

/** What `stageRows` returns for a source without rows. */
export async function stageNoRows(
  workbench: Workbench,
  relation: SourceRelation,
  mapping: RowMapping,
): Promise<StagedRows> {
  const parts = new PartsFile(join(workbench.folder, 'staged.parts'));
  parts.finish();
  const digests = await makeEmpty(workbench, ['stagedDigests'], mapping.identifiers.length);
  const tables = {
    ...(await makeEmpty(workbench, ['rejectedRows', 'rejectedIdentities'])),
    ...(await nameFiles(workbench, relation)),
    ...digests,
    ...(await viewRows(workbench, mapping, digests)),
  };
  return { tables, parts, rowsRead: 0, misfits: new Map(), misfitCounts: new Map() };
}

/**
 * Nothing in it needs a quote: texts are JSON, which has no control characters. To force quotes,
 * which are empty, saves the engine the search for characters that need them.
 */
const plainFile = `FORMAT csv, HEADER false, DELIMITER '${separator}', QUOTE '', ESCAPE '', FORCE_QUOTE *, USE_TMP_FILE false`;

async function loadDigests(
  workbench: Workbench,
  mapping: RowMapping,
  path: string,
): Promise<Tables<'stagedDigests' | 'stagedRows'>> {
  const columns = columnsOf('stagedDigests', mapping.identifiers.length).map((column) => {
    const [name, type] = column.split(' ');
    return `${name}: '${type}'`;
  });
  const { stagedDigests } = await makeTables(workbench, {
    stagedDigests: `SELECT * FROM read_csv(${sqlText(path)}, auto_detect = false, header = false,
      delim = '${separator}', quote = '', escape = '', nullstr = '', new_line = '\\n',
      max_line_size = ${copyPieceBytes}, buffer_size = ${copyPieceBytes},
      columns = {${columns.join(', ')}})`,
  });
  return { stagedDigests, ...(await viewRows(workbench, mapping, { stagedDigests })) };
}

/** Views the staged rows with their keys and claims, which depend on the ids of the types. */
export function viewRows(
  workbench: Workbench,
  mapping: RowMapping,
  { stagedDigests }: Tables<'stagedDigests'>,
): Promise<Tables<'stagedRows'>> {
  return makeViews(workbench, {
    stagedRows: `SELECT *, ${rowKeySql(mapping)} AS row_key, ${claimsSql(mapping)} AS claims
      FROM ${stagedDigests}`,
  });
}

/** The identities of a row as text, to see whether they changed. */
function claimsSql({ identifiers }: RowMapping): string {
  if (identifiers.length < 2) return 'CAST(NULL AS VARCHAR)';
  const each = identifiers.map(({ identityType: { id } }, at) => `'${id} ' || digest${at}`);
  return `concat_ws(' ', ${each.join(', ')})`;
}

export function addRejections(
  workbench: Workbench,
  { rejectedRows }: Tables<'rejectedRows'>,
  rejections: readonly SourceRejection[],
): Promise<void> {
  const rows = rejections.map((one) => [one.row - 1, one.column, one.code, one.reason]);
  return addRows(workbench, rejectedRows, rows);
}

/**
 * Reads the source once. The columns are `is_plain` (whether SQL read the whole row), `n` if the
 * relation has it, `hash1`, `hash2`, `digest0` and so on, and `parts`: the cells as JSON if the row
 * is not plain.
 */
export function stagingSql(relation: SourceRelation, mapping: RowMapping): string {
  const fields = columnSqls(mapping);
  const lists = fields.flatMap(({ elements }, place) =>
    elements === undefined ? [] : [`, ${elements} AS elements${place}`],
  );
  const identities = mapping.identifiers.map(({ cell, identityType }, place) => {
    const value = identitySql(identityType, `c${cell}`);
    return `CASE WHEN c${cell} IS NOT NULL THEN ${value} END AS identity${place}`;
  });
  const digests = mapping.identifiers.map(
    ({ identityType }, place) =>
      `${digestSql(identityType.normalisation, `identity${place}`)} AS digest${place}`,
  );
  const digestNames = mapping.identifiers.map((_, place) => `digest${place}`);
  const pieces = [
    ...mapping.identifiers.flatMap(({ identityType }, place) => [
      { sql: identityPart(identityType, place) },
      { literal: partEnd },
    ]),
    ...fields.flatMap(({ isBare, value }, place) =>
      isBare
        ? [{ literal: '"' }, { sql: value }, { literal: `"${partEnd}` }]
        : [{ sql: `value${place}` }, { literal: partEnd }],
    ),
    { literal: rowEnd },
  ];
  const normalised = [
    ...identities,
    ...fields.flatMap(({ isBare, value }, place) => (isBare ? [] : [`${value} AS value${place}`])),
  ];
  const partCount = mapping.identifiers.length + fields.length + 1;
  const cells = relation.columns.map((_, cell) => `c${cell}`).join(', ');
  const number = relation.rowNumbers === 'column' ? 'n, ' : '';
  return `
    SELECT is_plain, ${number}hash1, hash2, ${digestNames.join(', ')},
      CASE WHEN is_plain THEN parts ELSE CAST(json_array(${cells}) AS VARCHAR) END AS parts
    FROM (SELECT *, coalesce(${isPlainSql(mapping, partCount)}, false) AS is_plain
      FROM (SELECT *, ${concatSql(pieces)} AS parts
        FROM (SELECT *, ${digests.join(', ')}
          FROM (SELECT *, ${normalised.join(', ')}
            FROM (SELECT *${lists.join('')} FROM ${hashedRows(relation, mapping)})))))`;
}

function columnSqls({ fields }: RowMapping): readonly ColumnSql[] {
  return fields.map(({ type, cell, options }, place) =>
    columnSql(type, `c${cell}`, { options, elements: `elements${place}` }),
  );
}

type Piece = { readonly literal: string } | { readonly sql: string };

/** One `concat` with adjacent literals merged, since it works through its arguments one by one. */
function concatSql(pieces: readonly Piece[]): string {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if ('literal' in piece && last !== undefined && 'literal' in last) {
      merged[merged.length - 1] = { literal: last.literal + piece.literal };
    } else {
      merged.push(piece);
    }
  }
  return `concat(${merged.map((piece) => ('sql' in piece ? piece.sql : sqlText(piece.literal))).join(', ')})`;
}

function identityPart(type: IdentityType, place: number): string {
  const value = type.normalisation === 'email-hash' ? '' : `, identity${place}`;
  return `CASE WHEN identity${place} IS NULL THEN '' ELSE concat(digest${place}${value}) END`;
}

/** The first identity of a row is its key. */
function rowKeySql(mapping: RowMapping): string {
  const identities = mapping.identifiers.map(
    ({ identityType }, place) => `${sqlText(`${identityType.id} `)} || digest${place}`,
  );
  return `coalesce(${identities.join(', ')})`;
}

/**
 * Whether SQL can read the row: its identities, each value that is checked alone, and the text of
 * the others.
 */
function isPlainSql(mapping: RowMapping, partCount: number): string {
  const identities = mapping.identifiers.map(
    ({ cell }, place) => `(c${cell} IS NULL OR identity${place} IS NOT NULL)`,
  );
  const some = mapping.identifiers.map((_, place) => `identity${place} IS NOT NULL`).join(' OR ');
  const columns = columnSqls(mapping);
  const checked = columns.flatMap(({ isBare }, place) =>
    isBare ? [] : [`value${place} IS NOT NULL`],
  );
  const checks = columns.flatMap(({ check }) => (check === undefined ? [] : [check]));
  const quotes = columns.map((column, place) => column.quotes(`value${place}`));
  const fixed = quotes.reduce((sum, count) => sum + (Number(count) || 0), 0);
  const counted = quotes.filter((count) => !/^[0-9]+$/.test(count));
  const plain = plainTextSql('parts', [String(fixed), ...counted].join(' + '), partCount);
  const rules = (mapping.rules ?? []).map((rule) => ruleSql(rule, mapping));
  return [...identities, `(${some})`, ...checked, ...checks, ...rules, plain].join(' AND ');
}
