/** The body and answer of a push. A row's members are the dataset's columns. */
import Type from 'typebox';
import { maxPushRows, maxUnknownColumns } from './bounds.ts';
import { rejectionCodes } from './problems.ts';
import { claimCounts, closed, integer, list, nullable, text, word } from './schema-parts.ts';

const row = Type.Object(
  {},
  {
    additionalProperties: true,
    maxProperties: 10_000,
    description:
      'Values by the name of the column. A missing column leaves its field as it is; null, an empty text or an empty list clears it. A row needs at least one identifier.',
    examples: [{ email: 'tom@hello.com', first_name: 'Tom', orders: 3 }],
  },
);

const identityRow = Type.Object(
  {},
  {
    additionalProperties: true,
    maxProperties: 10_000,
    description:
      'Identities of one person by the name of the column. A column that is missing, null or empty says nothing. A row needs at least one identity, and says something new only with two.',
    examples: [{ user: '4711', email: 'tom@hello.com' }],
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
      description:
        'The rows, applied in this order. More than 1,000 rows are refused: batch_too_large.',
    }),
  },
  { ...closed, $id: 'PushRequest' },
);

export const identityPushBodySchema = Type.Object(
  {
    dataset,
    rows: Type.Array(identityRow, {
      minItems: 1,
      maxItems: maxPushRows,
      description:
        'The rows, applied in this order. More than 1,000 rows are refused: batch_too_large.',
    }),
  },
  { ...closed, $id: 'IdentityPushRequest' },
);

const count = (description: string, max: number = maxPushRows) =>
  integer(description, { min: 0, max });

const rejection = Type.Object({
  row: count('The index of the row in the request, from 0.'),
  code: word('Why the row was rejected.', rejectionCodes),
  column: nullable(text('The column of the problem; null if it is not about one column.', 255)),
  reason: text(
    'The reason, as the end of a sentence about the value. It never contains the value.',
    500,
  ),
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
      'The problems of the rejected rows, at most 3 for each.',
    ),
    field_unknown: count(
      'Members of rows that are not columns of the dataset. The rows are applied without them.',
      10_000_000,
    ),
    unknown_columns: list(
      text('A name.', 64),
      maxUnknownColumns,
      'The names of these members, at most 20.',
    ),
    joined: count('Contacts that became part of another one.'),
    refused_claims: claimCounts(
      'Identities of applied rows that do not find the contact of their row, by code.',
    ),
    revision: text('The revision of this write, for Usher-Min-Revision.', 16, {
      pattern: '^[0-9a-f]{16}$',
    }),
  },
  { $id: 'PushAnswer' },
);
