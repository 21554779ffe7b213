/** How each type of MySQL and MariaDB becomes text, and how its values compare. */
import type { TypeCastField } from 'mysql2';
import type { WatermarkOrder, WrittenForm } from './fetched-rows.ts';

/** The parts of the protocol's column definition that are used here. */
export interface MysqlField {
  readonly name: string;
  readonly columnType: number;
  readonly characterSet: number;
}

/** Type numbers of the protocol. */
const types = {
  decimal: 0,
  float: 4,
  double: 5,
  timestamp: 7,
  date: 10,
  datetime: 12,
  varchar: 15,
  newDecimal: 246,
  tinyBlob: 249,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const;

const integers = new Set([1, 2, 3, 8, 9, 13]);
const strings = new Set<number>([types.varchar, 249, 250, 251, 252, 253, 254]);
const binaryCharacterSet = 63;

/** Whether its values are bytes rather than text. */
export function holdsBytes({ columnType, characterSet }: MysqlField): boolean {
  if (columnType === types.geometry) return true;
  return strings.has(columnType) && characterSet === binaryCharacterSet;
}

export function mysqlForm({ columnType }: MysqlField): WrittenForm {
  return columnType === types.timestamp ? 'utc-bare' : 'text';
}

/** Tells the driver to keep the server's text of each value. A BIT becomes its number. */
export function castToText(field: TypeCastField): string | null {
  if (field.type !== 'BIT') return field.string('utf8');
  const bytes = field.buffer();
  return bytes === null ? null : BigInt(`0x0${bytes.toString('hex')}`).toString();
}

/** Whether the server's text has only six digits, so that values must be sent in binary form. */
export function losesDigits({ columnType }: MysqlField): boolean {
  return columnType === types.float;
}

/**
 * Makes the same texts as `castToText`, from binary values.
 * @param next reads a number
 */
export function castStored(field: TypeCastField, next: () => unknown): string | null {
  if (!storedNumbers.has(field.type)) return castToText(field);
  const value = next();
  if (value === null || value === undefined) return null;
  return field.type === 'FLOAT' ? floatText(Number(value)) : String(value);
}

const storedNumbers = new Set('FLOAT TINY SHORT INT24 LONG LONGLONG YEAR DOUBLE'.split(' '));

/** The shortest text that reads back as the same 32-bit float. */
function floatText(value: number): string {
  for (let digits = 1; digits <= 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/** Returns `undefined` for types without an order, or whose order differs between engines. */
export function mysqlOrder(field: MysqlField): WatermarkOrder | undefined {
  const { columnType } = field;
  if (integers.has(columnType)) return 'integer';
  if (columnType === types.decimal || columnType === types.newDecimal) return 'decimal';
  if (columnType === types.float || columnType === types.double) return 'double';
  if (columnType === types.timestamp || columnType === types.date) return 'time';
  if (columnType === types.datetime) return 'time';
  return strings.has(columnType) && !holdsBytes(field) ? 'bytes' : undefined;
}

const numberPattern = /^-?\d{1,65}(?:\.\d{1,38})?(?:e[+-]?\d{1,3})?$/i;
const timePattern = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?)?$/;

/**
 * SQL for "at or after `from`, or without a value".
 * @returns `undefined` when `from` is not a value of the column's type
 */
export function mysqlCondition(
  order: WatermarkOrder,
  column: string,
  from: string,
): string | undefined {
  const literal = literalOf(order, from);
  if (literal === undefined) return undefined;
  const compared =
    order === 'bytes'
      ? `CONVERT(${column} USING utf8mb4) COLLATE utf8mb4_bin >= ${literal} COLLATE utf8mb4_bin`
      : `${column} >= ${literal}`;
  return `(${compared} OR ${column} IS NULL)`;
}

function literalOf(order: WatermarkOrder, from: string): string | undefined {
  if (order === 'bytes') {
    // Hexadecimal, because the escape of a quote depends on the session's settings.
    return `CONVERT(X'${Buffer.from(from, 'utf8').toString('hex')}' USING utf8mb4)`;
  }
  if (order !== 'time') return numberPattern.test(from) ? from : undefined;
  // The session's time zone is UTC.
  return timePattern.test(from) ? `'${from.replace('T', ' ').replace('Z', '')}'` : undefined;
}
