/**
 * Several files as one source: their rows one after the other, in the order of the files. Each is
 * read in its own dialect and encoding; all have the same columns, in whatever order. Only the
 * files that are malformed are read carefully.
 */
import { maxSourceColumns } from '../../domain/limits.ts';
import { printableName } from '../printable-name.ts';
import type { FileRows, OpenOptions, Source, SourceRelation } from '../source.ts';
import { invalidSource } from '../source-failure.ts';
import { SourceMalformed } from '../source-malformed.ts';
import { sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';

export interface NamedSource {
  readonly source: Source;
  readonly name: string;
}

interface Part {
  readonly source: Source;
  readonly name: string;
  readonly relation: SourceRelation;
  /** Number of its first row less one; `undefined`: not known yet. */
  readonly start?: number;
}

export function severalFiles(files: readonly NamedSource[]): Source {
  const kinds = new Map(files.map(({ source, name }) => [familyOf(source.kind), name]));
  const [one, other] = kinds.values();
  if (one !== undefined && other !== undefined) {
    throw invalidSource(
      `${one} and ${other} are of different kinds. Files of one dataset are of one.`,
    );
  }
  const isKeyed = kinds.has('json');
  for (const { source, name } of files) {
    // An export of no lines is a file of no bytes.
    if (source.bytes === 0 && source.kind !== 'ndjson') throw invalidSource(`${name} is empty.`);
  }
  const joined = (parts: readonly Part[], { workbench }: OpenOptions): SourceRelation => ({
    ...joinParts(parts, isKeyed),
    files: () => fileRows(workbench, withRelations(files, parts)),
  });
  return {
    kind: files[0]?.source.kind ?? 'csv',
    name: files[0]?.source.name ?? '',
    bytes: files.reduce((sum, { source }) => sum + source.bytes, 0),
    allowedPaths: files.flatMap(({ source }) => source.allowedPaths),
    open: async (options) => joined(await openAll(files, options), options),
    openCarefully: async (options) => joined(await checkAll(files, options), options),
    confirm: async () => {
      for (const { source } of files) await source.confirm?.();
    },
  };
}

interface OpenedFile extends NamedSource {
  /** `undefined`: a file of no bytes. */
  readonly relation: SourceRelation | undefined;
}

function withRelations(files: readonly NamedSource[], parts: readonly Part[]): OpenedFile[] {
  const relations = new Map(parts.map(({ source, relation }) => [source, relation]));
  return files.map((file) => ({ ...file, relation: relations.get(file.source) }));
}

/** Which files have rows: of one whose rows were not counted, the first is asked for. */
export async function fileRows(
  workbench: Workbench,
  files: readonly OpenedFile[],
): Promise<FileRows[]> {
  const found: FileRows[] = [];
  for (const { source, name, relation } of files) {
    const hasRows = relation !== undefined && (await hasRow(workbench, relation));
    if (source.key !== undefined) found.push({ key: source.key, name, hasRows });
  }
  return found;
}

async function hasRow(workbench: Workbench, relation: SourceRelation): Promise<boolean> {
  if (relation.rowCount !== undefined) return relation.rowCount > 0;
  if (relation.columns.length === 0) return false;
  return (await workbench.rows(`SELECT 1 FROM ${relation.sql} LIMIT 1`)).length > 0;
}

/** What may stand beside each other. */
function familyOf(kind: string): string {
  if (kind === 'ndjson') return 'json';
  return kind === 'tsv' ? 'csv' : kind;
}

async function openAll(files: readonly NamedSource[], options: OpenOptions): Promise<Part[]> {
  const parts: Part[] = [];
  for (const { source, name } of files) {
    if (source.bytes === 0) continue;
    parts.push({ source, name, relation: await source.open(options) });
  }
  return parts;
}

/** Reads each file once, and again those that are malformed; so each row's number is known. */
async function checkAll(files: readonly NamedSource[], options: OpenOptions): Promise<Part[]> {
  const parts: Part[] = [];
  let [start, bytes] = [0, 0];
  for (const { source, name } of files) {
    if (source.bytes === 0) continue;
    const [firstRow, firstByte] = [start, bytes];
    const relation = await openChecked(source, {
      ...options,
      onProgress: (done) => options.onProgress?.(firstByte + done),
      onRejection: (rejection) =>
        options.onRejection({ ...rejection, row: rejection.row + firstRow }),
    });
    parts.push({ source, name, relation, start: firstRow });
    start += relation.rowCount ?? 0;
    bytes += source.bytes;
  }
  return parts;
}

async function openChecked(source: Source, options: OpenOptions): Promise<SourceRelation> {
  try {
    const relation = await source.open(options);
    const cells = relation.columns.map((_, place) => `c${place}`);
    // All cells are asked for, so that all are looked at.
    const looked = cells.length === 0 ? '0' : `bit_xor(hash(${cells.join(', ')}))`;
    const [counts] = await options.workbench.rows(
      `SELECT count(*), ${looked} FROM ${relation.sql}`,
    );
    return { ...relation, rowCount: Number(counts?.[0] ?? 0) };
  } catch (cause) {
    if (!(cause instanceof SourceMalformed)) throw cause;
    return source.openCarefully(options);
  }
}

function joinParts(all: readonly Part[], isKeyed: boolean): SourceRelation {
  const parts = all.filter(({ relation }) => relation.columns.length > 0);
  const [first] = parts;
  if (first === undefined) throw invalidSource(`None of the ${all.length} files has rows.`);
  const columns = isKeyed ? allKeys(parts) : first.relation.columns;
  if (!isKeyed) for (const part of parts) requireSameColumns(first, part);
  const isNumbered = parts.some(({ start }) => start !== undefined);
  const selects = parts.map((part) => selectPart(part, columns, isNumbered));
  return {
    columns,
    sql: `(${selects.join(' UNION ALL ')})`,
    rowNumbers: isNumbered ? 'column' : 'place',
    notes: parts.flatMap(({ relation }) => relation.notes),
    filesSql: filesSql(parts),
  };
}

/** In JSON a key that a file does not have is one without values. */
function allKeys(parts: readonly Part[]): readonly string[] {
  const keys = [...new Set(parts.flatMap(({ relation }) => relation.columns))];
  if (keys.length <= maxSourceColumns) return keys;
  throw invalidSource(`The files have more than ${maxSourceColumns} columns together.`);
}

function requireSameColumns(first: Part, part: Part): void {
  const expected = new Set(first.relation.columns);
  const found = new Set(part.relation.columns);
  const missing = [...expected].filter((column) => !found.has(column));
  const more = [...found].filter((column) => !expected.has(column));
  if (missing.length + more.length === 0) return;
  const words = [
    ...(missing.length > 0 ? [`lacks ${listed(missing)}`] : []),
    ...(more.length > 0 ? [`has ${listed(more)} besides`] : []),
  ];
  throw invalidSource(
    `${part.name} has not the columns of ${first.name}: it ${words.join(' and ')}. Files of one dataset have the same columns, in any order.`,
  );
}

function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, 5).map(printableName);
  return shown.join(', ') + (columns.length > 5 ? ` and ${columns.length - 5} more` : '');
}

function selectPart(part: Part, columns: readonly string[], isNumbered: boolean): string {
  const places = new Map(part.relation.columns.map((column, place) => [column, place]));
  const cells = columns.map((column, place) => {
    const own = places.get(column);
    return `${own === undefined ? 'CAST(NULL AS VARCHAR)' : `c${own}`} AS c${place}`;
  });
  const number = part.relation.rowNumbers === 'column' ? 'n' : '(row_number() OVER () - 1)';
  const numbered = isNumbered ? `CAST(${number} + ${part.start ?? 0} AS BIGINT) AS n, ` : '';
  return `SELECT ${numbered}${cells.join(', ')} FROM ${part.relation.sql}`;
}

function filesSql(parts: readonly Part[]): string {
  const rows = parts.map(({ name, relation }, place) => {
    const count = relation.rowCount ?? `(SELECT count(*) FROM ${relation.sql})`;
    return `SELECT ${place} AS place, ${sqlText(name)} AS name, ${count} AS rows`;
  });
  return `SELECT name, CAST(start AS BIGINT) AS start FROM (
    SELECT name, rows, sum(rows) OVER (ORDER BY place) - rows AS start
    FROM (${rows.join(' UNION ALL ')})) WHERE rows > 0`;
}
