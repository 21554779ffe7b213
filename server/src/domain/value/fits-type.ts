/** Whether a stored value is one of a field type. The field may have got another type since. */
import { type FieldType, jsonKindOf } from '../contact/field.ts';
import { maxStringLength } from '../limits.ts';
import { parseDateValue } from './date-value.ts';

/** @param value as in JSON; `null` fits each type */
export function fitsType(type: FieldType, value: unknown): boolean {
  if (value === null) return true;
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'positive integer':
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case 'big integer':
      return typeof value === 'string' && /^-?[0-9]+$/.test(value);
    case 'date':
      return typeof value === 'string' && isStoredDate(value);
    case 'string':
      return typeof value === 'string' && [...value].length <= maxStringLength;
    case 'set':
      return Array.isArray(value) && value.every((it) => typeof it === 'string');
    case 'boolean':
    case 'currency':
    case 'float':
    case 'rate':
    case 'text':
      return typeof value === jsonKindOf(type);
  }
}

/** Dates are stored in one form. */
function isStoredDate(text: string): boolean {
  const parsed = parseDateValue(text, { timeZone: 'Z' });
  return 'json' in parsed && parsed.json === JSON.stringify(text);
}
