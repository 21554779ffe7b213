/** Dataset definitions, in a catalog file and over HTTP. The server checks what a schema cannot. */
import Type, { type TSchema } from 'typebox';
import { maxDescriptionLength, maxFieldsPerOrganization, maxNameLength } from './bounds.ts';
import { fieldCurrency, fieldTypeNames, impliedValue, sensitivityNames } from './field-schema.ts';
import { closed, integer, list, nullable, text, word } from './schema-parts.ts';

const maxPathLength = 4_096;
const maxSourcePaths = 100;
const maxQueryLength = 65_536;
const namePattern = '^[a-z][a-z0-9_]{0,63}$';

const column = (description: string) => text(description, maxPathLength, { minLength: 1 });
const columns = (description: string) =>
  Type.Union([column(description), list(column(description), maxSourcePaths, description)]);
const sql = text('One SELECT.', maxQueryLength, { minLength: 1, pattern: '^[^\\u0000]*$' });
const secret = text('A secret by reference: env:NAME or file:/absolute/path.', maxPathLength, {
  pattern: '^(env:[A-Za-z_]|file:/).*$',
});
const path = text('A path or glob; in a catalog file relative to its folder.', maxPathLength, {
  minLength: 1,
});
const paths = list(path, maxSourcePaths, 'Paths or globs of files of one form.');

/** An object with names of the author's choice. */
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
  const kindMember = word('What kind of source.', [kind]);
  return Type.Object({ kind: kindMember, ...members }, { ...closed, description });
}

const pages = Type.Object(
  {
    items: text('JSON pointer to the rows of a page; empty for the page itself.', maxPathLength),
    next: Type.Optional(
      text('JSON pointer to the next page; without it the Link header.', maxPathLength),
    ),
    parameter: Type.Optional(text('The query parameter that takes the cursor.', maxNameLength)),
  },
  { ...closed, description: 'For JSON that comes in pages.' },
);

const encoding = Type.Optional(
  text('How the text is written, as shift_jis; without it the bytes tell.', maxNameLength),
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
          description: 'Names of tables, each with the files whose rows it has.',
        }),
        sql,
        encoding,
      },
      'A DuckDB SELECT over named files and reference datasets.',
    ),
    source('postgres', { url: secret, sql }, 'A query of PostgreSQL.'),
    source('mysql', { url: secret, sql }, 'A query of MySQL or MariaDB.'),
    source('sqlite', { path, sql }, 'A query of a SQLite file.'),
    source(
      'http',
      {
        url: text('http or https.', maxPathLength, { pattern: '^https?://.+$' }),
        headers: Type.Optional(
          named(secret, {
            pattern: '^[A-Za-z0-9-]{1,100}$',
            max: 20,
            description: 'Headers of the request.',
          }),
        ),
        format: Type.Optional(text('As a file extension: csv, ndjson.gz.', maxNameLength)),
        pages: Type.Optional(pages),
        encoding,
      },
      'A file or JSON by HTTP.',
    ),
    source('push', {}, 'Rows are pushed.'),
  ],
  { description: 'Where rows come from. Over HTTP only push can be set anew.' },
);

const format = Type.Object(
  {
    date_order: Type.Optional(
      word('How a date like 4/8/1966 is read.', [
        ...['month-first', 'day-first', 'epoch-seconds', 'epoch-milliseconds'],
      ]),
    ),
    decimal_comma: Type.Optional(Type.Boolean({ description: 'Whether 1.234,50 is an amount.' })),
    separator: Type.Optional(text('Between the elements of a set.', 1, { minLength: 1 })),
    exact: Type.Optional(
      Type.Boolean({
        description:
          'Whether a number is refused that would lose a digit, a zero in front, a plus or an exponent. Imports set it for types that nobody declared.',
      }),
    ),
  },
  { ...closed, description: 'How the column is written.' },
);

const fieldDefinition = Type.Object(
  {
    column: Type.Optional(column("The source's column; the field's name where it is not said.")),
    type: Type.Optional(word('Needed for a new field.', fieldTypeNames)),
    currency: Type.Optional(nullable(fieldCurrency)),
    format: Type.Optional(format),
    display_name: Type.Optional(nullable(text('For people.', maxNameLength))),
    description: Type.Optional(
      nullable(text('What it means.', maxDescriptionLength, { pattern: '^[^\\u0000]*$' })),
    ),
    content: Type.Optional(Type.Boolean({ description: 'Whether look-ups may answer it.' })),
    condition: Type.Optional(Type.Boolean({ description: 'Whether rules may use it.' })),
    implied_value: Type.Optional(impliedValue),
    sensitivity: Type.Optional(
      nullable(word('How much harm a leak of a value does.', sensitivityNames)),
    ),
  },
  closed,
);

