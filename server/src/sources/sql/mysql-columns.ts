/** What the types of MySQL and MariaDB become as texts, and how a column of each is compared. */
import type { TypeCastField } from 'mysql2';
import type { WatermarkOrder, WrittenForm } from './fetched-rows.ts';

/** Of a column's definition on the wire, what is needed here. */
export interface MysqlField {
  readonly name: string;
  readonly columnType: number;
  readonly characterSet: number;
}

/** Numbers of the protocol. */
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

/** Whether its values are bytes and no texts. */
export function holdsBytes({ columnType, characterSet }: MysqlField): boolean {
  if (columnType === types.geometry) return true;
  return strings.has(columnType) && characterSet === binaryCharacterSet;
}

export function mysqlForm({ columnType }: MysqlField): WrittenForm {
  return columnType === types.timestamp ? 'utc-bare' : 'text';
}

/** For the driver: each value as the text that the server sent; a BIT as its number. */
export function castToText(field: TypeCastField): string | null {
  if (field.type !== 'BIT') return field.string('utf8');
  const bytes = field.buffer();
  return bytes === null ? null : BigInt(`0x0${bytes.toString('hex')}`).toString();
}

/**
 * Whether the server writes its values with six digits, so that they must be sent as they are
 * stored.
 */
export function losesDigits({ columnType }: MysqlField): boolean {
  return columnType === types.float;
}

/**
 * The same texts as `castToText`, of values that come as they are stored. @param next reads a
 * number
 */
export function castStored(field: TypeCastField, next: () => unknown): string | null {
  switch (field.type) {
    case 'FLOAT': {
      const value = next();
      return typeof value === 'number' ? floatText(value) : null;
    }
    case 'TINY':
    case 'SHORT':
    case 'INT24':
    case 'LONG':
    case 'LONGLONG':
    case 'YEAR':
    case 'DOUBLE': {
      const value = next();
      return value === null || value === undefined ? null : String(value);
    }
    default:
      return castToText(field);
  }
}

/** The fewest digits that mean this number of 32 bits and no other. */
function floatText(value: number): string {
  for (let digits = 1; digits <= 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/**
 * `undefined`: values of the type do not follow each other, or not in a way that is the same here
 * and there.
 */
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
 * The comparison "at or after", by the database's own types; a row without a value is always read.
 * @returns `undefined` when `from` is no value of the column's type
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
    // How a quote is escaped is a setting of the session; digits have none.
    return `CONVERT(X'${Buffer.from(from, 'utf8').toString('hex')}' USING utf8mb4)`;
  }
  if (order !== 'time') return numberPattern.test(from) ? from : undefined;
  // The session is in UTC, in which instants were written.
  return timePattern.test(from) ? `'${from.replace('T', ' ').replace('Z', '')}'` : undefined;
}
