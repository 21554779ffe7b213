/** The body and answer of a push. A row's members are the dataset's columns. */
import Type from 'typebox';
import { maxPushRows, maxUnknownColumns } from './bounds.ts';
import { rejectionCodes } from './problems.ts';
import { closed, integer, list, nullable, text, word } from './schema-parts.ts';

const row = Type.Object(
  {},
  {
    additionalProperties: true,
    maxProperties: 10_000,
    description:
      'Columns by name. One that is missing leaves its field as it is; null (also an empty text or list) clears it. At least one identifier.',
    examples: [{ email: 'tom@hello.com', first_name: 'Tom', orders: 3 }],
  },
);

const dataset = text('The name of a dataset whose source is push.', 64, {
  pattern: '^[a-z][a-z0-9_]{0,63}$',
  examples: ['crm'],
});

export const pushBodySchema = Type.Object(
  {
    dataset,
    rows: Type.Array(row, {
      minItems: 1,
      maxItems: maxPushRows,
      description: 'Applied in the order given; more than 1,000 are batch_too_large.',
    }),
  },
  { ...closed, $id: 'PushRequest' },
);

const count = (description: string, max: number = maxPushRows) =>
  integer(description, { min: 0, max });

const rejection = Type.Object({
  row: count('Its place in the request, from 0.'),
  code: word('Why.', rejectionCodes),
  column: nullable(text('Where, if it is one column.', 255)),
  reason: text('As the rest of a sentence, without the value.', 500),
});

export const pushAnswerSchema = Type.Object(
  {
    status: Type.Literal('success'),
    dataset,
    received: count('Rows of the request.'),
    added: count('New contacts.'),
    changed: count('Contacts that changed.'),
    unchanged: count('Rows that changed nothing.'),
    rejected: count('Rows that were not applied.'),
    rejections: list(
      rejection,
      3 * maxPushRows,
      'What was wrong with those: 3 problems each at most.',
    ),
    field_unknown: count(
      'Members of rows that the dataset has no column for; the rows are applied without them.',
      10_000_000,
    ),
    unknown_columns: list(text('Its name.', 64), maxUnknownColumns, 'The first of those.'),
    revision: text('Of the write: for Usher-Min-Revision.', 16, { pattern: '^[0-9a-f]{16}$' }),
  },
  { $id: 'PushAnswer' },
);
