/** An organization's settings as administration shows and changes them. */
import Type from 'typebox';
import {
  maxDatasetsPerOrganization,
  maxNameLength,
  rateLimitRange,
  tokenAgeDaysRange,
  tokenPoolRange,
} from './bounds.ts';
import { closed, integer, list, planId, text, time } from './schema-parts.ts';

export const trustedDatasets = list(
  text('The name of a dataset.', 64, { pattern: '^[a-z][a-z0-9_]{0,63}$', examples: ['crm'] }),
  maxDatasetsPerOrganization,
  'Datasets, the most trusted first. Where rows disagree about who has an identity, the more trusted dataset decides. Datasets that are not listed come after these, as equals.',
);

const settings = {
  currency: text('The currency of fields without a currency of their own, as ISO 4217.', 3, {
    pattern: '^[A-Z]{3}$',
    examples: ['USD'],
  }),
  locale: text('The locale that amounts are formatted for, as BCP 47.', 85, {
    pattern: '^[A-Za-z0-9-]{2,85}$',
    examples: ['en-US'],
  }),
  time_zone: text('The zone of times without an offset: an IANA name or Z.', 64, {
    pattern: '^[A-Za-z0-9/_+-]{1,64}$',
    examples: ['Z'],
  }),
  unknown_contact_status: Type.Unsafe<404 | 400>({
    type: 'integer',
    format: 'int32',
    enum: [404, 400],
    minimum: 400,
    maximum: 404,
    description: 'The HTTP status of contact_not_found.',
  }),
  token_pool_max: integer('How many live tokens the organization may have.', tokenPoolRange),
  token_max_age_days: integer(
    'The age of a token, in days, from which Usher warns about it.',
    tokenAgeDaysRange,
  ),
  separate_approval: Type.Boolean({
    description:
      'Whether a second person must approve a change that needs approval. Only the operator turns it off, at the command line.',
  }),
  trust: trustedDatasets,
};

export const organizationSchema = Type.Object(
  {
    id: integer('An id that is never used again.', { min: 1, max: 65_535 }),
    name: text('The name, unique on the server.', maxNameLength),
    rate_limit: integer(
      'Units per second, over all tokens. Only the operator changes it, at the command line.',
      rateLimitRange,
    ),
    ...settings,
    created_at: time('When the organization was created.'),
  },
  { $id: 'Organization' },
);

export const organizationChangeSchema = Type.Partial(Type.Object({ ...settings, plan: planId }), {
  ...closed,
  minProperties: 1,
  $id: 'OrganizationChange',
});
