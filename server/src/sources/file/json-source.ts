/**
 * JSON: an array of objects, or an object a line. The engine reads a well-formed file; a line that is no object is found by reading line by line.
 * Values that are lists or objects are handed on as JSON text.
 */
import { UsherError } from '../../domain/errors.ts';
import { maxSourceColumns } from '../../domain/limits.ts';
import { bareFileName } from '../file-format.ts';
import { maxSlowJsonBytes, maxSourceRowBytes } from '../limits.ts';
import type { OpenOptions, Source, SourceRelation } from '../source.ts';
import { SourceMalformed } from '../source-malformed.ts';
import { sqlPath, sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';
import { CarefulRows } from './careful-rows.ts';
import { requireText } from './require-text.ts';
import { readHead, readTail, requireWhole, type SourceFile } from './source-file.ts';
import { splitLines } from './split-lines.ts';
import { detectEncoding, encodingNames, encodingOfHead, readText } from './text-encoding.ts';

export function jsonSource(file: SourceFile): Source {
  return {
    kind: file.shape,
    name: bareFileName(file.name),
    bytes: file.bytes,
    allowedPaths: [file.path],
    open: ({ workbench }) => openDirectly(file, workbench),
    openCarefully: (options) => rewrite(file, options),
  };
}

async function openDirectly(file: SourceFile, workbench: Workbench): Promise<SourceRelation> {
  const head = await readHead(file, 4_096);
  requireText(file.name, head);
  if (encodingOfHead(head) !== undefined) throw new SourceMalformed('not UTF-8');
  const format = isArray(file, head.toString('utf8')) ? 'array' : 'newline_delimited';
  await requireWhole(file);
  // The engine takes an array that was cut off for a whole one.
  const tail = (await readTail(file, 4_096)).toString('latin1');
  if (format === 'array' && !tail.trimEnd().endsWith(']')) throw new SourceMalformed('cut off');
  const objects = `read_json_objects(${sqlPath(file.path)}, hive_partitioning = false, format = '${format}',
    compression = '${file.compression === 'none' ? 'uncompressed' : file.compression}',
    maximum_object_size = ${maxSourceRowBytes})`;
  const isRow = `json_type(json) = 'OBJECT' AND strlen(CAST(json AS VARCHAR)) <= ${maxSourceRowBytes}`;
  const [counts] = await workbench.rows(
    `SELECT count(*), count(*) FILTER (NOT coalesce(${isRow}, false)) FROM ${objects}`,
  );
  if (Number(counts?.[1] ?? 0) > 0) throw new SourceMalformed('not objects');
  const first = await workbench.rows(
    `SELECT unnest(json_keys(json)) FROM (SELECT json FROM ${objects} LIMIT 100)
     LIMIT ${maxSourceColumns * 100}`,
  );
  const all = await workbench.rows(
    `SELECT key FROM (SELECT unnest(json_keys(json)) AS key FROM ${objects}) GROUP BY key
     ORDER BY key LIMIT ${maxSourceColumns + 1}`,
  );
  const keys = new Set([...first, ...all].map((row) => String(row[0])));
  return { ...relationOf(file, [...keys], { objects, prefix: '' }), rowNumbers: 'place' };
}

/** In JSON, what is not an array of rows is taken as a row a line, whatever the extension says. */
function isArray(file: SourceFile, head: string): boolean {
  const start = head.replace(/^\ufeff/, '').trimStart();
  return file.shape === 'json' && !start.startsWith('{');
}

async function rewrite(file: SourceFile, options: OpenOptions): Promise<SourceRelation> {
  const { encoding, damaged } = await detectEncoding(file);
  const rows = new CarefulRows(options.workbench.folder, file.place);
  const keys = new Set<string>();
  const head = (await readHead(file, 4_096)).toString(encoding === 'utf-16le' ? 'utf16le' : 'utf8');
  const reading = readText(file, encoding, options.onProgress);
  const items = isArray(file, head) ? arrayItems(file, reading) : lineItems(reading);
  let place = -1;
  let firstFault: string | undefined;
  for await (const { value, text } of items) {
    place += 1;
    const fault = faultOf(value, text, damaged);
    if (fault !== undefined) {
      firstFault ??= `row ${place + 1} ${fault}`;
      options.onRejection({ row: place + 1, column: null, code: 'value_invalid', reason: fault });
      continue;
    }
    for (const key of Object.keys(value as object)) keys.add(key);
    if (keys.size > maxSourceColumns) throw tooManyColumns(file);
    await rows.add(place, text);
  }
  await rows.end();
  if (keys.size === 0 && firstFault !== undefined) {
    if (file.shape === 'json' && !isArray(file, head)) throw notArray(file);
    throw new UsherError(
      'definition_invalid',
      `None of the ${place + 1} rows of ${file.name} can be used: ${firstFault}.`,
    );
  }
  const notes = encoding === 'utf-8' ? [] : [`${file.name} is read as ${encodingNames[encoding]}.`];
  const objects = `read_json_objects(${sqlPath(rows.path)}, hive_partitioning = false,
    format = 'newline_delimited',
    maximum_object_size = ${maxSourceRowBytes * 8})`;
  const relation = relationOf(file, [...keys], { objects, prefix: '/1' });
  return {
    ...relation,
    notes: [...notes, ...relation.notes],
    rowNumbers: 'column',
    rowCount: place + 1,
  };
}

interface Item {
  /** `undefined`: the text is no JSON. */
  readonly value: unknown;
  readonly text: string;
}

async function* lineItems(reading: AsyncIterable<string>): AsyncGenerator<Item> {
  for await (const line of splitLines(reading, maxSourceRowBytes)) {
    const text = line.trim();
    if (text !== '')
      yield { value: text.length > maxSourceRowBytes ? undefined : parseJson(text), text };
  }
}

/** An array cannot be read on after a fault, so that it is read whole or refused. */
async function* arrayItems(file: SourceFile, reading: AsyncIterable<string>): AsyncGenerator<Item> {
  if (file.compression === 'none' && file.bytes > maxSlowJsonBytes * 2) throw notArray(file);
  let text = '';
  for await (const piece of reading) {
    text += piece;
    if (text.length > maxSlowJsonBytes) break;
  }
  const value = text.length > maxSlowJsonBytes ? undefined : parseJson(text.trim());
  if (!Array.isArray(value)) throw notArray(file);
  for (const item of value as unknown[]) yield { value: item, text: JSON.stringify(item) };
}

function faultOf(value: unknown, text: string, damaged: boolean): string | undefined {
  if (text.length > maxSourceRowBytes) return `is longer than ${maxSourceRowBytes} characters`;
  if (value === undefined) return 'is not valid JSON';
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return 'is not a JSON object';
  }
  if (damaged && text.includes('\ufffd')) return 'has bytes that are not UTF-8';
  if (!/\\u[dD][89a-fA-F]/.test(text)) return undefined;
  return hasHalfPair(text) ? 'has half of a letter (\\ud800)' : undefined;
}

