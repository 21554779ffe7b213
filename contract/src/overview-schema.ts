/** The overview of an organization: its traffic, its datasets, its runs, and what waits. */
import Type from 'typebox';
import {
  maxDatasetsPerOrganization,
  maxDefinitionNameLength,
  maxDescriptionLength,
  maxNameLength,
  rateLimitRange,
} from './bounds.ts';
import { runProgressSchema } from './run-schema.ts';
import { integer, list, nullable, prose, text, time, word } from './schema-parts.ts';
import { waitCauseSchema } from './wait-cause-schema.ts';

export const count = (description: string) =>
  integer(description, { min: 0, max: Number.MAX_SAFE_INTEGER });
const rate = (description: string) => Type.Number({ minimum: 0, maximum: 10_000_000, description });
const milliseconds = (description: string) =>
  Type.Number({ minimum: 0, maximum: 100_000_000, description });
const dataset = text('The name of the dataset; empty if it no longer exists.', 64);
const runId = text('The id of the run.', 64, { pattern: '^[A-Za-z0-9_-]{1,64}$' });

export const latencySchema = Type.Object(
  {
    p50_ms: milliseconds('Half of the look-ups were answered within this time.'),
    p95_ms: milliseconds('95 % were.'),
    p99_ms: milliseconds('99 % were.'),
  },
  {
    $id: 'Latency',
    description: 'From the first byte of a request that was read to its answer; within 13 %.',
  },
);

export const statusCounts = Type.Record(Type.String(), count('Look-ups.'), {
  maxProperties: 10,
  description: 'Look-ups by HTTP status. other: statuses that are not counted one by one.',
});

export const trafficParts = {
  requests: count('Look-ups: by GET, by POST, and batches.'),
  not_ok: count('Look-ups with another status than 200 and 304.'),
  limited: count('Look-ups over the limit: 429.'),
  units: count('Units of the limit that they took.'),
  latency: nullable(latencySchema),
  statuses: statusCounts,
};

export const trafficNowParts = {
  seconds: rate('The time that was counted: 10 to 15 s, or less after a start.'),
  requests_per_second: rate('Look-ups.'),
  not_ok_per_second: rate('Look-ups with another status than 200 and 304.'),
  latency: nullable(latencySchema),
  statuses: statusCounts,
};

const nowSchema = Type.Object(trafficNowParts, {
  description: 'The look-ups of the last seconds.',
});

const lastHourSchema = Type.Object(
  {
    ...trafficParts,
    counted_since: time(
      'When the counting began: with the server. Of earlier minutes nothing is known here; the usage by hour knows them.',
    ),
    peak: nullable(
      Type.Object({
        at: time('When the minute with the most look-ups began.'),
        requests_per_second: rate('Its look-ups.'),
      }),
    ),
    minutes: list(
      Type.Object({ at: time('When the minute began.'), ...trafficParts }),
      61,
      'Minutes with look-ups, the oldest first.',
    ),
  },
  { description: 'Whole minutes of the last hour since the server was started.' },
);

const tokenParts = {
  id: text('The id of the token.', 12, { pattern: '^[0-9A-Za-z]{12}$' }),
  name: nullable(text('Its purpose.', maxNameLength)),
  last_characters: text('The last characters of the token.', 8),
};

export const limitUseParts = {
  used_per_second: rate('Units of the limit that were taken in the last seconds.'),
  free_per_second: rate('What is left of the limit.'),
  tokens: list(
    Type.Object({
      ...tokenParts,
      max_share: nullable(rate('The share that it may use; null: all.')),
      units_per_second: rate('Units that it took in the last seconds.'),
      share: rate('The same as a share of the limit.'),
    }),
    20,
    'Tokens with look-ups in the last seconds; those that took most come first.',
  ),
};

const limitSchema = Type.Object({
  units_per_second: integer('The limit of the organization.', rateLimitRange),
  ...limitUseParts,
});

const datasetSchema = Type.Object({
  name: dataset,
  kind: nullable(text('Its kind; null: it is not defined.', 32)),
  source: nullable(text('The kind of its source; import: people import files by hand.', 32)),
  contacts: count('Contacts with a row of the dataset.'),
  as_of: nullable(
    time('How fresh its last finished run made it. null: unknown, as for pushed rows.'),
  ),
  age_seconds: nullable(count('The same as an age.')),
  max_age_seconds: nullable(count('The age that its definition allows; null: any.')),
  status: word('withheld: it is too old, so that look-ups answer null.', [
    ...(['fresh', 'stale', 'withheld', 'unknown'] as const),
  ]),
  next_sync_at: nullable(time('When its schedule is due; null: never, or it is paused.')),
  retry_at: nullable(time('When a failed sync is tried again.')),
  paused_by: nullable(text('Who paused the schedule.', 200)),
  is_waiting: Type.Boolean({ description: 'Whether a run of it waits for approval.' }),
});

