/**
 * Brings a source's rows into the workbench in the form in which they leave it: plain rows by SQL in one pass over the source, all others by
 * `domain/source-row.ts`. Afterwards the view `rows` holds one line a good row: `n` (row number less one, or what `scan-source.ts` gave for it), `key` (the claim of its
 * first identity) and the digests `g0`, `g1`, ... of its identities, `h` and `h2` (hashes of its cells) and `p` (its parts as text); the table `rejected` holds
 * the others, `kept` the claims of those among them that name a contact. A claim is an identity as its type's id, a blank and its digest.
 *
 * `p` is, for each identifier, 32 hexadecimal digits and the normalised value (or nothing), then for each field its raw JSON, each of
 * these ended by `partEnd`, and `rowEnd` at the end.
 */
import { isEmptyValue } from '../domain/field-value.ts';
import { identityDigest, normaliseIdentity } from '../domain/identity.ts';
import type { IdentityType } from '../domain/identity-type.ts';
import { maxRowsPerBatch } from '../domain/limits.ts';
import {
  isRowChange,
  type RowChange,
  type RowMapping,
  type RowProblem,
  readSourceRow,
} from '../domain/source-row.ts';
import type { SourceRejection, SourceRelation } from '../sources/source.ts';
import { sqlText, type Workbench } from '../sources/workbench.ts';
import { nameFiles } from './rejections-file.ts';
import {
  columnSql,
  digestSql,
  emptyForms,
  identitySql,
  partEnd,
  plainTextSql,
  rowEnd,
  ruleSql,
} from './row-sql.ts';
import { hashedRows } from './scan-source.ts';

export interface StagedRows {
  /** Rows of the source that could be read as rows. */
  readonly rowsRead: number;
  /** Of the rows that went through JavaScript: how many values did not fit, by the field's place. */
  readonly misfits: ReadonlyMap<number, readonly string[]>;
  readonly misfitCounts: ReadonlyMap<number, number>;
}

/** Texts of a column that did not fit, kept to see what would fit them. */
const misfitsKept = 1_000;

