/** How each type of PostgreSQL is selected as text, and how its values compare. */
import type { FieldDef } from 'pg';
import type { WatermarkOrder, WrittenForm } from './fetched-rows.ts';

/** `pg_type.oid` of built-in types, which are fixed. */
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
  /** The column's name in our statement. */
  readonly alias: string;
  /** SQL for the column's text; `null`: the column is left out. */
  readonly expression: string | null;
}

/** @param composed the types that are arrays or rows, user-defined ones included */
export function postgresColumn(
  field: FieldDef,
  alias: string,
  composed: ReadonlySet<number>,
): PostgresColumn {
  const { name, dataTypeID: type } = field;
  // The server names a column without a name `?column?`.
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
      // Its text has a currency sign and separators of the server's locale.
      return { ...base, form: 'text', expression: `${alias}::numeric` };
    case oids.bpchar:
      // Removes the padding spaces.
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

/** Returns `undefined` for types without an order, or whose order differs between engines. */
export function watermarkOrder(type: number): WatermarkOrder | undefined {
  return orders.get(type);
}

/** SQL for "at or after the literal, or without a value". */
export function watermarkCondition({ type, alias }: PostgresColumn, literal: string): string {
  const isText = type === oids.text || type === oids.varchar;
  const typeName = Object.entries(oids).find(([, oid]) => oid === type)?.[0] ?? 'text';
  const column = isText ? `${alias} COLLATE "C"` : alias;
  return `(${column} >= ${literal}::${typeName} OR ${alias} IS NULL)`;
}
