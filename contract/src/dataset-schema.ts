/**
 * Dataset definitions, in a catalog file and over HTTP. The server checks what a schema cannot
 * express.
 */
import Type, { type TSchema } from 'typebox';
import {
  maxDescriptionLength,
  maxFieldsPerOrganization,
  maxIdentityTypesPerOrganization,
  maxNameLength,
} from './bounds.ts';
import { fieldCurrency, fieldTypeNames, impliedValue, sensitivityNames } from './field-schema.ts';
import { newIdentityTypeSchema } from './identity-type-schema.ts';
import { closed, integer, list, nullable, planId, prose, text, word } from './schema-parts.ts';

const maxPathLength = 4_096;
const maxSourcePaths = 100;
const maxQueryLength = 65_536;
const namePattern = '^[a-z][a-z0-9_]{0,63}$';

const column = (description: string) => text(description, maxPathLength, { minLength: 1 });
const columns = (description: string) =>
  Type.Union([column(description), list(column(description), maxSourcePaths, description)]);
const sql = text('One SELECT statement.', maxQueryLength, {
  minLength: 1,
  pattern: '^[^\\u0000]*$',
});
const secret = text('A secret by reference: env:NAME or file:/absolute/path.', maxPathLength, {
  pattern: '^(env:[A-Za-z_]|file:/).*$',
});
const path = text(
  'A path or glob. In a catalog file, it is relative to the folder of that file.',
  maxPathLength,
  {
    minLength: 1,
  },
);
const paths = list(path, maxSourcePaths, 'Paths or globs of files that have the same format.');

/** An object in which the author of the definition chooses the names of the members. */
function named<Schema extends TSchema>(
  value: Schema,
  names: { readonly pattern: string; readonly max: number; readonly description: string },
) {
  const { pattern, max, description } = names;
  return Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    description,
    maxProperties: max,
    propertyNames: { type: 'string', pattern, maxLength: 100 },
    additionalProperties: value,
  });
}

function source(kind: string, members: Record<string, TSchema>, description: string) {
  const kindMember = word('The kind of the source.', [kind]);
  return Type.Object({ kind: kindMember, ...members }, { ...closed, description });
}

const pages = Type.Object(
  {
    items: text(
      'JSON pointer to the rows of a page; empty if the page is the list of rows.',
      maxPathLength,
    ),
    next: Type.Optional(
      text(
        'JSON pointer to the URL or cursor of the next page; if missing, the header Link has the URL.',
        maxPathLength,
      ),
    ),
    parameter: Type.Optional(
      text('The query parameter in which the cursor is sent.', maxNameLength),
    ),
  },
  { ...closed, description: 'For JSON that comes in pages.' },
);

const encoding = Type.Optional(
  text(
    'The text encoding, such as shift_jis; detected if missing. For HTTP, the charset of Content-Type comes before detection.',
    maxNameLength,
  ),
);

const sourceSchema = Type.Union(
  [
    source('file', { paths: Type.Union([path, paths]), encoding }, 'Files.'),
    source(
      'query',
      {
        files: named(Type.Union([path, paths]), {
          pattern: namePattern,
          max: maxSourcePaths,
          description: 'Names of tables, each with the files of its rows.',
        }),
        sql,
        encoding,
      },
      'A DuckDB SELECT over named files and reference datasets.',
    ),
    source('postgres', { url: secret, sql }, 'A query on PostgreSQL.'),
    source('mysql', { url: secret, sql }, 'A query on MySQL or MariaDB.'),
    source('sqlite', { path, sql }, 'A query on a SQLite file.'),
    source(
      'http',
      {
        url: text('The address: http or https.', maxPathLength, { pattern: '^https?://.+$' }),
        headers: Type.Optional(
          named(secret, {
            pattern: '^[A-Za-z0-9-]{1,100}$',
            max: 20,
            description: 'Headers of the request.',
          }),
        ),
        format: Type.Optional(
          text(
            'The format, as a file extension such as csv or ndjson.gz; if missing, the path of the URL or else Content-Type tells it.',
            maxNameLength,
          ),
        ),
        pages: Type.Optional(pages),
        encoding,
      },
      'A file or JSON over HTTP.',
    ),
    source('upload', { encoding }, 'Callers upload a file for each run.'),
    source('push', {}, 'Callers push the rows.'),
  ],
  {
    description:
      'Where the rows come from. A token may only set push or upload, or keep the source as it is.',
  },
);

