/** Identity types as administration shows and creates them. */
import Type from 'typebox';
import { closed, identityTypeName, list, text, word } from './schema-parts.ts';

/** The rules that an organization may choose. */
export const addableNormalisations = ['exact', 'phone', 'email'];

export const blockedValues = list(
  text('A value; with @ at its end, all addresses with this part before the @.', 254),
  200,
  'Values that identify nobody, in every case and Unicode form. A row that names one does not claim it. `0` also stands for all values of zeros only.',
);

export const identityTypeSchema = Type.Object(
  {
    name: identityTypeName('The name, as written before the colon of an identity.'),
    normalisation: word('How its values are normalised, at import and at look-up alike.', [
      ...addableNormalisations,
      'email-hash',
      'contact-id',
    ]),
    built_in: Type.Boolean({ description: 'Whether every organization has the identity type.' }),
    blocked: blockedValues,
  },
  { $id: 'IdentityType' },
);

export const newIdentityTypeSchema = Type.Object(
  {
    name: identityTypeName('Unique in the organization; never renamed.'),
    normalisation: Type.Optional(
      word(
        'exact (the default) only trims; phone makes the E.164 form; email is the rule of the built-in type email.',
        addableNormalisations,
      ),
    ),
  },
  { ...closed, $id: 'NewIdentityType' },
);

export const identityTypeChangeSchema = Type.Object(
  { blocked: blockedValues },
  { ...closed, $id: 'IdentityTypeChange' },
);
