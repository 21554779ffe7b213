/** Tokens as administration shows and creates them. */
import Type from 'typebox';
import { maxNameLength, maxTokenListEntries } from './bounds.ts';
import {
  closed,
  emailText,
  fieldName,
  identityTypeName,
  integer,
  list,
  nullable,
  text,
  time,
  word,
} from './schema-parts.ts';

const scopeNames = [
  'contacts:read',
  'contacts:write',
  'events:write',
  'admin:read',
  'admin:write',
  'privacy:write',
  'admin:approve',
] as const;

const name = nullable(text('The purpose of the token.', maxNameLength));
const scopes = list(word('A scope.', scopeNames), scopeNames.length, 'What the token may do.');
const rights = {
  fields: nullable(
    list(
      fieldName('A field.'),
      maxTokenListEntries,
      'The fields that the token may read; null: all.',
    ),
  ),
  identity_types: nullable(
    list(
      identityTypeName('An identity type.'),
      maxTokenListEntries,
      'The identity types that the token may use in look-ups; null: all.',
    ),
  ),
  addresses: nullable(
    list(
      text('An address or a network (CIDR).', 64, {
        pattern: '^[0-9A-Fa-f:./]{2,64}$',
      }),
      maxTokenListEntries,
      'The addresses that the token may be used from; null: all.',
    ),
  ),
  max_share: nullable(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        "The share of the organization's rate limit that the token may use; null: all of it.",
    }),
  ),
};

const dataset = nullable(
  text('The only dataset that the token may push rows to; null: all.', 64, {
    pattern: '^[a-z][a-z0-9_]{0,63}$',
  }),
);

const shown = {
  id: text('The public id: the 12 characters after ush_.', 12, { pattern: '^[0-9A-Za-z]{12}$' }),
  name,
  created_by: emailText('The e-mail of the creator.'),
  last_characters: text('Its last 3 characters.', 3, { pattern: '^[0-9A-Za-z]{3}$' }),
  state: word('Whether the token can be used.', ['live', 'expired', 'revoked']),
  scopes,
  ...rights,
  dataset,
  created_at: time('When it was created.'),
  expires_at: nullable(time('When it expires.')),
  last_used_at: nullable(time('When it was last used, to the minute.')),
  revoked_at: nullable(time('When it was revoked.')),
  replaced_by: nullable(
    text('The id of the token that replaces it after a rotation.', 12, {
      pattern: '^[0-9A-Za-z]{12}$',
    }),
  ),
  age_days: integer('Whole days since it was created.', { min: 0, max: 1_000_000 }),
  warnings: list(text('A warning.', 500), 10, 'Warnings for its owner.'),
};

export const tokenSchema = Type.Object(shown, { $id: 'Token' });

const secret = text('The token itself. It is never shown again: store it as a secret.', 66, {
  pattern: '^ush_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$',
});

export const newTokenSchema = Type.Object({ token: secret, ...shown }, { $id: 'NewToken' });

export const rotatedTokenSchema = Type.Object(
  { token: secret, ...shown, replaced: Type.Ref('Token') },
  {
    $id: 'RotatedToken',
    description: 'The new token, and the old one with the time when it expires.',
  },
);

const expires = text(
  'A duration (90d, 24h), a date (2027-01-31, 00:00 UTC) or an RFC 3339 time.',
  40,
  { examples: ['90d'] },
);

export const tokenRequestSchema = Type.Object(
  {
    created_by: emailText('E-mail of its creator.'),
    name: Type.Optional(name),
    scopes: Type.Optional(scopes),
    fields: Type.Optional(rights.fields),
    identity_types: Type.Optional(rights.identity_types),
    addresses: Type.Optional(rights.addresses),
    max_share: Type.Optional(rights.max_share),
    dataset: Type.Optional(dataset),
    expires: Type.Optional(nullable(expires)),
  },
  { ...closed, $id: 'TokenRequest' },
);

export const rotationSchema = Type.Object(
  {
    overlap: Type.Optional(
      text('How long the old token stays valid: 0 to 7d; 24h if missing.', 10, {
        pattern: '^(0|[0-9]{1,6}[smhdw])$',
        examples: ['24h'],
      }),
    ),
  },
  { ...closed, $id: 'Rotation' },
);