const format = Type.Object(
  {
    date_order: Type.Optional(
      word('How a date like 4/8/1966 is read.', [
        ...['month-first', 'day-first', 'epoch-seconds', 'epoch-milliseconds'],
      ]),
    ),
    decimal_comma: Type.Optional(
      Type.Boolean({ description: 'Whether a comma separates decimals, as in 1.234,50.' }),
    ),
    separator: Type.Optional(
      text('The character between the elements of a set.', 1, { minLength: 1 }),
    ),
    exact: Type.Optional(
      Type.Boolean({
        description:
          'Whether to reject a number that would lose a digit, a leading zero, a plus sign or an exponent. Imports set it for the types that they infer.',
      }),
    ),
  },
  { ...closed, description: 'How values are written in the column.' },
);

const fieldDefinition = Type.Object(
  {
    column: Type.Optional(column("The column of the source; the field's name if missing.")),
    type: Type.Optional(word('The field type. A new field needs it.', fieldTypeNames)),
    currency: Type.Optional(nullable(fieldCurrency)),
    format: Type.Optional(format),
    display_name: Type.Optional(nullable(text('A name for people.', maxNameLength))),
    description: Type.Optional(nullable(prose('What the field means.', maxDescriptionLength))),
    content: Type.Optional(Type.Boolean({ description: 'Whether look-ups may return the field.' })),
    condition: Type.Optional(Type.Boolean({ description: 'Whether rules may use the field.' })),
    implied_value: Type.Optional(impliedValue),
    sensitivity: Type.Optional(
      nullable(word('How much harm a leak of a value does.', sensitivityNames)),
    ),
  },
  closed,
);

const schedule = Type.Object(
  {
    cron: text('A cron pattern of five fields, or of six with seconds first.', maxNameLength, {
      examples: ['0 4 * * *'],
    }),
    time_zone: Type.Optional(text('An IANA time zone; UTC if missing.', maxNameLength)),
  },
  { ...closed, description: 'When the dataset is synced.' },
);

const maxAge = Type.Object(
  {
    after: text('A duration, such as 36h.', 10, { pattern: '^[0-9]{1,6}[smhdw]$' }),
    policy: Type.Optional(
      word(
        'What look-ups do with older values: serve returns them, flag (the default) returns them as stale, withhold returns null.',
        [...['serve', 'flag', 'withhold']],
      ),
    ),
  },
  { ...closed, description: 'When values of the dataset are stale.' },
);

export const datasetDefinitionSchema = Type.Object(
  {
    kind: Type.Optional(
      word(
        'What the rows are; contact if missing. lookup is the old name of reference: it is accepted, but never returned.',
        ['contact', 'membership', 'list', 'identity', 'reference', 'lookup'],
      ),
    ),
    source: Type.Optional(sourceSchema),
    identifiers: Type.Optional(
      named(columns('The column, or columns, of the identity.'), {
        pattern: '^[a-z][a-z0-9_-]{0,63}$',
        max: 50,
        description: 'Identity types with their columns, the strongest first.',
      }),
    ),
    key: Type.Optional(column('For the kind reference: the column with the key of a row.')),
    feed: Type.Optional(
      word('For the kind membership: what the rows report.', [...['flow', 'campaign', 'journey']]),
    ),
    mode: Type.Optional(
      word(
        'Whether a run clears the values of rows that are no longer in the source (snapshot) or keeps them (append, incremental); append if missing. incremental reads only changed rows.',
        [...['append', 'snapshot', 'incremental']],
      ),
    ),
    updated_at: Type.Optional(
      column('For the mode incremental: the column that says when a row last changed.'),
    ),
    schedule: Type.Optional(nullable(schedule)),
    max_change_share: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          "Share of the dataset's contacts that a run may change or clear without approval; 0.3 if missing.",
      }),
    ),
    max_rejected_share: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'Share of the rows that the first run may reject without approval; 0.05 if missing.',
      }),
    ),
    max_joined_share: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'Contacts that a run may join with others without approval, as a share of the contacts that the dataset names; 0.05 if missing.',
      }),
    ),
    max_age: Type.Optional(nullable(maxAge)),
    columns: Type.Optional(
      named(column('The column of the source.'), {
        pattern: namePattern,
        max: 20,
        description: 'For the kind membership: the columns of the feed.',
      }),
    ),
    skip: Type.Optional(list(column('A column.'), 2_000, 'Columns that fill no field.')),
    fields: Type.Optional(
      named(fieldDefinition, {
        pattern: namePattern,
        max: maxFieldsPerOrganization,
        description: 'The fields that the dataset fills.',
      }),
    ),
  },
  { ...closed, $id: 'DatasetDefinition' },
);

