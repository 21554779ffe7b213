/** Look-up requests and answers. `openapi-document.ts` adds an organization's own fields. */
import Type from 'typebox';
import {
  builtInFieldCount,
  maxBatchIdentities,
  maxFieldsPerOrganization,
  maxIdentityText,
  maxRequestedFields,
} from './bounds.ts';
import { closed, fieldName, list, nullable, text, time, word } from './schema-parts.ts';

export const identity = text(
  'The identity, as `<type>:<value>`. The type ends at the first colon; the value may contain more.',
  maxIdentityText,
  { examples: ['email:tom@hello.com'] },
);

const format = word(
  'display (the default) formats values for people ("$241.56"), raw for programs (241.56).',
  ['display', 'raw'],
);

const fields = list(
  text('A field name.', 64),
  maxRequestedFields,
  'The names of the fields, in the order of the answer. If missing: every content field that the token may read.',
);

/** For the GET, whose `fields` is one text with commas. */
export const lookupQuerySchema = Type.Object(
  {
    identity,
    fields: Type.Optional(
      text('Field names, separated by commas; every content field if missing.', 32_500, {
        examples: ['first_name,total_lifetime_value_jde'],
      }),
    ),
    format: Type.Optional(format),
  },
  closed,
);

export const lookupBodySchema = Type.Object(
  { identity, fields: Type.Optional(fields), format: Type.Optional(format) },
  { ...closed, $id: 'LookupRequest' },
);

export const batchBodySchema = Type.Object(
  {
    identities: Type.Array(identity, {
      minItems: 1,
      maxItems: maxBatchIdentities,
      description:
        'Identities of any types. At most 50, or the rate limit of the organization or of the token if that is lower.',
    }),
    fields: Type.Optional(fields),
    format: Type.Optional(format),
  },
  { ...closed, $id: 'BatchRequest' },
);

export const contactSchema = Type.Object(
  {},
  {
    $id: 'Contact',
    additionalProperties: true,
    maxProperties: maxFieldsPerOrganization + builtInFieldCount,
    description:
      'The content fields of a contact by name. A field without a value has its implied value or null.',
    examples: [
      {
        email_address: 'tom@hello.com',
        first_name: 'Tom',
        flow_variant_membership: ['142309', '203850-Variant A'],
        total_lifetime_value_jde: '$241.56',
      },
    ],
  },
);

export const freshnessStatuses = [
  'present',
  'implied',
  'null',
  'stale',
  'withheld',
  'amended',
  'approximate',
] as const;

const fieldFreshnessSchema = Type.Object(
  {
    dataset: nullable(
      fieldName('The dataset that fills the field; null for a built-in and a computed field.'),
    ),
    as_of: nullable(
      time(
        'The value shows the source as of this time, or was amended at this time; null if unknown.',
      ),
    ),
    status: word(
      'present: the contact has a value. implied: no value, so the answer is the implied value. null: no value and no implied value. stale: older than the dataset allows. withheld: too old, and therefore returned as null. amended: a person set the value, and it counts over that of the dataset. approximate: computed without a value that is too old and therefore withheld.',
      freshnessStatuses,
    ),
  },
  { $id: 'FieldFreshness' },
);

export const freshnessSchema = Type.Record(Type.String(), fieldFreshnessSchema, {
  $id: 'Freshness',
  maxProperties: maxFieldsPerOrganization + builtInFieldCount,
  description:
    'How fresh each field of the contact is, by field name. Only with the header Usher-Freshness: 1.',
});

export const lookupAnswerSchema = Type.Object(
  {
    status: Type.Literal('success'),
    contact: Type.Ref('Contact'),
    freshness: Type.Optional(Type.Ref('Freshness')),
  },
  { $id: 'LookupAnswer' },
);

/** The outcomes of one identity of a batch. */
export const batchStatuses = [
  'success',
  'contact_not_found',
  'identity_malformed',
  'identity_type_unknown',
  'identity_value_invalid',
  'identity_type_not_allowed',
  'rules_too_costly',
] as const;

export const batchAnswerSchema = Type.Object(
  {
    status: Type.Literal('success'),
    results: list(
      Type.Object({
        identity: text('The identity as sent.', maxIdentityText),
        status: word('success, or the code of the problem with this identity.', batchStatuses),
        contact: Type.Optional(Type.Ref('Contact')),
        freshness: Type.Optional(Type.Ref('Freshness')),
      }),
      maxBatchIdentities,
      'One result for each identity, in the order of the request.',
    ),
  },
  { $id: 'BatchAnswer' },
);