const schedule = Type.Object(
  {
    cron: text('Five fields as crontab has them, or six with seconds in front.', maxNameLength, {
      examples: ['0 4 * * *'],
    }),
    time_zone: Type.Optional(text('An IANA name; UTC where it is not said.', maxNameLength)),
  },
  { ...closed, description: 'When it is synced.' },
);

const maxAge = Type.Object(
  {
    after: text('A duration, as 36h.', 10, { pattern: '^[0-9]{1,6}[smhdw]$' }),
    policy: Type.Optional(
      word('Older values are answered, answered and flagged (usual), or null.', [
        ...['serve', 'flag', 'withhold'],
      ]),
    ),
  },
  { ...closed, description: 'When its values count as stale.' },
);

export const datasetDefinitionSchema = Type.Object(
  {
    kind: Type.Optional(
      word(
        'What rows are; contact if it is left out. lookup is an old spelling of reference: it is read, never answered.',
        ['contact', 'membership', 'list', 'reference', 'lookup'],
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
    key: Type.Optional(column('Of the kind reference: the column that rows are found by.')),
    feed: Type.Optional(word('Of the kind membership: what rows report.', ['flow', 'campaign'])),
    mode: Type.Optional(
      word('What becomes of rows that are gone; append where it is not said.', [
        ...['append', 'snapshot', 'incremental'],
      ]),
    ),
    updated_at: Type.Optional(column('Of the mode incremental: when a row last changed.')),
    schedule: Type.Optional(nullable(schedule)),
    max_change_share: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Share of the contacts that a run may change without approval; 0.3 as usual.',
      }),
    ),
    max_rejected_share: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'Share of the rows that the first run may reject without approval; 0.05 as usual.',
      }),
    ),
    max_age: Type.Optional(nullable(maxAge)),
    columns: Type.Optional(
      named(column('The source’s column.'), {
        pattern: namePattern,
        max: 20,
        description: 'Of the kind membership: the columns of the feed.',
      }),
    ),
    skip: Type.Optional(list(column('A column.'), 2_000, 'Columns that fill nothing.')),
    fields: Type.Optional(
      named(fieldDefinition, {
        pattern: namePattern,
        max: maxFieldsPerOrganization,
        description: 'The fields that it fills.',
      }),
    ),
  },
  { ...closed, $id: 'DatasetDefinition' },
);

export const datasetSchema = Type.Object(
  {
    name: text('Unique in the organization; never renamed.', 64, { pattern: namePattern }),
    version: integer('Of its newest commit.', { min: 0, max: 2 ** 31 - 1 }),
    definition_version: integer('Moves when rows become something else.', {
      min: 0,
      max: 2 ** 31 - 1,
    }),
    created_at: text('RFC 3339, in UTC.', 40, { format: 'date-time' }),
    definition: nullable(Type.Ref('DatasetDefinition')),
  },
  { $id: 'Dataset' },
);

/** A difference may have any value of a definition. */
const anyValue = Type.Unsafe<unknown>({
  description: 'Left out: there was, or is, nothing.',
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

const differencesSchema = list(
  Type.Object({
    path: text('JSON pointer into the definition.', maxPathLength),
    before: Type.Optional(anyValue),
    after: Type.Optional(anyValue),
  }),
  10_000,
  'Member by member.',
);

export const datasetVersionSchema = Type.Object(
  {
    version: integer('From 1.', { min: 1, max: 2 ** 31 - 1 }),
    definition_version: integer('Of the dataset from then on.', { min: 0, max: 2 ** 31 - 1 }),
    author: text('operator:<name> or token:<id>.', 200),
    committed_at: text('RFC 3339, in UTC.', 40, { format: 'date-time' }),
    differences: differencesSchema,
    definition: Type.Ref('DatasetDefinition'),
  },
  { $id: 'DatasetVersion' },
);

export const datasetChangeSchema = Type.Object(
  {
    definition: datasetDefinitionSchema,
    force: Type.Optional(
      Type.Boolean({ description: 'Do it although fields in use are lost.', default: false }),
    ),
  },
  { ...closed, $id: 'DatasetChange' },
);

export const datasetTrialSchema = Type.Object(
  {
    differences: differencesSchema,
    uses: list(
      Type.Object({
        field: text('Its name.', 64),
        change: word('What becomes of it.', [
          ...['content_off', 'condition_off', 'dropped', 'retyped', 'relabelled'],
        ]),
        segments: list(text('A rule that uses it.', 100), 1_000, 'Rules.'),
        tokens: list(
          Type.Object({
            id: text('Its id.', 12),
            last_characters: text('Its last 3 characters.', 3),
            name: nullable(text('Its purpose.', maxNameLength)),
            created_by: text('Who asked for it.', 512),
          }),
          1_000,
          'Tokens that read it in the last 30 days.',
        ),
      }),
      maxFieldsPerOrganization,
      'Fields in use that would be lost.',
    ),
  },
  { $id: 'DatasetTrial' },
);
