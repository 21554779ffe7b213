/** Finding contacts by a text whose identity type the caller need not know. */
import Type from 'typebox';
import { maxIdentityText, maxIdentityTypesPerOrganization } from './bounds.ts';
import { identityView } from './join-schema.ts';
import { closed, identityTypeName, list, nullable, text } from './schema-parts.ts';

const maxCandidates = 10;
/** The organization's own types and the built-in ones, whose names a token may use. */
const maxTypes = maxIdentityTypesPerOrganization + 4;

export const contactSearchSchema = Type.Object(
  {
    query: text(
      'An identity as a person writes it, with or without its type in front.',
      maxIdentityText,
      { minLength: 1, examples: ['tom@hello.com'] },
    ),
    type: Type.Optional(
      identityTypeName('Search only identities of this type. If missing: of every type that fits.'),
    ),
  },
  { ...closed, $id: 'ContactSearch' },
);

const candidate = Type.Object(
  {
    contact_id: nullable(
      text('The id of the contact; null for a token that may not use the identity type id.', 36),
    ),
    matched_type: identityTypeName('The type of the identity that the query was read as.'),
    matched_identity: text(
      'That identity, normalised, for the other routes of contacts.',
      maxIdentityText,
      { examples: ['email:tom@hello.com'] },
    ),
    is_country_guessed: Type.Boolean({
      description:
        'Whether that identity is a phone number that the query has without its country, read with the country of the organization’s locale.',
    }),
    display_name: nullable(
      text(
        'From a content field such as full_name, or first_name and last_name, that the token may see; null: there is none, or it has no value.',
        401,
        { pattern: '^[^\\u0000]*$' },
      ),
    ),
    name_fields: list(
      text('A field.', 64),
      2,
      'The fields that the display name is made of, also if they have no value.',
    ),
    identities: list(identityView, 100, 'The identities that lead to the contact.'),
  },
  { $id: 'ContactCandidate' },
);

export const contactCandidatesSchema = Type.Object(
  {
    type: nullable(
      text(
        'The type that the query was read as: the given one, or the likeliest that finds a contact, or else the likeliest. null: no type fits.',
        64,
      ),
    ),
    is_guessed: Type.Boolean({ description: 'Whether the type was guessed from the query.' }),
    alternatives: list(
      text('The name of a type.', 64),
      maxTypes,
      'Other types that the query fits, the likeliest first. To correct the guess, send one as type.',
    ),
    lacks_country: Type.Boolean({
      description: 'Whether the query may be a phone number without its country.',
    }),
    read_as: nullable(
      text(
        'That number with the country of the organization’s locale, which was searched, too. null: none was guessed.',
        16,
        { pattern: '^\\+[0-9]+$' },
      ),
    ),
    candidates: list(candidate, maxCandidates, 'The contacts found, the likeliest first.'),
  },
  { $id: 'ContactCandidates' },
);
