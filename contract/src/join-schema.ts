/** What joins contacts: identities with their claims, and the log of joins and partings. */
import Type from 'typebox';
import { maxFieldsPerOrganization, maxIdentitiesPerContact, maxIdentityText } from './bounds.ts';
import { identity } from './lookup-schema.ts';
import { closed, fieldName, integer, list, nullable, text, time, word } from './schema-parts.ts';

/** A contact names an identity by a byte. */
const maxExplained = 255;
/** Rows that are looked at to decide who answers. */
export const maxClaims = 500;

const dataset = (description: string) =>
  text(description, 64, { pattern: '^[a-z][a-z0-9_]{0,63}$', examples: ['crm'] });

const entry = text('The name of an entry in the log of joins.', 29, {
  pattern: '^[0-9a-f]{16}(-[0-9a-f]{12})?$',
  examples: ['019ab4c2d1e00001'],
});

export const mergeRequestSchema = Type.Object(
  {
    identities: Type.Array(identity, {
      minItems: 2,
      maxItems: 2,
      description: 'Two identities of the contacts that are one person.',
    }),
  },
  { ...closed, $id: 'MergeRequest' },
);

export const unmergeRequestSchema = Type.Object({ entry }, { ...closed, $id: 'UnmergeRequest' });

export const oneIdentitySchema = Type.Object({ identity }, { ...closed, $id: 'OneIdentity' });

export const joinAnswerSchema = Type.Object({ entry }, { $id: 'JoinAnswer' });

export const stormRequestSchema = Type.Object(
  {
    since: time('Part the joins that rows have made since this time.'),
    until: Type.Optional(time('Part no joins that were made after this time. If missing: now.')),
    dataset: Type.Optional(
      dataset('Part only joins by rows of this dataset. If missing: by rows of all datasets.'),
    ),
  },
  { ...closed, $id: 'StormRequest' },
);

export const stormAnswerSchema = Type.Object(
  {
    parted: integer('How many joins were parted.', { min: 0, max: Number.MAX_SAFE_INTEGER }),
  },
  { $id: 'StormAnswer' },
);

export const identityView = Type.Object(
  {
    type: nullable(text('The identity type; null if it no longer exists.', 64)),
    value: nullable(
      text('The normalised value; null if Usher knows only its hash.', maxIdentityText),
    ),
    digest: nullable(
      text('The first 12 hexadecimal digits of its hash; null if the value is known.', 12, {
        pattern: '^[0-9a-f]{12}$',
      }),
    ),
  },
  { $id: 'IdentityView' },
);

export const nullableIdentity = (description: string) =>
  Type.Union([identityView, Type.Null()], { description });

const claimSchema = Type.Object({
  dataset: nullable(dataset('The dataset of the row.')),
  key: nullableIdentity(
    'The row key: the identity by which Usher knows which row it is. null: the token may not use its type.',
  ),
  since: nullable(
    time('Since when the row says so; null: the row was stored by an earlier release.'),
  ),
  refused: nullable(
    word('Why the claim has no effect; null: it has an effect.', [
      ...([
        'identity_conflict',
        'identity_limit',
        'identity_moved',
        'identity_not_joining',
      ] as const),
      ...(['identity_parted', 'identity_shared', 'identity_taken'] as const),
    ]),
  ),
});

const contactId = text('The id of a contact, a UUID.', 36, {
  pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
});

export const contactIdentitiesSchema = Type.Object(
  {
    contact_id: nullable(contactId),
    other_ids: list(
      contactId,
      maxIdentitiesPerContact,
      'Ids of contacts that are part of this one.',
    ),
    identities: list(
      Type.Object({
        identity: identityView,
        leads_here: Type.Boolean({
          description:
            'Whether look-ups by this identity find the contact. If not, a row of the contact claims it without effect.',
        }),
        is_founder: Type.Boolean({
          description: 'Whether the id of the contact belongs to this identity.',
        }),
        claims: list(
          claimSchema,
          maxClaims,
          'The rows that claim the identity, also rows of other contacts that claim it without effect.',
        ),
      }),
      maxExplained,
      'The identities of the contact, and those that its rows claim without effect.',
    ),
    amended: list(
      Type.Object({
        field: fieldName('The field.'),
        at: time('When a person set its value.'),
      }),
      maxFieldsPerOrganization,
      'The fields with a value that a person set, which counts over that of the dataset.',
    ),
  },
  { $id: 'ContactIdentities' },
);

export const joinSchema = Type.Object(
  {
    entry,
    kind: word(
      'join: rows joined two contacts. The others are by people. merge: joined two contacts. unmerge: took a merge or join back. split: parted an identity from its contact. storm: parted a join together with others.',
      ['join', 'merge', 'unmerge', 'split', 'storm'],
    ),
    at: time('When it was done.'),
    dataset: nullable(dataset('For a join: the dataset whose row joined the contacts.')),
    by: nullable(text('Who did it: operator:<name> or token:<id>; null for a join.', 200)),
    pairs: list(
      Type.Array(nullableIdentity('A row key. null: the token may not use its type.'), {
        minItems: 2,
        maxItems: 2,
        description: 'Two row keys.',
      }),
      maxIdentitiesPerContact,
      'The row keys that were joined or parted.',
    ),
    identity: nullableIdentity(
      'For a join: the identity by which the contacts were joined. null also if the token may not use its type.',
    ),
    taken_back: Type.Boolean({ description: 'For a merge: whether it was taken back.' }),
  },
  { $id: 'Join' },
);
