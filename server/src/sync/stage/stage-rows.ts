/**
 * Brings a source's rows into the form in which they leave it: plain rows by SQL in one pass over
 * the source, written to a file, all others by `domain/dataset/source-row.ts` while that file is
 * looked through as it grows (`split-staged.ts`). Afterwards the view `rows` holds one line a good
 * row: `n` (row number less one, or what `scan-source.ts` gave for it), `key` (the claim of its
 * first identity) and the digests `g0`, `g1`, ... of its identities, `h` and `h2` (hashes of its
 * cells); their parts are in a file of their own (`parts-file.ts`). The table `rejected` holds the
 * others, `kept` the claims of those among them that name a contact. A claim is an identity as its
 * type's id, a blank and its digest.
 *
 * Parts are, for each identifier, 32 hexadecimal digits and the normalised value (or nothing), then
 * for each field its raw JSON, each of these ended by `partEnd`, and `rowEnd` at the end.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { copyPieceBytes } from '../../domain/limits.ts';
import type { SourceRejection, SourceRelation } from '../../sources/source.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import { nameFiles } from '../apply/rejections-file.ts';
import { PartsFile } from './parts-file.ts';
import {
  columnSql,
  digestSql,
  identitySql,
  partEnd,
  plainTextSql,
  rowEnd,
  ruleSql,
} from './row-sql.ts';
import { hashedRows } from './scan-source.ts';
import { type Misfits, separator, splitStaged } from './split-staged.ts';

export interface StagedRows extends Misfits {
  /** Rows of the source that could be read as rows. */
  readonly rowsRead: number;
  readonly parts: PartsFile;
}

/** @throws SourceMalformed, UsherError `storage_full` */
export async function stageRows(
  workbench: Workbench,
  relation: SourceRelation,
  mapping: RowMapping,
): Promise<StagedRows> {
  const staged = join(workbench.folder, 'staged.rows');
  const digests = join(workbench.folder, 'staged.digests');
  const parts = new PartsFile(join(workbench.folder, 'staged.parts'));
  try {
    await workbench.run(
      'CREATE OR REPLACE TABLE rejected (n BIGINT, place VARCHAR, code VARCHAR, reason VARCHAR)',
    );
    await workbench.run('CREATE OR REPLACE TABLE kept (claim VARCHAR)');
    await nameFiles(workbench, relation);
    const isNumbered = relation.rowNumbers === 'column';
    await rm(staged, { force: true });
    const writing = workbench.run(
      `COPY (${stagingSql(relation, mapping)}) TO ${sqlText(staged)} (${plainFile})`,
    );
    const outcome = await splitStaged(workbench, mapping, {
      ...{ staged, writing, digests, parts, isNumbered },
    }).finally(() => writing.catch(() => undefined));
    await rm(staged);
    await loadDigests(workbench, mapping, digests);
    await rm(digests);
    return { ...outcome, parts };
  } finally {
    parts.close();
  }
}

/** Nothing in it needs a quote: texts are JSON, which has no control characters. */
const plainFile = `FORMAT csv, HEADER false, DELIMITER '${separator}', QUOTE '', ESCAPE '', USE_TMP_FILE false`;

async function loadDigests(workbench: Workbench, mapping: RowMapping, path: string): Promise<void> {
  const digests = mapping.identifiers.map((_, place) => `g${place}: 'VARCHAR'`);
  await workbench.run(`CREATE OR REPLACE TABLE staged AS
    SELECT * FROM read_csv(${sqlText(path)}, auto_detect = false, header = false, delim = '${separator}',
      quote = '', escape = '', nullstr = '', new_line = '\\n', max_line_size = ${copyPieceBytes}, buffer_size = ${copyPieceBytes},
      columns = {n: 'BIGINT', h: 'UBIGINT', h2: 'UBIGINT', ${digests.join(', ')}})`);
  await workbench.run(
    `CREATE OR REPLACE VIEW rows AS SELECT *, ${keySql(mapping)} AS key FROM staged`,
  );
}

/** Adds to `rejected`. */
export async function addRejections(
  workbench: Workbench,
  rejections: readonly SourceRejection[],
): Promise<void> {
  if (rejections.length === 0) return;
  await workbench.append(
    'rejected',
    rejections.map((one) => [one.row - 1, one.column, one.code, one.reason]),
  );
}

