/**
 * Reads JSON: an array of objects, or one object per line. The engine reads a well-formed file;
 * others are read line by line. Lists and objects in a row become JSON text.
 */

import type { UsherError } from '../../domain/errors.ts';
import { pointerStep } from '../../domain/json-pointer.ts';
import { maxSourceColumns } from '../../domain/limits.ts';
import { parseJson, repeatsMembers, withExactNumbers } from '../json-text.ts';
import { maxSourceRowBytes } from '../limits.ts';
import type { OpenOptions, SourceReader, SourceRelation } from '../source.ts';
import { invalidSource, SourceMalformed } from '../source-failure.ts';
import { sqlPath, sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';
import { checkJsonRows, mayLoseDigits } from './check-json-rows.ts';
import { readCarefully } from './read-carefully.ts';
import { requireText } from './require-text.ts';
import { readHead, readTail, type SourceFile } from './source-file.ts';
import { splitElements } from './split-elements.ts';
import { encodingName, isForEngine } from './text-encoding.ts';
import { unpackFile } from './unpack-file.ts';
import { findWholeDoubles, mayBeWhole, noWholeDoubles, wholeCellSql } from './whole-doubles.ts';

export function jsonReader(file: SourceFile): SourceReader {
  return {
    open: (options) => openDirectly(file, options),
    openCarefully: (options) => rewrite(file, options),
  };
}

async function openDirectly(packed: SourceFile, options: OpenOptions): Promise<SourceRelation> {
  const { workbench } = options;
  const file = await unpackFile(packed, workbench.folder, options.onProgress);
  const head = await readHead(file, 4_096);
  requireText(file.name, head);
  if (!isForEngine(file, head)) throw new SourceMalformed('not UTF-8');
  const format = isArray(file, head.toString('utf8')) ? 'array' : 'newline_delimited';
  // The engine does not notice that an array was cut off.
  const tail = (await readTail(file, 4_096)).toString('latin1');
  if (format === 'array' && !tail.trimEnd().endsWith(']')) throw new SourceMalformed('cut off');
  const objects = objectsSql(file.path, format, maxSourceRowBytes);
  const hasWholes = await checkJsonRows(workbench, objects);
  const first = await workbench.rows(
    `SELECT unnest(json_keys(json)) FROM (SELECT json FROM ${objects} LIMIT 100)
     LIMIT ${maxSourceColumns * 100}`,
  );
  const all = await workbench.rows(
    `SELECT key FROM (SELECT unnest(json_keys(json)) AS key FROM ${objects}) GROUP BY key
     ORDER BY key LIMIT ${maxSourceColumns + 1}`,
  );
  const keys = new Set([...first, ...all].map((row) => String(row[0])));
  const rows = { workbench, objects, prefix: '', hasWholes } as const;
  return { ...(await relationOf(file, [...keys], rows)), rowNumbers: 'position' };
}

/** SQL for rows of one column `json`. It leaves the engine nothing to guess. */
function objectsSql(
  path: string,
  format: 'array' | 'newline_delimited',
  maxObjectBytes: number,
): string {
  return `read_json_objects(${sqlPath(path)}, format = '${format}', compression = 'uncompressed',
    ignore_errors = false, filename = false, hive_partitioning = false,
    maximum_object_size = ${maxObjectBytes})`;
}

/** A `.json` file that begins with `{` is read as one object per line. */
function isArray(file: SourceFile, head: string): boolean {
  const start = head.replace(/^\ufeff/, '').trimStart();
  return file.shape === 'json' && !start.startsWith('{');
}

async function rewrite(packed: SourceFile, options: OpenOptions): Promise<SourceRelation> {
  const reading = await readCarefully(packed, options, 4_096);
  await using rows = reading.rows;
  const { file, damagedEncoding } = reading;
  const isOneArray = isArray(file, reading.head);
  const items = isOneArray ? arrayItems(file, reading.text) : lineItems(reading.text);
  const keys = new Set<string>();
  let index = -1;
  let firstFault: string | undefined;
  let hasWholes = false;
  for await (const { value, text } of items) {
    index += 1;
    const fault = faultOf(value, text, damagedEncoding);
    if (fault !== undefined) {
      firstFault ??= `row ${index + 1} ${fault}`;
      options.onRejection({ row: index + 1, column: null, code: 'value_invalid', reason: fault });
      continue;
    }
    for (const key of Object.keys(value as object)) keys.add(key);
    hasWholes ||= mayBeWhole.test(text);
    if (keys.size > maxSourceColumns) throw tooManyColumns(file);
    await rows.add(`[${index},${mayLoseDigits.test(text) ? withExactNumbers(text) : text}]`);
  }
  await rows.end();
  if (keys.size === 0 && firstFault !== undefined) {
    if (file.shape === 'json' && !isOneArray) throw notArray(file);
    throw invalidSource(
      `None of the ${index + 1} rows of ${file.name} can be used: ${firstFault}.`,
    );
  }
  const objects = objectsSql(rows.path, 'newline_delimited', maxSourceRowBytes * 8);
  const { workbench } = options;
  const accepted = { workbench, objects, prefix: '/1', hasWholes } as const;
  const relation = await relationOf(file, [...keys], accepted);
  const notes = [...reading.notes, ...relation.notes];
  return { ...relation, notes, rowNumbers: 'column', rowCount: index + 1 };
}

interface Item {
  /** `undefined` when the text is not JSON. */
  readonly value: unknown;
  readonly text: string;
}

async function* lineItems(reading: AsyncIterable<string>): AsyncGenerator<Item> {
  for await (const line of splitLines(reading)) {
    const text = line.trim();
    if (text !== '')
      yield { value: text.length > maxSourceRowBytes ? undefined : parseJson(text), text };
  }
}

/** Cuts a line that is too long one character above the bound, so that the line is rejected. */
async function* splitLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    // A `\r\n` that is cut between two pieces gives an empty line, which `lineItems` skips.
    const lines = (rest + piece).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '').slice(0, maxSourceRowBytes + 1);
    for (const line of lines) yield line.slice(0, maxSourceRowBytes + 1);
  }
  if (rest !== '') yield rest;
}

