/** Runs of datasets, as administration shows them. */
import Type from 'typebox';
import { maxDescriptionLength, maxFieldsPerOrganization } from './bounds.ts';
import { integer, list, nullable, text, time, word } from './schema-parts.ts';

const count = (description: string) =>
  integer(description, { min: 0, max: Number.MAX_SAFE_INTEGER });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1_000_000, description });

const rejectionCounts = (description: string) =>
  Type.Record(Type.String(), count('Rows.'), { description, maxProperties: 100 });

const planSchema = Type.Object({
  contacts_before: count('Contacts that the dataset filled before.'),
  would_add: count('New ones.'),
  would_change: count('A value of theirs would become another.'),
  would_clear: count('A value of theirs would go.'),
  would_vanish: count('Their row is gone.'),
  share: share('Of the contacts before.'),
  max_share: share('That may without approval.'),
  emptied_fields: list(
    Type.Object({
      field: text('Its name.', 64),
      before: count('Contacts with a value.'),
      after: count('Contacts with a value.'),
    }),
    maxFieldsPerOrganization,
    'Fields that would go mostly empty.',
  ),
  rejections: nullable(
    Type.Object({
      rows_read: count('Rows of the source.'),
      rejected: count('Rows that cannot be used.'),
      counts: rejectionCounts('The same by code.'),
      share: share('Of the rows read.'),
      last_share: nullable(share('Of the last applied run; null: this is the first one.')),
      max_share: share('That may be without approval.'),
    }),
  ),
  reasons: list(text('A sentence.', maxDescriptionLength), 2_100, 'Why it waits.'),
});

export const runSchema = Type.Object(
  {
    run_id: text('Its id.', 64, { pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    dataset: text('Whose.', 64),
    kind: word('What it does.', ['import', 'sync', 'rollback']),
    trigger: word('Why it began.', ['command', 'schedule', 'retry', 'catch_up', 'approval']),
    state: word('Where it stands.', [
      ...['running', 'succeeded', 'failed', 'interrupted', 'waiting', 'rejected', 'rolled_back'],
    ]),
    definition_version: count('Of the dataset.'),
    started_at: time('When it began.'),
    ended_at: nullable(time('When it ended.')),
    rows_read: count('Rows of the source.'),
    added: count('New contacts.'),
    changed: count('Contacts that changed.'),
    unchanged: count('Rows that changed nothing.'),
    stale: count('Rows that something newer had overtaken.'),
    cleared: count('Contacts that lost the dataset’s values.'),
    rejected: count('Rows that could not be used.'),
    rejections: rejectionCounts('Rows that could not be used, by code.'),
    bytes: count('Of the source.'),
    error: nullable(
      Type.Object({
        code: text('A code of the problem table.', 64),
        detail: nullable(text('For people.', 10_000, { pattern: '^[^\\u0000]*$' })),
      }),
    ),
    plan: nullable(planSchema),
    approved_by: nullable(text('operator:<name> or token:<id>.', 200)),
    approval_of: nullable(text('The run that this one carries out.', 64)),
  },
  { $id: 'Run' },
);
