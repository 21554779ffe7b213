/** Fields as administration shows and changes them. */
import Type from 'typebox';
import { maxDescriptionLength, maxNameLength } from './bounds.ts';
import {
  closed,
  fieldName,
  list,
  nullable,
  planId,
  prose,
  ruleText,
  text,
  word,
} from './schema-parts.ts';

export const fieldTypeNames = [
  'boolean',
  'currency',
  'float',
  'integer',
  'positive integer',
  'big integer',
  'rate',
  'string',
  'text',
  'date',
  'set',
] as const;

export const sensitivityNames = ['public', 'internal', 'personal', 'sensitive'] as const;

/** Any JSON value that a field of some type may hold. */
export const impliedValue = Type.Unsafe<unknown>({
  description: 'The answer for a contact without a value: a value of the field type, or null.',
  anyOf: [
    { type: 'boolean' },
    { type: 'number' },
    { type: 'string', maxLength: 65_536, pattern: '^[^\\u0000]*$' },
    {
      type: 'array',
      maxItems: 1_000,
      items: { type: 'string', maxLength: 65_536, pattern: '^[^\\u0000]*$' },
    },
    { type: 'null' },
  ],
});

/** Lower-case letters are accepted. */
export const fieldCurrency = text(
  "The currency of the amounts, as ISO 4217, for the type currency; null: the organization's currency.",
  3,
  { examples: ['EUR'] },
);

const flags = {
  display_name: nullable(text('A name for people. It may change.', maxNameLength)),
  description: nullable(text('What the field means.', maxDescriptionLength)),
  content: Type.Boolean({ description: 'Whether look-ups may return the field.' }),
  condition: Type.Boolean({ description: 'Whether rules may use the field.' }),
  sensitivity: nullable(word('How much harm a leak of a value does.', sensitivityNames)),
  currency: nullable(fieldCurrency),
};

export const fieldSchema = Type.Object(
  {
    name: fieldName('Unique in the organization; never renamed.'),
    type: nullable(word('The field type; null for a built-in field.', fieldTypeNames)),
    dataset: nullable(
      text('The dataset that fills the field; null for built-in and computed fields.', 64),
    ),
    built_in: Type.Boolean({ description: 'Whether every organization has the field.' }),
    ...flags,
    implied_value: impliedValue,
    rule: nullable(
      ruleText('The rule of a computed field; null for another field, and for a token with lists.'),
    ),
    warnings: list(
      text('A warning.', 1_000),
      4,
      'What a computed field shows of hidden fields, and which computed fields show this one.',
    ),
  },
  { $id: 'Field' },
);

/** The settings of a computed field. */
export const fieldSettings = {
  ...flags,
  description: nullable(prose('What the field means.', maxDescriptionLength)),
  type: word('The type; by default that of the rule.', fieldTypeNames),
  implied_value: impliedValue,
};

export const fieldChangeSchema = Type.Partial(
  Type.Object({
    ...flags,
    type: word('The new type. Refused once contacts have values of the old type.', fieldTypeNames),
    implied_value: impliedValue,
    force: Type.Boolean({
      description:
        'Make the change even if tokens have recently read the field, or if its amounts get another currency.',
      default: false,
    }),
    plan: planId,
  }),
  { ...closed, minProperties: 1, $id: 'FieldChange' },
);

export const fieldReaderSchema = Type.Object(
  {
    field: fieldName('The field.'),
    token_id: text('The id of the token.', 12),
    last_characters: text('The last 3 characters of the token.', 3),
    token_name: nullable(text('The purpose of the token.', maxNameLength)),
    read_on: text('The last day on which it read the field, in UTC.', 10, { format: 'date' }),
  },
  { $id: 'FieldReader' },
);
