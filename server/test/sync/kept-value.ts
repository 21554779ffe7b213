/**
 * Checks that a stored value means the same as its cell. It implements the table of docs/import.md
 * independently of the code that parses cells.
 */
import assert from 'node:assert/strict';
import type { ColumnFormat } from '../../src/sync/infer/column-format.ts';

const markers = new Set(['NULL', '-', '']);

/** Fails if a digit, a leading zero, a plus, an exponent or a letter of the cell is lost. */
export function requireKept({ type, options }: ColumnFormat, cell: string, stored: unknown): void {
  const told = `${JSON.stringify(cell)} became ${JSON.stringify(stored)} (${type})`;
  if (type === 'string' || type === 'text') {
    assert.equal(stored ?? '', cell, told);
  } else if (markers.has(cell)) {
    assert.equal(stored, undefined, told);
  } else if (type === 'boolean') {
    assert.equal(stored, ['yes', 'y', 'on', 'true', '1', 't'].includes(cell.toLowerCase()), told);
  } else if (type === 'date') {
    assert.equal(stored, isoDay(cell, options.dateOrder === 'day-first'), told);
  } else if (type === 'set') {
    const parts = cell.startsWith('[')
      ? cell.slice(1, -1).split(',')
      : cell.split(options.separator ?? '\0');
    assert.deepEqual(stored, [...new Set(parts)], told);
  } else {
    assert.doesNotMatch(cell, /\+|[0-9][eE]|^[^0-9.,]*0[0-9]/, told);
    const number = plainNumber(cell, options.decimalComma === true);
    assert.equal(plainNumber(String(stored), false, true), number, told);
  }
}

function isoDay(cell: string, isDayFirst: boolean): string {
  const numbers = cell.split('/');
  const [first = '', second = '', year = ''] = numbers;
  if (numbers.length === 1) return cell;
  return isDayFirst ? `${year}-${second}-${first}` : `${year}-${first}-${second}`;
}

/** Sign, digits without leading and trailing zeros, and the position of the decimal point. */
function plainNumber(text: string, isComma: boolean, isStored = false): string {
  const isPercent = text.endsWith('%');
  const isNegative = /^\(|^[^0-9]*\(|-/.test(text.replace(/e.*$/, ''));
  const [mantissa = '', exponent = '0'] = isStored ? text.split('e') : [text];
  const pointed = isComma ? mantissa.replaceAll('.', '').replaceAll(',', '.') : mantissa;
  const bare = pointed.replace(/[^0-9.]/g, '');
  const [whole = '', fraction = ''] = bare.split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const end = digits.replace(/0+$/, '');
  if (end === '') return '0';
  const scale =
    fraction.length - Number(exponent) + (isPercent ? 2 : 0) - (digits.length - end.length);
  return `${isNegative ? '-' : ''}${end}e-${scale}`;
}
