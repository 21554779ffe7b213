/** The access log: who looked at which contact. */
import Type from 'typebox';
import { pageQuerySchema } from './page-schema.ts';
import { closed, list, nullable, text, time, word } from './schema-parts.ts';

/** What came of a look. */
const outcomes = [
  'success',
  'not_modified',
  'contact_not_found',
  'rules_too_costly',
  'failed',
] as const;

/** How a contact was looked at. */
const ways = [
  'lookup',
  'batch',
  'explain',
  'list',
  'joins',
  'reveal',
  'privacy_export',
  'amend',
  'preview',
  'search',
  'identities',
] as const;

export const accessQuerySchema = Type.Object(
  {
    ...pageQuerySchema.properties,
    contact: Type.Optional(
      text(
        'Only looks at this contact, by any identity that leads to it. With id: and its id, no personal data is in the URL. Looks at contacts that are part of it by now are found, too, and so are misses of its identities.',
        600,
        { minLength: 1, examples: ['id:019ab4c2-d1e0-7001-8000-3f5a2b1c9d7e'] },
      ),
    ),
    actor: Type.Optional(
      text('Only looks of this token or user, such as token:4fK2mXw9Q1zT or user:3.', 70, {
        pattern: '^(?:token|user):[A-Za-z0-9_-]{1,64}$',
      }),
    ),
    outcome: Type.Optional(word('Only looks with this outcome.', outcomes)),
    since: Type.Optional(time('Only looks of then or later.')),
    until: Type.Optional(time('Only looks before then.')),
  },
  closed,
);

export const accessEntrySchema = Type.Object(
  {
    at: time('When somebody looked.'),
    actor: text('Who looked: token:<id> or user:<id>.', 80),
    claimed_actor: nullable(
      text('The header Usher-Actor of the call. The caller claims it; nobody checked it.', 128),
    ),
    address: text('The address of the client.', 64),
    way: word('How the contact was looked at.', [...ways, 'unknown']),
    outcome: word('What came of it: success, or why there was no answer.', [
      ...outcomes,
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