/** An array is read whole or refused: after a fault, no next element can be found. */
async function* arrayItems(file: SourceFile, reading: AsyncIterable<string>): AsyncGenerator<Item> {
  try {
    for await (const element of splitElements(reading)) {
      const isLong = element.length > maxSourceRowBytes;
      const value = isLong ? undefined : parseJson(element);
      if (value === undefined && !isLong) throw notArray(file);
      // In valid JSON, a line end stands only between tokens, so a blank may replace it.
      yield { value, text: element.trim().replaceAll(/[\r\n]+/g, ' ') };
    }
  } catch (cause) {
    throw cause instanceof SourceMalformed ? notArray(file) : cause;
  }
}

function faultOf(
  value: unknown,
  text: string,
  damagedEncoding: string | undefined,
): string | undefined {
  if (text.length > maxSourceRowBytes) return `is longer than ${maxSourceRowBytes} characters`;
  if (value === undefined) return 'is not valid JSON';
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return 'is not a JSON object';
  }
  if (repeatsMembers(text, value)) return 'has the same member twice';
  if (damagedEncoding !== undefined && text.includes('\ufffd')) {
    return `has bytes that are not ${encodingName(damagedEncoding)}`;
  }
  if (!/\\u[dD][89a-fA-F]/.test(text)) return undefined;
  return hasHalfPair(text) ? 'has half of a surrogate pair (\\ud800)' : undefined;
}

/** Whether the text has a surrogate escape without its other half. */
function hasHalfPair(text: string): boolean {
  const escapes = text
    .replaceAll(/\\[^u]/g, '')
    .replaceAll(/\\u[dD][89abAB]..\\u[dD][c-fC-F]../g, '');
  return /\\u[dD][89a-fA-F]/.test(escapes);
}

interface RowObjects {
  readonly workbench: Workbench;
  /** SQL to put after FROM: rows of one column `json`. */
  readonly objects: string;
  /** JSON Pointer to the row inside `json`. */
  readonly prefix: '' | '/1';
  /** Whether a row may hold a whole number that is written as a double. */
  readonly hasWholes: boolean;
}

/** The relation in which each key is a column. */
async function relationOf(
  file: SourceFile,
  keys: readonly string[],
  { workbench, objects, prefix, hasWholes }: RowObjects,
): Promise<Pick<SourceRelation, 'columns' | 'sql' | 'notes' | 'doubles'>> {
  const columns = keys.filter(
    (key) => key.trim() !== '' && key.isWellFormed() && !key.includes('\0'),
  );
  if (columns.length > maxSourceColumns) throw tooManyColumns(file);
  const pointers = columns.map((key) => `${prefix}/${pointerStep(key)}`);
  const { indexes, doubles } =
    hasWholes && pointers.length > 0
      ? await findWholeDoubles(workbench, { objects, pointers })
      : noWholeDoubles;
  const cells = columns.map((_, index) => {
    const cell = indexes.has(index) ? wholeCellSql(index + 2) : `cells[${index + 2}]`;
    return `${cell} AS c${index}`;
  });
  const number = prefix === '' ? '' : 'CAST(cells[1] AS BIGINT) AS n, ';
  const paths = [prefix === '' ? '/' : '/0', ...pointers].map(sqlText).join(', ');
  const kinds = indexes.size === 0 ? '' : `, json_type(json, [${paths}]) AS kinds`;
  const dropped = keys.length - columns.length;
  return {
    columns,
    sql: `(SELECT ${number}${cells.join(', ')} FROM (
      SELECT json_extract_string(json, [${paths}]) AS cells${kinds} FROM ${objects}))`,
    doubles,
    notes: dropped === 0 ? [] : [`${dropped} keys without a readable name are left out.`],
  };
}

function notArray(file: SourceFile): UsherError {
  return invalidSource(
    `${file.name} is not a JSON array of objects, or its end is missing. Name a file with one object per line .ndjson or .jsonl.`,
  );
}

function tooManyColumns(file: SourceFile): UsherError {
  return invalidSource(
    `${file.name} has more than ${maxSourceColumns} columns, the most that can be read.`,
  );
}