/** One of the two escapes that only together are a letter, without the other. */
function hasHalfPair(text: string): boolean {
  const escapes = text
    .replaceAll(/\\[^u]/g, '')
    .replaceAll(/\\u[dD][89abAB]..\\u[dD][c-fC-F]../g, '');
  return /\\u[dD][89a-fA-F]/.test(escapes);
}

/** Each key a column; where its value is, by JSON pointer. */
function relationOf(
  file: SourceFile,
  keys: readonly string[],
  from: { readonly objects: string; readonly prefix: string },
): { columns: string[]; sql: string; notes: string[] } {
  const columns = keys.filter(
    (key) => key.trim() !== '' && key.isWellFormed() && !key.includes('\0'),
  );
  if (columns.length > maxSourceColumns) throw tooManyColumns(file);
  const pointers = columns.map(
    (key) => `${from.prefix}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  );
  const cells = columns.map((_, place) => `cells[${place + 2}] AS c${place}`);
  const number = from.prefix === '' ? '' : 'CAST(cells[1] AS BIGINT) AS n, ';
  const paths = [from.prefix === '' ? '/' : '/0', ...pointers].map(sqlText).join(', ');
  const dropped = keys.length - columns.length;
  return {
    columns,
    sql: `(SELECT ${number}${cells.join(', ')} FROM (
      SELECT json_extract_string(json, [${paths}]) AS cells FROM ${from.objects}))`,
    notes: dropped === 0 ? [] : [`${dropped} keys without a readable name are left out.`],
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notArray(file: SourceFile): UsherError {
  return new UsherError(
    'definition_invalid',
    `${file.name} is not a JSON array of objects, or not to its end. A file with an object a line is named .ndjson or .jsonl.`,
  );
}

function tooManyColumns(file: SourceFile): UsherError {
  return new UsherError(
    'definition_invalid',
    `${file.name} has more than ${maxSourceColumns} columns, which is as many as can be read.`,
  );
}
