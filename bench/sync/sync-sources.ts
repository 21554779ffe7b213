/**
 * The same contacts in every form that is synced: CSV as generated, Parquet, NDJSON, and a
 * PostgreSQL table with typed columns and arrays for sets. Each form has two editions, `base` and
 * `changed` (`data-files.ts`).
 */
import { existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { FieldType } from '../../server/src/domain/contact/field.ts';
import { benchFields } from '../lookup/contact-fields.ts';
import { writeChangedFile, writeWholeFile } from '../lookup/data-files.ts';
import { postgresAccount, psql, query } from '../lookup/databases/postgres.ts';
import { workFolder } from '../lookup/folders.ts';
import { runProgram } from '../lookup/run-program.ts';

export const sourceForms = ['csv', 'parquet', 'ndjson', 'postgres'] as const;
export type SourceForm = (typeof sourceForms)[number];
export type Edition = 'base' | 'changed';

export interface SyncSource {
  readonly form: SourceForm;
  /** Members of `source` in a catalog file. */
  readonly definition: string;
  /** The secret that the definition names. */
  readonly env: Readonly<Record<string, string>>;
  /** What DuckDB can scan. `undefined` if the source is not a file. */
  readonly file: string | undefined;
  /** Files that should be in memory before the source is read. */
  readonly files: readonly string[];
  show(edition: Edition): Promise<void>;
}

const instants = new Set(['last_purchase_date', 'last_visit_at']);

const engineTypes: Readonly<Record<FieldType, string>> = {
  boolean: 'BOOLEAN',
  currency: 'DECIMAL(18,2)',
  float: 'DOUBLE',
  integer: 'BIGINT',
  'positive integer': 'BIGINT',
  'big integer': 'VARCHAR',
  rate: 'DOUBLE',
  string: 'VARCHAR',
  text: 'VARCHAR',
  date: 'DATE',
  set: 'VARCHAR',
};

const databaseTypes: Readonly<Partial<Record<FieldType, string>>> = {
  boolean: 'boolean',
  currency: 'numeric',
  float: 'double precision',
  'positive integer': 'bigint',
  rate: 'double precision',
  date: 'date',
};

/** @param port the port of a PostgreSQL server, which only the form `postgres` needs */
export async function prepareSource(
  form: SourceForm,
  rows: number,
  port: number,
): Promise<SyncSource> {
  const csv = { base: writeWholeFile(rows), changed: writeChangedFile(rows) };
  if (form === 'postgres') return prepareTables(csv, rows, port);
  const files =
    form === 'csv'
      ? csv
      : { base: await rewrite(csv.base, form), changed: await rewrite(csv.changed, form) };
  const folder = join(workFolder, 'sync', 'sources');
  const shown = join(folder, `whole.${form}`);
  return {
    form,
    definition: `{ kind: file, paths: ["${shown}"] }`,
    env: {},
    file: files.base,
    files: Object.values(files),
    show: async (edition) => {
      mkdirSync(folder, { recursive: true });
      rmSync(shown, { force: true });
      linkSync(files[edition], shown);
    },
  };
}

/** Rewrites the CSV with typed columns, as a program that knows the types would write them. */
async function rewrite(csv: string, form: 'parquet' | 'ndjson'): Promise<string> {
  const path = csv.replace(/csv$/, form);
  if (existsSync(path)) return path;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const types = benchFields.map(
    ({ name, type }) => `'${name}': '${instants.has(name) ? 'TIMESTAMPTZ' : engineTypes[type]}'`,
  );
  const columns = benchFields.map(({ name, type }) =>
    type === 'set' ? `string_split(${name}, ';') AS ${name}` : name,
  );
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (SELECT email, ${columns.join(', ')}
    FROM read_csv('${csv}', header = true, columns = {'email': 'VARCHAR', ${types.join(', ')}}))
    TO '${path}.partial' (FORMAT ${form === 'ndjson' ? 'json' : 'parquet'})`);
  connection.closeSync();
  renameSync(`${path}.partial`, path);
  return path;
}

async function prepareTables(
  csv: Readonly<Record<Edition, string>>,
  rows: number,
  port: number,
): Promise<SyncSource> {
  for (const edition of ['base', 'changed'] as const) {
    await fillTable(csv[edition], tableOf(edition, rows), port);
  }
  const url = `postgres://${postgresAccount}@127.0.0.1:${port}/postgres`;
  return {
    form: 'postgres',
    definition: '{ kind: postgres, url: "env:BENCH_SOURCE", sql: "select * from sync_source" }',
    env: { BENCH_SOURCE: url },
    file: undefined,
    files: [],
    show: async (edition) => {
      await query(port, 'drop view if exists sync_source');
      await query(port, `create view sync_source as select * from ${tableOf(edition, rows)}`);
    },
  };
}

function tableOf(edition: Edition, rows: number): string {
  return `sync_${edition}_${rows}`;
}

async function fillTable(csv: string, table: string, port: number): Promise<void> {
  const known = await query(port, `select count(*) from pg_tables where tablename = '${table}'`);
  if (known.trim() === '1') return;
  const texts = benchFields.map(({ name }) => `${name} text`);
  const typed = benchFields.map(({ name, type }) => {
    if (type === 'set') return `string_to_array(${name}, ';') as ${name}`;
    const wanted = instants.has(name) ? 'timestamptz' : (databaseTypes[type] ?? 'text');
    return `${name}::${wanted} as ${name}`;
  });
  await query(port, 'drop table if exists sync_texts');
  await query(port, `create unlogged table sync_texts (email text, ${texts.join(', ')})`);
  await runProgram(psql(port, `\\copy sync_texts from '${csv}' (format csv, header)`));
  await query(port, `create table ${table} as select email, ${typed.join(', ')} from sync_texts`);
  await query(port, 'drop table sync_texts');
  await query(port, `vacuum (analyze, freeze) ${table}`);
}
