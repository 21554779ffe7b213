/** Advises a query that sums up rows, for a file in which most contacts have several rows. */
import { basename, resolve } from 'node:path';
import { stringify } from 'yaml';
import { isSummable } from '../../domain/contact/field.ts';
import { inKeyOrder } from '../../domain/dataset/source-row.ts';
import { bareFileName } from '../../sources/file-format.ts';
import { sqlName } from '../../sources/sql-text.ts';
import type { RejectionSummary } from '../../sync/apply/rejections-file.ts';
import { isIdName } from '../../sync/infer/column-name.ts';
import { fieldNameOf } from '../../sync/infer/field-names.ts';
import type { ImportPlan, PlannedColumn } from '../../sync/infer/import-plan.ts';

export interface RepeatedRows {
  readonly plan: ImportPlan;
  readonly path: string;
  readonly rowsRead: number;
  readonly rejections: RejectionSummary;
}

/** With a larger share of repeated rows, the file probably holds orders or events. */
const mostRows = 0.5;
/** More would make the example hard to read. */
const maxSums = 5;

/** Empty where most rows belong to different contacts. */
export function repeatedRowsLines(rows: RepeatedRows): string[] {
  const { plan, rowsRead, rejections } = rows;
  const repeated = rejections.counts.identity_repeated ?? 0;
  if (plan.identifiers.length === 0 || repeated <= rowsRead * mostRows) return [];
  const text = stringify(summingCatalog(rows), { lineWidth: 0 });
  const counted = `${repeated.toLocaleString('en-US')} of ${rowsRead.toLocaleString('en-US')}`;
  return [
    `Most rows belong to a contact of a later row (${counted}), and only the last row of each contact counts. ` +
      'This looks like a file of orders or events.',
    'To sum up the rows of each contact instead, save this as summed.yaml and run: usher apply -f summed.yaml',
    '',
    ...text.trimEnd().split('\n'),
    '',
  ];
}

/** A catalog file with a dataset that has one row for each contact. */
function summingCatalog({ plan, path }: RepeatedRows) {
  const [identifier] = inKeyOrder(plan.identifiers);
  const dataset = fieldNameOf(bareFileName(basename(path)), 1);
  const isTaken = (field: string) => plan.columns.some((one) => one.field === field);
  const own = (field: string) => (isTaken(field) ? `${field}_summed` : field);
  const columns = summedColumns(plan).map((one) => ({ ...one, field: own(one.field) }));
  const counted = own(`${dataset}_count`);
  const cell = `trim(${sqlName(identifier?.column ?? '')})`;
  const isMail = identifier?.identityType.normalisation === 'email';
  const selected = [
    `${isMail ? `lower(${cell})` : cell} AS identity`,
    `count(*) AS ${counted}`,
    ...columns.map(({ sql, field }) => `${sql} AS ${field}`),
  ];
  const sql = `SELECT\n  ${selected.join(',\n  ')}\nFROM source_rows\nWHERE ${cell} <> ''\nGROUP BY 1\n`;
  const fields = columns.map(({ field, type, currency }) => [
    field,
    { type, ...(currency !== undefined && { currency }) },
  ]);
  return {
    version: 1,
    datasets: {
      [`${dataset}_by_contact`]: {
        source: { kind: 'query', files: { source_rows: resolve(path) }, sql },
        identifiers: { [identifier?.identityType.name ?? 'email']: 'identity' },
        fields: { [counted]: { type: 'integer' }, ...Object.fromEntries(fields) },
      },
    },
  };
}

interface SummedColumn {
  readonly sql: string;
  readonly field: string;
  readonly type: 'currency' | 'float' | 'date';
  readonly currency: string | undefined;
}

/** Adds up amounts and numbers, and takes the last of dates. */
function summedColumns(plan: ImportPlan): readonly SummedColumn[] {
  const named = new Set(plan.identifiers.map(({ cell }) => cell));
  return plan.columns
    .filter(({ field, cell }) => field !== null && !named.has(cell) && !isIdName(field))
    .flatMap((planned) => summedColumn(planned) ?? [])
    .slice(0, maxSums);
}

function summedColumn({ column, field, format }: PlannedColumn): SummedColumn | undefined {
  const { type, options } = format;
  const cell = sqlName(column);
  if (type === 'date') {
    const isWritten = options.dateOrder === 'day-first' || options.dateOrder === 'month-first';
    const form = options.dateOrder === 'day-first' ? '%d/%m/%Y' : '%m/%d/%Y';
    const date = isWritten
      ? `try_strptime(replace(split_part(${cell}, ' ', 1), '.', '/'), '${form}')`
      : `try_cast(left(${cell}, 10) AS DATE)`;
    return { sql: `CAST(max(${date}) AS DATE)`, field: `${field}_last`, type, currency: undefined };
  }
  if (!isSummable(type)) return undefined;
  return {
    sql: `sum(${summedNumber(cell, options.decimalComma === true ? ',' : '.')})`,
    field: `${field}_sum`,
    type: type === 'currency' ? 'currency' : 'float',
    currency: format.currency,
  };
}

/** The number in a cell, without its currency (`kr. 5`). A minus or brackets make it negative. */
function summedNumber(cell: string, sign: '.' | ','): string {
  const bare = `regexp_replace(${cell}, '\\p{L}+\\.', '', 'g')`;
  const digits = `replace(regexp_replace(${bare}, '[^0-9${sign}]', '', 'g'), ',', '.')`;
  const isLess = `regexp_matches(${cell}, '^[^0-9]*[-−(]|[0-9] ?[-−]')`;
  return `TRY_CAST(${digits} AS DECIMAL(18, 3)) * CASE WHEN ${isLess} THEN -1 ELSE 1 END`;
}
