/** An organization's settings as administration shows and changes them. */
import Type from 'typebox';
import { maxNameLength, rateLimitRange, tokenAgeDaysRange, tokenPoolRange } from './bounds.ts';
import { closed, integer, text, time } from './schema-parts.ts';

const settings = {
  currency: text('ISO 4217: in what currency fields are shown.', 3, {
    pattern: '^[A-Z]{3}$',
    examples: ['USD'],
  }),
  locale: text('BCP 47: how amounts are written.', 85, {
    pattern: '^[A-Za-z0-9-]{2,85}$',
    examples: ['en-US'],
  }),
  time_zone: text('IANA name or Z: the zone of dates without a time.', 64, {
    pattern: '^[A-Za-z0-9/_+-]{1,64}$',
    examples: ['Z'],
  }),
  unknown_contact_status: Type.Unsafe<404 | 400>({
    type: 'integer',
    format: 'int32',
    enum: [404, 400],
    minimum: 400,
    maximum: 404,
    description: 'The status of contact_not_found.',
  }),
  token_pool_max: integer('How many tokens may be live at once.', tokenPoolRange),
  token_max_age_days: integer('The age at which a token is warned of.', tokenAgeDaysRange),
};

export const organizationSchema = Type.Object(
  {
    id: integer('Never used again.', { min: 1, max: 65_535 }),
    name: text('Unique on the server.', maxNameLength),
    rate_limit: integer(
      'Units per second, over all tokens. Raised by the operator, at the command line.',
      rateLimitRange,
    ),
    ...settings,
    created_at: time('When it was created.'),
  },
  { $id: 'Organization' },
);

export const organizationChangeSchema = Type.Partial(Type.Object(settings), {
  ...closed,
  minProperties: 1,
  $id: 'OrganizationChange',
});
