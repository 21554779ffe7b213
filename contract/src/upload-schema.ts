/** Uploaded files, and what Usher finds in them. */

import Type from 'typebox';
import { maxIdentityTypesPerOrganization, maxNameLength } from './bounds.ts';
import { askedIdentityType } from './dataset-schema.ts';
import { fieldTypeNames } from './field-schema.ts';
import { closed, integer, list, nullable, prose, text, time, word } from './schema-parts.ts';

/** 24 hexadecimal digits are 96 bits, so that nobody guesses an id. */
export const uploadId = text('The id of the uploaded file.', 24, { pattern: '^[0-9a-f]{24}$' });

const maxUploadName = 255;
/** Columns of a file, and rows of a sample. */
const maxColumns = 2_000;
export const sampleRows = { max: 100, default: 20 } as const;

/** The name is kept for people; it is part of no path. */
export const uploadQuerySchema = Type.Object(
  {
    name: text(
      'The name of the file, such as people.csv. Its end tells the format of a text.',
      maxUploadName,
      { minLength: 1, pattern: '^[^\\u0000-\\u001f\\u007f/\\\\]*$', examples: ['people.csv'] },
    ),
    dataset: Type.Optional(
      text('The dataset that it is for: if it takes no files, the call is refused at once.', 64),
    ),
  },
  closed,
);

export const uploadSchema = Type.Object(
  {
    id: uploadId,
    name: text('As the caller named the file.', maxUploadName),
    format: text('The format, as a file extension.', 20, { examples: ['csv', 'ndjson.gz'] }),
    bytes: integer('The size of the file.', { min: 1, max: Number.MAX_SAFE_INTEGER }),
    created_at: time('When it arrived.'),
    expires_at: time('When it is deleted, unless a run applies it earlier.'),
    created_by: text('Who sent it, as in the audit log.', 200),
    dataset: nullable(text('The dataset whose next run reads it; null: none yet.', 64)),
  },
  { $id: 'Upload' },
);

/** A column by its place from 1. Its name may be a value, and an address holds none. */
const place = '[1-9][0-9]{0,3}';
const listOf = (entry: string) => `^${entry}(?:,${entry})*$`;
const maxChoices = 10_000;

export const uploadSampleQuerySchema = Type.Object(
  {
    dataset: Type.Optional(
      text('The dataset that the file is for; named after the file if missing.', 64, {
        pattern: '^[a-z][a-z0-9_]{0,63}$',
      }),
    ),
    encoding: Type.Optional(
      text(
        'The text encoding, such as shift_jis; that of the dataset, or detected if missing.',
        40,
        {
          pattern: '^[A-Za-z0-9_.:-]{1,40}$',
        },
      ),
    ),
    types: Type.Optional(
      text(
        'Types that the caller chose, by the places of the columns in the file, from 1. What a type leaves open, such as the order of day and month, is found in the values.',
        maxChoices,
        { pattern: listOf(`${place}:[^,]{1,40}`), examples: ['3:date,5:currency:EUR'] },
      ),
    ),
    identifiers: Type.Optional(
      text(
        'Columns that the caller chose to identify the contacts, the row key first, by their places. An identity type that does not exist yet may say its normalisation.',
        maxChoices,
        {
          pattern: listOf(`${place}:[a-z][a-z0-9_-]{0,63}(?::(?:exact|phone|email))?`),
          examples: ['1:user_id,4:mobile:phone'],
        },
      ),
    ),
    skip: Type.Optional(
      text('Columns that fill no field, by their places.', maxChoices, {
        pattern: listOf(place),
        examples: ['2,7'],
      }),
    ),
    rows: Type.Optional(
      integer(
        'How many rows to show.',
        { min: 0, max: sampleRows.max },
        { default: sampleRows.default },
      ),
    ),
  },
  closed,
);

const sampledColumn = Type.Object({
  column: prose('The name of the column.', 4_096),
  field: nullable(text('The field that it would fill; null: none.', 64)),
  type: nullable(word('The type of the field.', fieldTypeNames)),
  currency: nullable(text('The currency of amounts.', 3)),
  is_new: Type.Boolean({ description: 'Whether the field does not exist yet.' }),
  note: nullable(prose('What was assumed about the values.', 1_000)),
  masked: Type.Boolean({ description: 'Whether the caller may not see the values.' }),
  values: list(
    nullable(prose('The value of a row, cut after 200 characters.', 200)),
    sampleRows.max,
    'The values of the first rows; empty if they are masked.',
  ),
});

export const uploadSampleSchema = Type.Object(
  {
    dataset: text('The dataset that the file would fill.', 64),
    is_new: Type.Boolean({ description: 'Whether the dataset does not exist yet.' }),
    rows_read: nullable(
      integer('Rows of the file; null: they were not read, since no column identifies them.', {
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
      }),
    ),
    rejections: Type.Record(
      Type.String(),
      integer('Rows.', { min: 0, max: Number.MAX_SAFE_INTEGER }),
      { description: 'Rows that a run would reject, by code.', maxProperties: 100 },
    ),
    identifiers: list(
      Type.Object({
        identity_type: text('The identity type.', 64),
        column: prose('The column.', 4_096),
        is_new: Type.Boolean({ description: 'Whether the identity type does not exist yet.' }),
      }),
      maxIdentityTypesPerOrganization,
      'The columns that identify the contacts, the row key first. Empty: name them yourself.',
    ),
    candidates: list(
      prose('A column.', 4_096),
      maxColumns,
      'If no column was taken: columns that may identify the contacts.',
    ),
    columns: list(sampledColumn, maxColumns, 'In the order of the file.'),
    missing_columns: list(
      prose('A column.', 4_096),
      maxColumns,
      'Columns that the definition of the dataset reads and the file lacks. If there are any, a run fails.',
    ),
    notes: list(prose('A note.', 2_000), maxNameLength, 'What people should know of the file.'),
    definition: Type.Ref('DatasetDefinition'),
    new_identity_types: list(
      askedIdentityType,
      maxIdentityTypesPerOrganization,
      'To send with the definition.',
    ),
  },
  { $id: 'UploadSample' },
);
