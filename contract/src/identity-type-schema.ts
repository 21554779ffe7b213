/** Identity types as administration shows and makes them. */
import Type from 'typebox';
import { closed, identityTypeName, word } from './schema-parts.ts';

export const identityTypeSchema = Type.Object(
  {
    name: identityTypeName('As it stands in front of the colon.'),
    normalisation: word('How its values are normalised, at import and at look-up alike.', [
      'email',
      'email-hash',
      'phone',
      'exact',
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
      word('exact (default) trims only; phone is E.164; email as e-mail addresses are.', [
        'exact',
        'phone',
        'email',
      ]),
    ),
  },
  { ...closed, $id: 'NewIdentityType' },
);
