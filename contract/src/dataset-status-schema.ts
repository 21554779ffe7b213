/** How datasets are: how fresh, when they are synced, and what waits. */
import Type from 'typebox';
import { integer, nullable, text, time, word } from './schema-parts.ts';

const counts = { min: 0, max: Number.MAX_SAFE_INTEGER };

export const datasetStatusSchema = Type.Object(
  {
    dataset: text('The name of the dataset.', 64),
    kind: word('What the rows are.', ['contact', 'membership', 'list', 'identity', 'reference']),
    source: nullable(text('The kind of the source; null: people import files by hand.', 20)),
    contacts: integer('Contacts that have a row in the dataset.', {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }),
    as_of: nullable(
      time('How fresh the values are: when the last applied run began. null: no run has ended.'),
    ),
    age: word(
      'never: no run has ended. current: as fresh as the dataset allows, or it has no maximum age. stale: older than that, and answered. withheld: older than that, and answered as null. pushed: each row has an age of its own.',
      ['never', 'current', 'stale', 'withheld', 'pushed'],
    ),
    max_age_seconds: nullable(
      integer('The maximum age of the values.', { min: 1, max: Number.MAX_SAFE_INTEGER }),
    ),
    next_run_at: nullable(time('When the schedule is due next; null: there is none, or a pause.')),
    paused_by: nullable(text('Who paused the schedule, as in the audit log.', 200)),
    pushed: nullable(
      Type.Object(
        {
          last_at: time('When the last rows came.'),
          day: text('That day in UTC.', 10, { pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
          received: integer('Rows that came on that day.', counts),
          rejected: integer('Those of them that were rejected.', counts),
        },
        { description: 'Pushed rows, up to 10 seconds ago; null: none since they are counted.' },
      ),
    ),
    last_run: nullable(Type.Ref('Run')),
    waiting_run: nullable(text('The id of the run that waits for a decision.', 64)),
  },
  { $id: 'DatasetStatus' },
);