/** @throws SourceMalformed, UsherError */
export async function stageRows(
  workbench: Workbench,
  relation: SourceRelation,
  mapping: RowMapping,
): Promise<StagedRows> {
  await workbench.run('DROP VIEW IF EXISTS rows');
  await workbench.run(`CREATE OR REPLACE TABLE staged AS ${stagingSql(relation, mapping)}`);
  const digests = mapping.identifiers.map((_, place) => `g${place}`);
  const texts = ['key', ...digests, 'h', 'h2', 'p'].map((name) => `${name} VARCHAR`);
  await workbench.run(`CREATE OR REPLACE TABLE slow (n BIGINT, ${texts.join(', ')})`);
  await workbench.run(
    'CREATE OR REPLACE TABLE rejected (n BIGINT, place VARCHAR, code VARCHAR, reason VARCHAR)',
  );
  await workbench.run('CREATE OR REPLACE TABLE kept (claim VARCHAR)');
  await nameFiles(workbench, relation);
  const number = relation.rowNumbers === 'place' ? 'rowid' : 'n';
  const misfits = await readSlowRows(workbench, mapping, number);
  const slowHashes = 'CAST(h AS UBIGINT) AS h, CAST(h2 AS UBIGINT) AS h2';
  await workbench.run(`CREATE VIEW rows AS
    SELECT ${number} AS n, key, ${digests.join(', ')}, h, h2, p FROM staged WHERE fast
    UNION ALL SELECT n, key, ${digests.join(', ')}, ${slowHashes}, p FROM slow`);
  const [count] = await workbench.rows('SELECT count(*) FROM staged');
  return { rowsRead: Number(count?.[0] ?? 0), ...misfits };
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

/** The statement that reads the source once. */
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
    SELECT ${number}h, h2, fast, ${keySql(mapping)} AS key, ${digestNames.join(', ')},
      CASE WHEN fast THEN p ELSE CAST(json_array(${cells}) AS VARCHAR) END AS p
    FROM (SELECT *, coalesce(${fastSql(mapping, parts)}, false) AS fast
      FROM (SELECT *, ${joined} AS p
        FROM (SELECT *, ${digests.join(', ')}
          FROM (SELECT *, ${[...identities, ...fields.flatMap(({ isBare, value }, place) => (isBare ? [] : [`${value} AS v${place}`]))].join(', ')}
            FROM ${hashedRows(relation, mapping)}))))`;
}

type Piece = { readonly literal: string } | { readonly sql: string };

/** One call that joins all, literals that meet as one: it works through its arguments one by one. */
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

/** Whether SQL says all of the row: its identities, each value that is checked alone, and the text of all of them. */
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
  const fixed = columns.reduce((sum, { quotes }) => sum + (Number(quotes) || 0), 0);
  const counted = columns.map(({ quotes }) => quotes).filter((quotes) => !/^[0-9]+$/.test(quotes));
  const plain = plainTextSql('p', [String(fixed), ...counted].join(' + '), parts);
  const rules = (mapping.rules ?? []).map((rule) => ruleSql(rule, mapping));
  return [...identities, `(${some})`, ...checked, ...checks, ...rules, plain].join(' AND ');
}

async function readSlowRows(
  workbench: Workbench,
  mapping: RowMapping,
  number: string,
): Promise<Omit<StagedRows, 'rowsRead'>> {
  const misfits = new Map<number, string[]>();
  const misfitCounts = new Map<number, number>();
  const good: (number | string | null)[][] = [];
  const bad: (number | string | null)[][] = [];
  const kept: string[][] = [];
  const flush = async () => {
    await workbench.append('slow', good.splice(0));
    await workbench.append('rejected', bad.splice(0));
    await workbench.append('kept', kept.splice(0));
  };
  const lines = `SELECT concat('[', ${number}, ',"', h, '","', h2, '",', p, ']', chr(10)) FROM staged WHERE NOT fast`;
  for await (const bytes of workbench.bytes(lines)) {
    for (const line of bytes.toString('utf8').split('\n')) {
      if (line === '') continue;
      const [n, h, h2, cells] = JSON.parse(line) as [number, string, string, (string | null)[]];
      const read = readSourceRow(mapping, cells);
      if (isRowChange(read)) {
        good.push(slowRow(mapping, { n, h, h2 }, read));
      } else {
        bad.push(rejectedRow(n, read));
        kept.push(...claimsOf(mapping, cells).map((claim) => [claim]));
        noteMisfits(mapping, cells, read, { misfits, misfitCounts });
      }
      if (good.length + bad.length >= maxRowsPerBatch) await flush();
    }
  }
  await flush();
  return { misfits, misfitCounts };
}

function slowRow(
  mapping: RowMapping,
  { n, h, h2 }: { readonly n: number; readonly h: string; readonly h2: string },
  change: RowChange,
): (number | string | null)[] {
  const digests = mapping.identifiers.map(({ identityType }, place) => {
    const value = change.identities[place];
    return value === undefined
      ? null
      : identityDigest(identityType.normalisation, value).toString('hex');
  });
  const parts = [
    ...mapping.identifiers.map(({ identityType }, place) => {
      const known = identityType.normalisation === 'email-hash' ? '' : change.identities[place];
      return digests[place] === null ? '' : `${digests[place]}${known ?? ''}`;
    }),
    ...mapping.fields.map(({ type }, place) => change.values[place] || emptyForms[type]),
  ];
  const first = digests.findIndex((digest) => digest !== null);
  const key = `${mapping.identifiers[first]?.identityType.id ?? 0} ${digests[first] ?? ''}`;
  return [n, key, ...digests, h, h2, parts.map((part) => part + partEnd).join('') + rowEnd];
}

/** The claims of a rejected row: the contact it names is still there, whatever is wrong with the rest. */
function claimsOf(mapping: RowMapping, cells: readonly (string | null)[]): string[] {
  return mapping.identifiers.flatMap(({ cell, identityType }) => {
    const { normalisation, id } = identityType;
    const value = normaliseIdentity(normalisation, cells[cell] ?? '');
    if (value === undefined) return [];
    return [`${id} ${identityDigest(normalisation, value).toString('hex')}`];
  });
}

/** A row is named once, by its first problem. */
function rejectedRow(n: number, problems: readonly RowProblem[]): (number | string | null)[] {
  const [first] = problems;
  return [n, first?.column ?? null, first?.code ?? 'value_invalid', first?.reason ?? ''];
}

function noteMisfits(
  mapping: RowMapping,
  cells: readonly (string | null)[],
  problems: readonly RowProblem[],
  noted: { misfits: Map<number, string[]>; misfitCounts: Map<number, number> },
): void {
  const columns = new Set(
    problems.filter(({ code }) => code === 'value_invalid').map(({ column }) => column),
  );
  if (columns.size === 0) return;
  for (const [place, { column, cell, type }] of mapping.fields.entries()) {
    const text = cells[cell];
    if (!columns.has(column) || isEmptyValue(type, text)) continue;
    noted.misfitCounts.set(place, (noted.misfitCounts.get(place) ?? 0) + 1);
    const texts = noted.misfits.get(place) ?? [];
    if (texts.length < misfitsKept) texts.push(text ?? '');
    noted.misfits.set(place, texts);
  }
}
