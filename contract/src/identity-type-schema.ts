/** Identity types as administration shows and makes them. */
import Type from 'typebox';
import { closed, identityTypeName, word } from './schema-parts.ts';

/** The rules that an organization may choose. */
export const addableNormalisations = ['exact', 'phone', 'email'];

export const identityTypeSchema = Type.Object(
  {
    name: identityTypeName('As it stands in front of the colon.'),
    normalisation: word('How its values are normalised, at import and at look-up alike.', [
      ...addableNormalisations,
      'email-hash',
      'contact-id',
    ]),
    built_in: Type.Boolean({ description: 'Whether every organization has it.' }),
  },
  { $id: 'IdentityType' },
);

export const newIdentityTypeSchema = Type.Object(
  {
    name: identityTypeName('Unique in the organization; never renamed.'),
    normalisation: Type.Optional(
      word(
        'exact (default) trims only; phone is E.164; email as e-mail addresses are.',
        addableNormalisations,
      ),
    ),
  },
  { ...closed, $id: 'NewIdentityType' },
);
