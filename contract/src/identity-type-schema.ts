/** Identity types as administration shows and creates them. */
import Type from 'typebox';
import { maxPerContactRange, sharedLimitRange } from './bounds.ts';
import { closed, identityTypeName, integer, list, text, word } from './schema-parts.ts';

/** The rules that an organization may choose. */
export const addableNormalisations = ['exact', 'phone', 'email'];

const blocked = list(
  text('A value; with @ at its end, all addresses with this part before the @.', 254),
  200,
  'Values that identify nobody, in every case and Unicode form. A row that names one does not claim it. `0` also stands for all values of zeros only.',
);

const rules = {
  joins: Type.Boolean({ description: 'Whether rows that name the same value are one contact.' }),
  stable: Type.Boolean({
    description:
      'Whether two values are always two contacts. At most one identity type is stable, and it identifies rows before all others.',
  }),
  max_per_contact: integer('How many values one contact may have.', maxPerContactRange),
  shared_limit: integer(
    'How many rows of one dataset may name the same value. A value that more rows name joins nobody.',
    sharedLimitRange,
  ),
};

/** What an organization may set for each of its identity types. */
export const identitySettings = { ...rules, blocked };

export const identityTypeSchema = Type.Object(
  {
    name: identityTypeName('The name, as written before the colon of an identity.'),
    normalisation: word('How its values are normalised, at import and at look-up alike.', [
      ...addableNormalisations,
      'email-hash',
      'contact-id',
    ]),
    built_in: Type.Boolean({ description: 'Whether every organization has the identity type.' }),
    ...Type.Partial(Type.Object(rules)).properties,
    blocked,
  },
  {
    $id: 'IdentityType',
    description:
      'An identity type. email-hash has the rules of email. The types of contact ids have no rules.',
  },
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

export const identityTypeChangeSchema = Type.Partial(Type.Object(identitySettings), {
  ...closed,
  minProperties: 1,
  $id: 'IdentityTypeChange',
});
