/** The usage of tokens by hour or by day. */
import Type from 'typebox';
import { maxNameLength } from './bounds.ts';
import { count, trafficParts } from './overview-schema.ts';
import { pageQuerySchema } from './page-schema.ts';
import { closed, list, nullable, text, time, word } from './schema-parts.ts';

export const usageQuerySchema = Type.Object(
  {
    ...pageQuerySchema.properties,
    ref: Type.Optional(
      text('Only this token: its id, its last 3 characters, or the e-mail of its creator.', 512, {
        minLength: 1,
        examples: ['x9Z'],
      }),
    ),
    since: Type.Optional(
      time('From the period of this time; if missing, of 24 hours ago. Usage is kept for 30 days.'),
    ),
    until: Type.Optional(time('Until the period of this time; if missing, of now.')),
    by: Type.Optional(word('The period: hour (the default) or day, in UTC.', ['hour', 'day'])),
    total: Type.Optional(
      Type.Boolean({ description: 'Whether all tokens are one entry of each period.' }),
    ),
    details: Type.Optional(
      Type.Boolean({ description: 'Whether to list fields and clients, too.' }),
    ),
  },
  closed,
);

export const usageEntrySchema = Type.Object(
  {
    at: time('When the period began.'),
    token: nullable(
      Type.Object({
        id: text('The id of the token.', 12, { pattern: '^[0-9A-Za-z]{12}$' }),
        name: nullable(text('Its purpose.', maxNameLength)),
        last_characters: text('The last characters of the token.', 8),
      }),
    ),
    ...trafficParts,
    other_calls: count('Calls of administration and pushes. They have limits of their own.'),
    fields: nullable(
      list(
        Type.Object({
          field: text('The name of the field.', 64),
          reads: count('Look-ups that asked for it. A batch is one.'),
        }),
        20,
        'The fields that were read most. null without details.',
      ),
    ),
    clients: nullable(
      list(
        Type.Object({
          address: text('The address of the client.', 64),
          user_agent: text('The beginning of its User-Agent; empty: it sent none.', 120),
          calls: count('Its calls.'),
        }),
        20,
        'The clients that called most. null without details.',
      ),
    ),
  },
  { $id: 'UsageEntry' },
);

/** A whole period has an entry for each of at most 2,048 tokens. */
const maxEntries = 200 + 2_048;

export const usagePageSchema = Type.Object(
  {
    data: list(usageEntrySchema, maxEntries, 'The entries of the page.'),
    next_cursor: nullable(
      text('The cursor of the next page; null on the last page.', 512, {
        pattern: '^[A-Za-z0-9_-]{1,512}$',
      }),
    ),
  },
  { $id: 'UsagePage' },
);