/**
 * The statement that reads the source once: `fast`, `n` where the relation has it, `h`, `h2`, `g0`,
 * ... and `p`, the parts of a row or, where it is not fast, its cells as JSON.
 */
export function stagingSql(relation: SourceRelation, mapping: RowMapping): string {
  const fields = mapping.fields.map((field) =>
    columnSql(field.type, `c${field.cell}`, field.options),
  );
  const identities = mapping.identifiers.map(({ cell, identityType }, place) => {
    const value = identitySql(identityType.normalisation, `c${cell}`);
    return `CASE WHEN c${cell} IS NOT NULL THEN ${value} END AS i${place}`;
  });
  const digests = mapping.identifiers.map(
    ({ identityType }, place) =>
      `${digestSql(identityType.normalisation, `i${place}`)} AS g${place}`,
  );
  const digestNames = mapping.identifiers.map((_, place) => `g${place}`);
  const pieces = [
    ...mapping.identifiers.flatMap(({ identityType }, place) => [
      { sql: identityPart(identityType, place) },
      { literal: partEnd },
    ]),
    ...fields.flatMap(({ isBare, value }, place) =>
      isBare
        ? [{ literal: '"' }, { sql: value }, { literal: `"${partEnd}` }]
        : [{ sql: `v${place}` }, { literal: partEnd }],
    ),
    { literal: rowEnd },
  ];
  const joined = concatSql(pieces);
  const parts = mapping.identifiers.length + fields.length + 1;
  const cells = relation.columns.map((_, place) => `c${place}`).join(', ');
  const number = relation.rowNumbers === 'column' ? 'n, ' : '';
  return `
    SELECT fast, ${number}h, h2, ${digestNames.join(', ')},
      CASE WHEN fast THEN p ELSE CAST(json_array(${cells}) AS VARCHAR) END AS p
    FROM (SELECT *, coalesce(${fastSql(mapping, parts)}, false) AS fast
      FROM (SELECT *, ${joined} AS p
        FROM (SELECT *, ${digests.join(', ')}
          FROM (SELECT *, ${[...identities, ...fields.flatMap(({ isBare, value }, place) => (isBare ? [] : [`${value} AS v${place}`]))].join(', ')}
            FROM ${hashedRows(relation, mapping)}))))`;
}

type Piece = { readonly literal: string } | { readonly sql: string };

/**
 * One call that joins all, literals that meet as one: it works through its arguments one by one.
 */
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
  const value = type.normalisation === 'email-hash' ? '' : `, i${place}`;
  return `CASE WHEN i${place} IS NULL THEN '' ELSE concat(g${place}${value}) END`;
}

/** Names the row by the claim of its first identity. */
function keySql(mapping: RowMapping): string {
  const keys = mapping.identifiers.map(
    ({ identityType }, place) => `${sqlText(`${identityType.id} `)} || g${place}`,
  );
  return `coalesce(${keys.join(', ')})`;
}

/**
 * Whether SQL says all of the row: its identities, each value that is checked alone, and the text
 * of all of them.
 */
function fastSql(mapping: RowMapping, parts: number): string {
  const identities = mapping.identifiers.map(
    ({ cell }, place) => `(c${cell} IS NULL OR i${place} IS NOT NULL)`,
  );
  const some = mapping.identifiers.map((_, place) => `i${place} IS NOT NULL`).join(' OR ');
  const columns = mapping.fields.map((field) =>
    columnSql(field.type, `c${field.cell}`, field.options),
  );
  const checked = columns.flatMap(({ isBare }, place) => (isBare ? [] : [`v${place} IS NOT NULL`]));
  const checks = columns.flatMap(({ check }) => (check === undefined ? [] : [check]));
  const quotes = columns.map((column, place) => column.quotes(`v${place}`));
  const fixed = quotes.reduce((sum, count) => sum + (Number(count) || 0), 0);
  const counted = quotes.filter((count) => !/^[0-9]+$/.test(count));
  const plain = plainTextSql('p', [String(fixed), ...counted].join(' + '), parts);
  const rules = (mapping.rules ?? []).map((rule) => ruleSql(rule, mapping));
  return [...identities, `(${some})`, ...checked, ...checks, ...rules, plain].join(' AND ');
}
