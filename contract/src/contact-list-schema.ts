/** Contacts as lists of administration show them. */
import Type from 'typebox';
import { maxDefinitionNameLength } from './bounds.ts';
import { pageQuerySchema } from './page-schema.ts';
import { closed, list, nullable, text } from './schema-parts.ts';

const names = '^[a-z][a-z0-9_-]{0,63}(?:,[a-z][a-z0-9_-]{0,63}){0,499}$';

export const contactListQuerySchema = Type.Object(
  {
    ...pageQuerySchema.properties,
    segment: Type.Optional(
      text('Only the members of this segment: its id or name.', maxDefinitionNameLength, {
        minLength: 1,
      }),
    ),
    dataset: Type.Optional(
      text('Only contacts that have a row in this dataset.', 64, { minLength: 1 }),
    ),
    fields: Type.Optional(
      text(
        'Content fields, separated by commas; also built-in ones, such as segment_membership. Without it: all that the token may see but the built-in ones; with a dataset only its own.',
        32_500,
        { pattern: names, examples: ['first_name,city,flow_variant_membership'] },
      ),
    ),
    identity_types: Type.Optional(
      text('Identity types, separated by commas. Without it: all that it may see.', 32_500, {
        pattern: names,
        examples: ['email'],
      }),
    ),
  },
  closed,
);

export const listedContactSchema = Type.Object(
  {
    contact_id: nullable(
      text('The id of the contact; null for a token that may not use the identity type id.', 36),
    ),
    identities: list(
      Type.Object({
        type: nullable(text('The identity type; null if it no longer exists.', 64)),
        value: nullable(text('The value; null if only its hash is known.', 512)),
        digest: nullable(text('The first 12 digits of the hash; null if the value is known.', 12)),
      }),
      100,
      'The identities that lead to the contact.',
    ),
    values: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      maxProperties: 2_000,
      description: 'Raw values by field. Implied values apply; a withheld value is null.',
    }),
  },
  { $id: 'ListedContact' },
);
