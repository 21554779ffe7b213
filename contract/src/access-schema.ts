/** The access log: who looked at which contact. */
import Type from 'typebox';
import { accessOutcomes, accessWays } from './access-words.ts';
import { exportFormat } from './export-schema.ts';
import { exportCursor, pageQuery } from './page-schema.ts';
import { closed, integer, list, nullable, text, time, word } from './schema-parts.ts';

const filters = {
  contact: Type.Optional(
    text(
      'Only looks at this contact, by any identity that leads to it. With id: and its id, no personal data is in the URL. Looks at contacts that are part of it by now are found, too, and so are misses of its identities.',
      600,
      { minLength: 1, examples: ['id:019ab4c2-d1e0-7001-8000-3f5a2b1c9d7e'] },
    ),
  ),
  subject: Type.Optional(
    text(
      'Only looks whose subject is this one: at the same contact, or for the same identity.',
      32,
      {
        pattern: '^[0-9a-f]{32}$',
      },
    ),
  ),
  actor: Type.Optional(
    text('Only looks of this token or user, such as token:4fK2mXw9Q1zT or user:3.', 70, {
      pattern: '^(?:token|user):[A-Za-z0-9_-]{1,64}$',
    }),
  ),
  way: Type.Optional(word('Only looks of this kind, such as reveal.', accessWays)),
  outcome: Type.Optional(word('Only looks with this outcome.', accessOutcomes)),
  since: Type.Optional(time('Only looks of then or later.')),
  until: Type.Optional(time('Only looks before then.')),
};

export const accessQuerySchema = Type.Object({ ...pageQuery, ...filters }, closed);

export const accessExportSchema = Type.Object(
  { format: exportFormat, cursor: exportCursor, ...filters },
  { ...closed, $id: 'AccessExport' },
);

export const accessEntrySchema = Type.Object(
  {
    at: time('When somebody looked.'),
    actor: text('Who looked: token:<id> or user:<id>.', 80),
    claimed_actor: nullable(
      text('The header Usher-Actor of the call. The caller claims it; nobody checked it.', 128),
    ),
    address: text('The address of the client.', 64),
    way: word('How the contact was looked at.', [...accessWays, 'unknown']),
    outcome: word('What came of it: success, or why there was no answer.', [
      ...accessOutcomes,
      'unknown',
    ]),
    fields: list(
      text('The name of a field; #17 for a field that is gone.', 64),
      2_006,
      'The fields that were asked for, as a set.',
    ),
    remark: nullable(text('Why, for a masked value that was revealed.', 128)),
    subject: nullable(
      text(
        'A keyed digest of the contact, or of the identity if no contact was found: equal for equal ones. null: the person was erased.',
        32,
        { pattern: '^[0-9a-f]{32}$' },
      ),
    ),
    found: Type.Boolean({ description: 'Whether subject is a contact that was found.' }),
  },
  { $id: 'AccessEntry' },
);

const maxCount = Number.MAX_SAFE_INTEGER;

const lookCounts = {
  looks: integer('Looks at contacts, misses too.', { min: 0, max: maxCount }),
  by_users: integer('Those of users of the console.', { min: 0, max: maxCount }),
  reveals: integer('Masked values that were revealed.', { min: 0, max: maxCount }),
};

export const accessDaysSchema = Type.Object(
  {
    ...lookCounts,
    days: list(
      Type.Object({
        day: text('A day of the organization’s time zone, such as 2026-11-30.', 10, {
          pattern: '^\\d{4}-\\d{2}-\\d{2}$',
        }),
        ...lookCounts,
      }),
      30,
      'The last 30 days, today last.',
    ),
  },
  { $id: 'AccessDays' },
);

export const accessStateSchema = Type.Object(
  {
    since: nullable(time('When the oldest file of the log was begun; null: there is no log yet.')),
    kept_days: nullable(
      integer('After so many days, entries leave. null: only the size decides.', {
        min: 1,
        max: 36_500,
      }),
    ),
    max_bytes: integer('At this size, the oldest entries leave.', { min: 1, max: maxCount }),
    bytes: nullable(
      integer('The size of the log. null: other organizations write into the same log.', {
        min: 0,
        max: maxCount,
      }),
    ),
    entries: nullable(integer('Looks in the log. null: as for bytes.', { min: 0, max: maxCount })),
    check: nullable(
      Type.Object(
        {
          at: time('When the server checked it; at most a minute ago.'),
          is_whole: Type.Boolean({
            description:
              'Whether the newest two files are signed, chained, and reach the mark of the end. `usher access verify` proves the whole log.',
          }),
          first_block: integer('The first block that was checked.', { min: 0, max: maxCount }),
          last_block: integer('The last block that was checked.', { min: 0, max: maxCount }),
        },
        { description: 'null: there is no log yet.' },
      ),
    ),
  },
  { $id: 'AccessState' },
);
