/**
 * How PostgreSQL is asked for the texts of a query's columns: most as it writes them itself, which
 * costs nothing.
 */
import type { FieldDef } from 'pg';
import type { WatermarkOrder, WrittenForm } from './fetched-rows.ts';

/** By `pg_type.oid`, fixed for built-in types. */
const oids = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  float4: 700,
  float8: 701,
  money: 790,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
} as const;

export interface PostgresColumn {
  readonly name: string;
  readonly type: number;
  readonly form: WrittenForm;
  /** What the query's column is called in our statement. */
  readonly alias: string;
  /** What stands in the SELECT for it; `null`: it is left out. */
  readonly expression: string | null;
}

/** @param composed which types are arrays or rows, of those that are not built in too */
export function postgresColumn(
  field: FieldDef,
  alias: string,
  composed: ReadonlySet<number>,
): PostgresColumn {
  const { name, dataTypeID: type } = field;
  // The server's name for what has none.
  const base = { name: name === '?column?' ? '' : name, type, alias, expression: alias };
  if (composed.has(type)) return { ...base, form: 'text', expression: `to_json(${alias})` };
  switch (type) {
    case oids.bytea:
      return { ...base, form: 'text', expression: null };
    case oids.bool:
      return { ...base, form: 'letter' };
    case oids.timestamptz:
      return { ...base, form: 'utc-offset' };
    case oids.money:
      // As text it would have the sign and the commas of the server's country.
      return { ...base, form: 'text', expression: `${alias}::numeric` };
    case oids.bpchar:
      // Without the spaces that fill it.
      return { ...base, form: 'text', expression: `${alias}::text` };
    default:
      return { ...base, form: 'text' };
  }
}

const orders: ReadonlyMap<number, WatermarkOrder> = new Map([
  [oids.int2, 'integer'],
  [oids.int4, 'integer'],
  [oids.int8, 'integer'],
  [oids.numeric, 'decimal'],
  [oids.float4, 'double'],
  [oids.float8, 'double'],
  [oids.date, 'time'],
  [oids.timestamp, 'time'],
  [oids.timestamptz, 'time'],
  [oids.text, 'bytes'],
  [oids.varchar, 'bytes'],
  [oids.uuid, 'bytes'],
]);

/**
 * `undefined`: values of the type do not follow each other, or not in a way that is the same here
 * and there.
 */
export function watermarkOrder(type: number): WatermarkOrder | undefined {
  return orders.get(type);
}

/**
 * The comparison "at or after", by the database's own types; a row without a value is always read.
 */
export function watermarkCondition({ type, alias }: PostgresColumn, literal: string): string {
  const isText = type === oids.text || type === oids.varchar;
  const typeName = Object.entries(oids).find(([, oid]) => oid === type)?.[0] ?? 'text';
  const column = isText ? `${alias} COLLATE "C"` : alias;
  return `(${column} >= ${literal}::${typeName} OR ${alias} IS NULL)`;
}