export const shortRunSchema = Type.Object(
  {
    run_id: runId,
    dataset,
    kind: text('What the run does: import, sync or rollback.', 32),
    trigger: text('Why the run began.', 32),
    state: text('The state of the run.', 32),
    started_at: time('When it began.'),
    ended_at: nullable(time('When it ended.')),
    rows_read: count('Rows of the source.'),
    added: count('New contacts.'),
    changed: count('Contacts that changed.'),
    cleared: count('Contacts that lost the values of the dataset.'),
    rejected: count('Rejected rows.'),
    error_code: nullable(text('A code of the problem table.', 64)),
    progress: nullable(runProgressSchema),
    is_approved: Type.Boolean({ description: 'Whether a person approved this waiting run.' }),
  },
  { $id: 'ShortRun' },
);

const maxWaiting = 20;

const waitingSchema = Type.Object(
  {
    runs: list(
      Type.Object({
        ...{ run_id: runId, dataset, started_at: time('When it began.') },
        ended_at: nullable(time('When it stopped.')),
        reasons: list(prose('A reason.', maxDescriptionLength), 5, 'Why it waits.'),
        causes: list(waitCauseSchema, 5, 'The same with figures: one for each reason.'),
      }),
      maxWaiting,
      'Runs that wait for approval, the newest first.',
    ),
    plans: list(
      Type.Object({
        id: text('The id of the plan.', 36, { pattern: '^[0-9a-f-]{36}$' }),
        author: text('Who asked for the change.', 200),
        author_name: nullable(text('The name of that user; null: it is no user.', maxNameLength)),
        created_at: time('When.'),
        expires_at: time('Until when it can be approved.'),
        flows: list(
          Type.Object({
            name: text('The flow.', maxDefinitionNameLength),
            members: count('Contacts in it before the change.'),
            moved: count('Contacts that the change moves; about, if the next two differ.'),
            moved_at_least: count('With 95 % certainty, it moves no fewer.'),
            moved_at_most: count('With 95 % certainty, it moves no more.'),
          }),
          500,
          'The flows that need approval.',
        ),
        changes: list(
          Type.Object({
            action: text('An object and a verb.', 100, { examples: ['segment.edit'] }),
            target: text('The name of the definition.', 4_096),
            before: Type.Unknown({ description: 'What it is; null: it does not exist.' }),
            after: Type.Unknown({ description: 'What it would be; null: it would not exist.' }),
          }),
          20,
          'The first definitions that the change is about, as the audit log would tell it.',
        ),
      }),
      maxWaiting,
      'Changes that would move many members of flows, the newest first.',
    ),
    datasets: list(
      Type.Object({
        dataset,
        source: nullable(text('The kind of its source, as above.', 32)),
        trouble: word('no_rows: it has no run, and no row has come.', [
          ...(['run_failed', 'run_interrupted', 'no_rows'] as const),
        ]),
        since: nullable(time('When that run ended.')),
        error_code: nullable(text('A code of the problem table.', 64)),
        next_try_at: nullable(time('When it is tried again; null: not by itself.')),
        paused_by: nullable(text('Who paused the schedule.', 200)),
      }),
      maxWaiting,
      'Datasets whose last run broke off, and those that never brought a row.',
    ),
    tokens: list(
      Type.Object({
        ...tokenParts,
        replaced_by: nullable(text('The token that it was rotated into.', 12)),
        expires_at: time('When it ends.'),
        last_used_at: time('When it was last used, to the minute.'),
      }),
      maxWaiting,
      'Tokens that end within 7 days and were used in the last 24 hours.',
    ),
  },
  { description: 'What waits for a decision of a person.' },
);

export const overviewSchema = Type.Object(
  {
    at: time('When it was read.'),
    now: nowSchema,
    last_hour: lastHourSchema,
    limit: limitSchema,
    datasets: list(datasetSchema, maxDatasetsPerOrganization, 'In order of creation.'),
    runs: list(shortRunSchema, 10, 'The last runs of all datasets, the newest first.'),
    waiting: waitingSchema,
  },
  { $id: 'Overview' },
);
