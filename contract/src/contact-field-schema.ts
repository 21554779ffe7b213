/** Schemas of field values by type, for documents adapted to one organization. */
import type { fieldTypeNames } from './field-schema.ts';
import type { JsonObject } from './json-object.ts';

export interface ContactField {
  readonly name: string;
  /** `built-in` for the memberships that every organization has. */
  readonly type: (typeof fieldTypeNames)[number] | 'built-in';
  readonly description: string | null;
  /** The currency of its amounts; `undefined` for other types. */
  readonly currency?: string | undefined;
}

const anyText = '^[\\s\\S]*$';
const number = { type: 'number' };
const wholeNumber = { type: 'integer', format: 'int64', minimum: -(2 ** 53), maximum: 2 ** 53 };
const longText = { type: 'string', maxLength: 65_536, pattern: anyText };

const byType: Readonly<Record<ContactField['type'], JsonObject>> = {
  boolean: { type: 'boolean' },
  currency: amountSchema(),
  float: number,
  integer: wholeNumber,
  'positive integer': { ...wholeNumber, minimum: 0 },
  'big integer': { type: 'string', maxLength: 101, pattern: '^-?[0-9]{1,100}$' },
  rate: number,
  string: { type: 'string', maxLength: 254, pattern: anyText },
  text: longText,
  date: {
    type: 'string',
    maxLength: 40,
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}',
    description: 'RFC 3339 in UTC, or only the day if the value has no time.',
  },
  set: { type: 'array', maxItems: 1_000, items: longText },
  'built-in': { type: 'array', maxItems: 10_000, items: {} },
};

/** The schema of a contact with exactly these fields. */
export function contactFieldsSchema(fields: readonly ContactField[]): JsonObject {
  const properties = fields.map((field) => [field.name, fieldSchema(field)] as const);
  return {
    type: 'object',
    description: 'The content fields of this organization that the token may read.',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

function fieldSchema({ type, description, currency }: ContactField): JsonObject {
  const schema = currency === undefined ? byType[type] : amountSchema(currency);
  const words = description === null ? {} : { description };
  if (type === 'built-in') return { ...schema, ...words };
  return { ...words, anyOf: [schema, { type: 'null' }] };
}

function amountSchema(currency?: string): JsonObject {
  const unit = currency === undefined ? '' : ` in ${currency}`;
  return {
    description: `An amount${unit}, formatted for the locale; a number with format=raw.`,
    anyOf: [{ type: 'string', maxLength: 100, pattern: anyText }, number],
  };
}
