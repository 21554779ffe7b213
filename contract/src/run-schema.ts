/** Runs of datasets, as administration shows them. */
import Type from 'typebox';
import { maxDescriptionLength, maxFieldsPerOrganization, pageSize } from './bounds.ts';
import { exportFormat } from './export-schema.ts';
import { nullableIdentity } from './join-schema.ts';
import { pageQuery } from './page-schema.ts';
import { rejectionCodes } from './problems.ts';
import {
  claimCounts,
  closed,
  integer,
  list,
  nullable,
  prose,
  text,
  time,
  word,
} from './schema-parts.ts';
import { uploadId } from './upload-schema.ts';
import { waitCauseSchema } from './wait-cause-schema.ts';

const count = (description: string) =>
  integer(description, { min: 0, max: Number.MAX_SAFE_INTEGER });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1_000_000, description });

const rejectionCounts = (description: string) =>
  Type.Record(Type.String(), count('Rows.'), { description, maxProperties: 100 });

const typeNames = (description: string) => list(text('The name of the type.', 64), 50, description);

const joinsSchema = Type.Object({
  contacts: count(
    'Existing contacts that rows of the run would bring together. The identity rules then join them, move an identity between them, or refuse the claim.',
  ),
  contacts_named: count('Contacts that the dataset names after the run.'),
  share: share('contacts as a share of contacts_named. It may be above 1.'),
  max_share: share('The highest share that needs no approval.'),
  identity_types: typeNames('The identity types that bring them together.'),
  largest_groups: list(
    Type.Object({
      contacts: count('Contacts of the group.'),
      rows: count('Rows that bring them together.'),
      identity_types: typeNames('The identity types that bring them together.'),
    }),
    20,
    'The groups with the most contacts.',
  ),
});

const planSchema = Type.Object({
  contacts_before: count('Contacts that the dataset filled before.'),
  would_add: count('Contacts that the run would add.'),
  would_change: count('Contacts with a value that would change.'),
  would_clear: count('Contacts that would lose a value.'),
  would_vanish: count('Contacts whose row is no longer in the source.'),
  share: share(
    'would_change, would_clear and would_vanish together, as a share of contacts_before.',
  ),
  max_share: share('The highest share that needs no approval.'),
  emptied_fields: list(
    Type.Object({
      field: text('The name of the field.', 64),
      before: count('Contacts with a value.'),
      after: count('Contacts that would have a value.'),
    }),
    maxFieldsPerOrganization,
    'Fields that would lose more than half of their values.',
  ),
  field_losses: list(
    Type.Object({
      field: text('The name of the field.', 64),
      before: count('Contacts with a value.'),
      after: count('Contacts that would have a value.'),
    }),
    20,
    'The fields that would lose the largest share of their values. Empty for runs of earlier releases.',
  ),
  rejections: nullable(
    Type.Object({
      rows_read: count('Rows of the source.'),
      rejected: count('Rejected rows, without those that name an erased person.'),
      suppressed: nullable(
        count(
          'Rows that are refused because they name an erased person. null: they were not counted.',
        ),
      ),
      counts: rejectionCounts('Rejected rows by code.'),
      share: share('The rejected share of the rows read, without suppressed rows on both sides.'),
      last_share: nullable(
        share('The rejected share of the last applied run; null for the first run.'),
      ),
      max_share: share('The highest share that needs no approval.'),
    }),
  ),
  joins: nullable(joinsSchema),
  reasons: list(text('A reason.', maxDescriptionLength), 2_100, 'Why the run waits.'),
  causes: list(waitCauseSchema, 2_100, 'The same with figures: one for each reason, in its order.'),
});

export const runProgressSchema = Type.Object(
  {
    phase: word('What it does.', ['fetching', 'reading', 'comparing', 'measuring', 'applying']),
    done: count('Bytes or rows that it has done in this phase.'),
    total: count('Bytes or rows of the phase; 0: not known.'),
  },
  {
    $id: 'RunProgress',
    description:
      'How far a running sync is, at most a second ago, or how far one came that broke off.',
  },
);

const runStates = [
  ...(['running', 'succeeded', 'failed', 'interrupted', 'waiting'] as const),
  ...(['rejected', 'rolled_back'] as const),
] as const;

export const runListQuerySchema = Type.Object(
  {
    ...pageQuery,
    dataset: Type.Optional(
      text('Only runs of this dataset.', 64, { pattern: '^[a-z][a-z0-9_]{0,63}$' }),
    ),
    state: Type.Optional(word('Only runs in this state.', runStates)),
  },
  closed,
);

