/**
 * Narrows a source to rows that changed since the last run, by a column with the time or number of
 * a row's last change. A row whose value is missing or of another type is always read: reading a
 * row twice is harmless.
 */
import { columnWords } from '../column-words.ts';
import {
  type OpenSourceOptions,
  type Source,
  type SourceRelation,
  withRelation,
} from '../source.ts';
import { invalidSource, printableName } from '../source-failure.ts';
import { sqlText } from '../sql-text.ts';
import type { Workbench } from '../workbench.ts';

type Kind = 'number' | 'time' | 'text';

interface Mark {
  readonly kind: Kind;
  readonly value: string;
}

const types: Readonly<Record<Kind, string>> = {
  number: 'DECIMAL(38,9)',
  time: 'TIMESTAMP WITH TIME ZONE',
  text: 'VARCHAR',
};

/** @param watermark `null`: returns the source unchanged */
export function withWatermark(source: Source, watermark: OpenSourceOptions['watermark']): Source {
  if (watermark === null) return source;
  const from = watermark.from === null ? undefined : parseMark(watermark.from);
  let highest = from;
  const narrowed = withRelation(source, async (relation, { workbench }) => {
    const cell = `trim(c${watermarkIndex(relation, watermark.column)})`;
    const counted = await countKinds(workbench, relation, cell);
    const kind = from?.kind ?? kindOf(counted, watermark.column);
    highest = await highestOf(workbench, { relation, cell, kind, from });
    return from === undefined ? relation : onlySince(relation, cell, from);
  });
  const readWatermark = () => (highest === undefined ? null : `${highest.kind}:${highest.value}`);
  // The rows also depend on the watermark.
  const { digest: _, ...others } = narrowed;
  return { ...others, readWatermark };
}

function watermarkIndex(relation: SourceRelation, column: string): number {
  const index = relation.columns.indexOf(column);
  if (index >= 0) return index;
  throw invalidSource(
    `There is no column ${printableName(column)}, which should say when a row changed. The source has ${columnWords(relation.columns, [column])}.`,
  );
}

/** Parses what `readWatermark` wrote, or what a person wrote. */
function parseMark(text: string): Mark {
  const [, kind, value = ''] = /^(number|time|text):(.*)$/s.exec(text) ?? [];
  if (kind === 'number' || kind === 'time' || kind === 'text') return { kind, value };
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return { kind: 'number', value: text };
  return { kind: /^\d{4}-\d\d-\d\d/.test(text) ? 'time' : 'text', value: text };
}

interface KindCounts {
  readonly filled: number;
  readonly numbers: number;
  readonly times: number;
  /** Dates whose text does not sort by time. */
  readonly unsortable: number;
}

async function countKinds(
  workbench: Workbench,
  relation: SourceRelation,
  cell: string,
): Promise<KindCounts> {
  const [counts = []] = await workbench.rows(`SELECT count(*) FILTER (${cell} <> ''),
    count(${valueSql(cell, 'number')}), count(${valueSql(cell, 'time')}),
    count(*) FILTER (regexp_matches(${cell}, '^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}'))
    FROM ${relation.sql}`);
  const [filled = 0, numbers = 0, times = 0, unsortable = 0] = counts.map(Number);
  return { filled, numbers, times, unsortable };
}

/** The type that most values have. */
function kindOf({ filled, numbers, times, unsortable }: KindCounts, column: string): Kind {
  if (filled > 0 && numbers * 2 >= filled) return 'number';
  if (filled > 0 && times * 2 >= filled) return 'time';
  if (unsortable === 0) return 'text';
  throw invalidSource(
    `The column ${printableName(column)} holds dates whose text does not sort by time. Write them as 2026-11-23, or use a source of the kind query that casts them: strptime(${printableName(column)}, '%m/%d/%Y').`,
  );
}

interface Marking {
  readonly relation: SourceRelation;
  readonly cell: string;
  readonly kind: Kind;
  readonly from: Mark | undefined;
}

/**
 * The highest value, but not below `from` and not in the future: a wrong date in the future would
 * hide all other rows until that date.
 */
async function highestOf(workbench: Workbench, marking: Marking): Promise<Mark | undefined> {
  const { relation, cell, kind, from } = marking;
  const value = valueSql(cell, kind);
  const bound = kind === 'time' ? `FILTER (${value} <= now() + INTERVAL 1 DAY)` : '';
  const floor = from === undefined ? '' : `greatest(${literal(from)}, `;
  const [row = []] = await workbench.rows(
    `SELECT CAST(${floor}max(${value}) ${bound}${from === undefined ? '' : ')'} AS VARCHAR) FROM ${relation.sql}`,
  );
  const [found] = row;
  return typeof found === 'string' ? { kind, value: found } : from;
}

function onlySince(relation: SourceRelation, cell: string, from: Mark): SourceRelation {
  const cells = relation.columns.map((_, index) => `c${index}`).join(', ');
  const number = relation.rowNumbers === 'column' ? 'n' : 'row_number() OVER () - 1 AS n';
  const value = valueSql(cell, from.kind);
  return {
    ...relation,
    sql: `(SELECT n, ${cells} FROM (SELECT ${number}, ${cells} FROM ${relation.sql})
      WHERE coalesce(${value} >= ${literal(from)}, true))`,
    rowNumbers: 'column',
  };
}

/** NULL when the cell is empty or of another type. */
function valueSql(cell: string, kind: Kind): string {
  if (kind === 'text') return `nullif(${cell}, '')`;
  const value = `TRY_CAST(${cell} AS ${types[kind]})`;
  return kind === 'time' ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value;
}

function literal(mark: Mark): string {
  return `TRY_CAST(${sqlText(mark.value)} AS ${types[mark.kind]})`;
}