const datasetMembers = {
  name: text('Unique in the organization; never renamed.', 64, { pattern: namePattern }),
  version: integer('The version of its newest commit.', { min: 0, max: 2 ** 31 - 1 }),
  definition_version: integer('Grows with each commit that changes what the same rows mean.', {
    min: 0,
    max: 2 ** 31 - 1,
  }),
  created_at: text('RFC 3339, in UTC.', 40, { format: 'date-time' }),
  definition: nullable(Type.Ref('DatasetDefinition')),
};

export const datasetSchema = Type.Object(datasetMembers, { $id: 'Dataset' });

const warnings = list(
  text('The name of a field, and the warning.', 2_000),
  maxFieldsPerOrganization * 4,
  'What computed fields newly show of fields whose content is off, or that are more sensitive.',
);

export const definedDatasetSchema = Type.Object(
  { ...datasetMembers, warnings },
  { $id: 'DefinedDataset' },
);

/** Any value that a member of a definition may have, before or after a change. */
const anyValue = Type.Unsafe<unknown>({
  description: 'The value of the member; missing if the member is missing.',
  anyOf: [
    { type: 'boolean' },
    { type: 'number' },
    { type: 'string', maxLength: maxQueryLength, pattern: '^[^\\u0000]*$' },
    {
      type: 'array',
      maxItems: 2_000,
      items: { type: 'string', maxLength: maxPathLength, pattern: '^[^\\u0000]*$' },
    },
    { type: 'object', maxProperties: maxFieldsPerOrganization },
  ],
});

export const differencesSchema = list(
  Type.Object({
    path: text('JSON pointer into the definition.', maxPathLength),
    before: Type.Optional(anyValue),
    after: Type.Optional(anyValue),
  }),
  10_000,
  'The differences, member by member.',
);

export const datasetVersionSchema = Type.Object(
  {
    version: integer('The number of the commit, from 1.', { min: 1, max: 2 ** 31 - 1 }),
    definition_version: integer('The definition version of the dataset from this commit on.', {
      min: 0,
      max: 2 ** 31 - 1,
    }),
    author: text('Who made the commit: operator:<name>, user:<id> or token:<id>.', 200),
    author_name: nullable(text('The name of that user; null: it is no user.', maxNameLength)),
    committed_at: text('RFC 3339, in UTC.', 40, { format: 'date-time' }),
    differences: differencesSchema,
    definition: Type.Ref('DatasetDefinition'),
  },
  { $id: 'DatasetVersion' },
);

/** An identity type to create with a definition. */
export const askedIdentityType = Type.Union([
  text('The name of an identity type, with the normalisation exact.', 64),
  newIdentityTypeSchema,
]);

export const datasetChangeSchema = Type.Object(
  {
    definition: datasetDefinitionSchema,
    force: Type.Optional(
      Type.Boolean({
        description: 'Whether to make the change even if it loses fields that are in use.',
        default: false,
      }),
    ),
    new_identity_types: Type.Optional(
      list(
        askedIdentityType,
        maxIdentityTypesPerOrganization,
        'Identity types to create with the definition. Those that exist stay as they are.',
      ),
    ),
    plan: Type.Optional(planId),
  },
  { ...closed, $id: 'DatasetChange' },
);

export const datasetTrialSchema = Type.Object(
  {
    differences: differencesSchema,
    uses: list(
      Type.Object({
        field: text('The name of the field.', 64),
        change: word('What the change does to the field.', [
          ...['content_off', 'condition_off', 'dropped', 'retyped', 'relabelled'],
        ]),
        tokens: list(
          Type.Object({
            id: text('The id of the token.', 12),
            last_characters: text('Its last 3 characters.', 3),
            name: nullable(text('The purpose of the token.', maxNameLength)),
            created_by: text('The e-mail of its creator.', 512),
          }),
          1_000,
          'Tokens that read the field in the last 30 days.',
        ),
        amendments: integer('How many amendments of the field end with the next run.', {
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
        }),
      }),
      maxFieldsPerOrganization,
      'Fields in use that the change would affect.',
    ),
    warnings,
  },
  { $id: 'DatasetTrial' },
);
