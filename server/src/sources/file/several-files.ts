/**
 * Joins files into one source: the rows of the first file, then those of the next. Each has its own
 * dialect and encoding; all have the same columns, in any order.
 */
import { hash } from 'node:crypto';
import { maxSourceColumns } from '../../domain/limits.ts';
import { familyOf } from '../file-format.ts';
import type { FileRows, OpenOptions, Source, SourceRelation } from '../source.ts';
import { invalidSource, SourceMalformed } from '../source-failure.ts';
import { sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';

export interface NamedSource {
  readonly source: Source;
  readonly name: string;
}

interface Part extends NamedSource {
  readonly relation: SourceRelation;
  /** Rows before its first row; `undefined` when not counted. */
  readonly start?: number;
}

export function severalFiles(files: readonly NamedSource[]): Source {
  const kinds = new Map(files.map(({ source, name }) => [familyOf(source.kind), name]));
  const [one, other] = kinds.values();
  if (one !== undefined && other !== undefined) {
    throw invalidSource(
      `${one} and ${other} have different formats. Files of one dataset must have the same format.`,
    );
  }
  const isKeyed = kinds.has('json');
  for (const { source, name } of files) {
    // An NDJSON export without rows is an empty file.
    if (source.bytes === 0 && source.kind !== 'ndjson') throw invalidSource(`${name} is empty.`);
  }
  const joined = (parts: readonly Part[], { workbench }: OpenOptions): SourceRelation => {
    const relations = new Map(parts.map(({ source, relation }) => [source, relation]));
    const opened = files.map((file) => ({ ...file, relation: relations.get(file.source) }));
    return { ...joinParts(parts, isKeyed), files: () => fileRows(workbench, opened) };
  };
  return {
    kind: files[0]?.source.kind ?? 'csv',
    name: files[0]?.source.name ?? '',
    bytes: files.reduce((sum, { source }) => sum + source.bytes, 0),
    allowedPaths: files.flatMap(({ source }) => source.allowedPaths),
    open: async (options) => joined(await openAll(files, options), options),
    openCarefully: async (options) => joined(await checkAll(files, options), options),
    digest: (key) => digestOf(files, key),
    confirm: async () => {
      for (const { source } of files) await source.confirm?.();
    },
  };
}

async function digestOf(
  files: readonly NamedSource[],
  key: Uint8Array,
): Promise<string | undefined> {
  const digests: string[] = [];
  for (const { source } of files) {
    const digest = await source.digest?.(key);
    if (digest === undefined) return undefined;
    digests.push(digest);
  }
  return hash('sha256', digests.join(' '));
}

interface OpenedFile extends NamedSource {
  /** `undefined` for an empty file. */
  readonly relation: SourceRelation | undefined;
}

/** Finds out which files have rows. Reads the first row of a file whose rows were not counted. */
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

async function openAll(files: readonly NamedSource[], options: OpenOptions): Promise<Part[]> {
  const parts: Part[] = [];
  for (const { source, name } of files) {
    if (source.bytes === 0) continue;
    parts.push({ source, name, relation: await source.open(options) });
  }
  return parts;
}

/** Reads each file once, and a malformed file again, so that row numbers are known. */
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
    const cells = relation.columns.map((_, index) => `c${index}`);
    // Uses every cell, so that the engine parses all of them.
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
    rowNumbers: isNumbered ? 'column' : 'position',
    notes: parts.flatMap(({ relation }) => relation.notes),
    filesSql: filesSql(parts),
  };
}

/** All keys of the files. A JSON file that lacks a key has no values for it. */
function allKeys(parts: readonly Part[]): readonly string[] {
  const keys = [...new Set(parts.flatMap(({ relation }) => relation.columns))];
  if (keys.length <= maxSourceColumns) return keys;
  throw invalidSource(`The files have more than ${maxSourceColumns} columns in total.`);
}

/** Names columns by their places: a file without a header has a person in its first row. */
function requireSameColumns(first: Part, part: Part): void {
  const expected = first.relation.columns;
  const found = part.relation.columns;
  const missing = placesOf(expected, new Set(found));
  const more = placesOf(found, new Set(expected));
  if (missing.length + more.length === 0) return;
  const words = [
    ...(missing.length > 0 ? [`lacks ${listed(missing)} of that file`] : []),
    ...(more.length > 0 ? [`has ${listed(more)} besides`] : []),
  ];
  throw invalidSource(
    `${part.name} does not have the columns of ${first.name}: it ${words.join(' and ')}. Files of one dataset have the same names of columns in their first line, in any order.`,
  );
}

/** The numbers of the columns that are not in `others`, from 1. */
function placesOf(columns: readonly string[], others: ReadonlySet<string>): readonly number[] {
  return columns.flatMap((column, place) => (others.has(column) ? [] : [place + 1]));
}

function listed(places: readonly number[]): string {
  const shown = places.slice(0, 5).join(', ');
  const more = places.length > 5 ? ` and ${places.length - 5} more` : '';
  return `${places.length === 1 ? 'column' : 'columns'} ${shown}${more}`;
}

function selectPart(part: Part, columns: readonly string[], isNumbered: boolean): string {
  const indexes = new Map(part.relation.columns.map((column, index) => [column, index]));
  const cells = columns.map((column, index) => {
    const own = indexes.get(column);
    return `${own === undefined ? 'CAST(NULL AS VARCHAR)' : `c${own}`} AS c${index}`;
  });
  const number = part.relation.rowNumbers === 'column' ? 'n' : '(row_number() OVER () - 1)';
  const numbered = isNumbered ? `CAST(${number} + ${part.start ?? 0} AS BIGINT) AS n, ` : '';
  return `SELECT ${numbered}${cells.join(', ')} FROM ${part.relation.sql}`;
}

function filesSql(parts: readonly Part[]): string {
  const rows = parts.map(({ name, relation }, index) => {
    const count = relation.rowCount ?? `(SELECT count(*) FROM ${relation.sql})`;
    return `SELECT ${index} AS position, ${sqlText(name)} AS name, ${count} AS rows`;
  });
  return `SELECT name, CAST(start AS BIGINT) AS start FROM (
    SELECT name, rows, sum(rows) OVER (ORDER BY position) - rows AS start
    FROM (${rows.join(' UNION ALL ')})) WHERE rows > 0`;
}