export const runSchema = Type.Object(
  {
    run_id: text('The id of the run.', 64, { pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    dataset: text('The name of the dataset.', 64),
    kind: word('What the run does.', ['import', 'sync', 'rollback']),
    trigger: word('Why the run began.', [
      'command',
      'api',
      'schedule',
      'retry',
      'catch_up',
      'approval',
    ]),
    state: word('The state of the run.', runStates),
    definition_version: count('The definition version of the dataset that the run used.'),
    started_at: time('When the run began.'),
    ended_at: nullable(time('When the run ended.')),
    rows_read: count('Rows of the source.'),
    added: count('New contacts.'),
    changed: count('Contacts that changed.'),
    unchanged: count('Rows that changed nothing.'),
    stale: count('Rows that were not applied, because the stored values are newer.'),
    cleared: count('Contacts that lost the values of the dataset.'),
    rejected: count('Rejected rows.'),
    rejections: rejectionCounts('Rejected rows by code.'),
    joined: count('Contacts that became part of another one.'),
    parted: count('Contacts that were one and are several now.'),
    moved: count(
      'Identities that led to a contact and lead to another one now, which it did not join.',
    ),
    released: count('Identities that led to a contact and lead nowhere now.'),
    refused_claims: claimCounts(
      'Claims of identities that have no effect, by code. Their rows were applied.',
    ),
    warnings: list(text('A warning.', 500), 100, 'What a person should know of the run.'),
    bytes: count('Bytes that were read from the source.'),
    error: nullable(
      Type.Object({
        code: text('A code of the problem table.', 64),
        detail: nullable(text('What went wrong.', 10_000, { pattern: '^[^\\u0000]*$' })),
      }),
    ),
    progress: nullable(runProgressSchema),
    plan: nullable(planSchema),
    approved_by: nullable(text('Who approved the run: operator:<name> or token:<id>.', 200)),
    approval_of: nullable(text('The approved run that this one carries out.', 64)),
  },
  { $id: 'Run' },
);

export const planExamplesSchema = Type.Object(
  {
    data: list(
      Type.Object({
        contact_id: nullable(
          text('The id of the contact; null for a caller that may not use ids of contacts.', 36),
        ),
        display_name: nullable(
          text('From the fields that hold a name; null: none that the caller sees.', 401, {
            pattern: '^[^\\u0000]*$',
          }),
        ),
        identity: nullableIdentity(
          'An identity of the contact; null: the caller may not use its types.',
        ),
        effect: word(
          'changed: the field would have another value. cleared: it would have none. gone: the row is no longer in the source.',
          ['changed', 'cleared', 'gone'],
        ),
        field: nullable(text('The field; null: the whole row.', 64)),
        masked: Type.Boolean({ description: 'Whether the caller does not see the value.' }),
        value: Type.Unknown({ description: 'The value of now; null also if it is masked.' }),
      }),
      5,
      'The contacts.',
    ),
  },
  { $id: 'PlanExamples' },
);

export const runStartSchema = Type.Object(
  { upload: Type.Optional(uploadId) },
  { ...closed, $id: 'RunStart' },
);

export const rejectionQuerySchema = Type.Object(
  { ...pageQuery, code: Type.Optional(word('Only rows with this code.', rejectionCodes)) },
  closed,
);

export const rejectionExportSchema = Type.Object(
  {
    format: exportFormat,
    code: Type.Optional(word('Only rows with this code.', rejectionCodes)),
  },
  { ...closed, $id: 'RejectionExport' },
);

export const rejectionSchema = Type.Object(
  {
    file: nullable(prose('The file; null if the source has one file.', 4_096)),
    row: nullable(count('The number of the row, from 1 below the header; null: not known.')),
    column: nullable(prose('The column; null: the whole row.', 4_096)),
    code: word('Why the row was rejected.', rejectionCodes),
    reason: prose('Why, in words. It never repeats a value.', 2_000),
  },
  { $id: 'Rejection' },
);

export const rejectionPageSchema = Type.Object(
  {
    data: list(rejectionSchema, pageSize.max, 'The rows of the page.'),
    next_cursor: nullable(
      text('The cursor of the next page; null on the last page.', 512, {
        pattern: '^[A-Za-z0-9_-]{1,512}$',
      }),
    ),
  },
  { $id: 'RejectionPage' },
);
