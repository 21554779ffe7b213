/** Fields as administration shows and changes them. */
import Type from 'typebox';
import { maxDescriptionLength, maxNameLength } from './bounds.ts';
import { closed, fieldName, nullable, text, word } from './schema-parts.ts';

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
  description: 'What null means, as a value of the type; null itself to mean null.',
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
  "ISO 4217: what the amounts of a currency field are in; null for the organization's.",
  3,
  { examples: ['EUR'] },
);

const flags = {
  display_name: nullable(text('For people; free to change.', maxNameLength)),
  description: nullable(text('What it means.', maxDescriptionLength)),
  content: Type.Boolean({ description: 'Whether look-ups may answer it.' }),
  condition: Type.Boolean({ description: 'Whether rules may use it.' }),
  sensitivity: nullable(word('How much harm a leak of a value does.', sensitivityNames)),
  currency: nullable(fieldCurrency),
};

export const fieldSchema = Type.Object(
  {
    name: fieldName('Unique in the organization; never renamed.'),
    type: nullable(word('Its type; null for a built-in field.', fieldTypeNames)),
    dataset: nullable(text('The dataset that fills it; null for a built-in field.', 64)),
    built_in: Type.Boolean({ description: 'Whether every organization has it.' }),
    ...flags,
    implied_value: impliedValue,
  },
  { $id: 'Field' },
);

export const fieldChangeSchema = Type.Partial(
  Type.Object({
    ...flags,
    type: word('Only until contacts hold values of the old one.', fieldTypeNames),
    implied_value: impliedValue,
    force: Type.Boolean({
      description:
        'Do it although tokens have recently read the field, or its amounts get another currency.',
      default: false,
    }),
  }),
  { ...closed, minProperties: 1, $id: 'FieldChange' },
);
