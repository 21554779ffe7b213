/** Why a contact is what it is: its values, identities, segments, flows, and what a token sees. */
import Type from 'typebox';
import {
  builtInFieldCount,
  definitionIdRange,
  maxDefinitionNameLength,
  maxFieldsPerOrganization,
  maxNameLength,
  maxSegmentsPerOrganization,
  maxTokenListEntries,
  maxVariantNameLength,
  maxVariants,
} from './bounds.ts';
import { flowSchema, globalPercentSchema, shareSchema } from './flow-schema.ts';
import { contactIdentitiesSchema, joinSchema, maxClaims, nullableIdentity } from './join-schema.ts';
import { identity } from './lookup-schema.ts';
import {
  closed,
  fieldName,
  integer,
  list,
  nullable,
  prose,
  ruleText,
  text,
  time,
  word,
} from './schema-parts.ts';

/** A rule has at most 1,000 parts. */
const maxClauses = 1_000;
const maxShownJoins = 100;
const maxFields = maxFieldsPerOrganization + builtInFieldCount;

export const explainRequestSchema = Type.Object(
  {
    identity,
    token: Type.Optional(
      text(
        'Explains what a look-up with this token answers, too: its id, its last 3 characters, or the e-mail of its creator. Never send the token itself.',
        512,
        { minLength: 1, examples: ['4fK2mXw9Q1zT'] },
      ),
    ),
  },
  { ...closed, $id: 'ExplainRequest' },
);

const name = text('The name.', maxDefinitionNameLength, { minLength: 1 });
const slot = nullable(
  integer(
    'The slot; null: an earlier step decided, the contact has no unit, or the caller may not see its value.',
    {
      min: 0,
      max: 9_999,
    },
  ),
);
const slotParts = {
  unit_value: nullable(
    text(
      'What is hashed with the salt. null: the contact has none, or the calling token may not use its type.',
      36,
    ),
  ),
  slot,
};

const valueParts = {
  field: fieldName('The field.'),
  value: Type.Unknown({
    description: 'What look-ups and rules see: also the implied value. null if it is withheld.',
  }),
  from: word(
    'value: the contact has it. stale: it, or a value that a rule used, is older than the maximum age of its dataset, but is answered. amended: a person set it. implied: the contact has none. withheld: too old, so rules and look-ups see null. computed: by rules. approximate: computed without a value that is withheld. reported: by other tools. hidden: neither look-ups nor rules may use the field, or a field that it is computed from, so tokens do not see it.',
    [
      ...(['value', 'stale', 'amended', 'implied', 'withheld'] as const),
      ...(['computed', 'approximate', 'reported', 'hidden'] as const),
    ],
  ),
  as_of: nullable(time('How old the value is; of a computed one its oldest input. null: unknown.')),
  masked: Type.Optional(
    Type.Literal(true, {
      description: 'The user of the console may not see the value, which is null here.',
    }),
  ),
};
const value = Type.Object(valueParts, { ...closed, $id: 'ExplainedValue' });

const field = Type.Object(
  {
    ...valueParts,
    dataset: nullable(text('The dataset that fills the field; null: none does.', 64)),
    source: nullable(
      word('The kind of the source of the dataset. import: people import files by hand.', [
        ...(['file', 'query', 'postgres', 'mysql', 'sqlite'] as const),
        ...(['http', 'upload', 'push', 'import'] as const),
      ]),
    ),
    column: nullable(prose('The column of the source.', 4_096)),
    has_row: Type.Boolean({ description: 'Whether the contact has a row in the dataset.' }),
    run: nullable(
      text('The run that wrote the row; null: it was pushed, or the run is not known.', 64),
    ),
    rule: nullable(ruleText('The rule of a computed field.')),
    inputs: list(value, maxFieldsPerOrganization, 'The fields that the rule itself uses.'),
    overrode: list(
      Type.Object(
        {
          by: word(
            'source: what the dataset says; a person amended it. other_row: what a row of the contact says that does not count, because another row of the dataset does.',
            ['source', 'other_row'] as const,
          ),
          value: Type.Unknown({ description: 'The value; null if it is withheld or hidden.' }),
          is_withheld: Type.Boolean({ description: 'Whether it is too old to be shown.' }),
          key: nullableIdentity('For other_row: the key of that row.'),
          as_of: nullable(time('How old the value is; null: unknown.')),
        },
        closed,
      ),
      maxClaims,
      'Values of the field that do not count.',
    ),
  },
  { ...closed, $id: 'ExplainedField' },
);

const membership = Type.Object(
  {
    kind: word('What asks for it.', ['in_list', 'received_campaign'] as const),
    name: prose('The name of the list, or the id of the campaign.', 4_096),
    is_found: Type.Boolean({
      description: 'Whether the contact is in the list, or received the campaign at any time.',
    }),
    at: nullable(
      time(
        'Since when the contact is in the list, or when it last received the campaign. null: it did not, or the time is not known.',
      ),
    ),
    since: nullable(time('Before this time, a campaign does not count. null: any time counts.')),
  },
  { ...closed, $id: 'ExplainedMembership' },
);

const maskedTruth = 'null: it uses a sensitive field, which the caller may not see.';

const clause = Type.Object(
  {
    rule: ruleText('The clause.'),
    is_true: nullable(Type.Boolean({ description: `Whether it holds. ${maskedTruth}` })),
    inputs: list(value, maxFieldsPerOrganization, 'The fields that the clause itself uses.'),
    memberships: list(membership, 1_000, 'The lists and campaigns that the clause itself uses.'),
  },
  { ...closed, $id: 'ExplainedClause' },
);
const clauses = list(clause, maxClauses, 'The parts that && connects.');

const segment = Type.Object(
  {
    id: integer('The id.', definitionIdRange),
    ...{ name, rule: ruleText('The rule.') },
    is_member: Type.Boolean({ description: 'Whether the contact is in the segment.' }),
    clauses,
  },
  { ...closed, $id: 'ExplainedSegment' },
);

const defined = flowSchema.properties;

const branch = Type.Object(
  {
    variant: text('The variant.', maxVariantNameLength, { minLength: 1 }),
    rule: ruleText('The rule.'),
    is_true: nullable(Type.Boolean({ description: `Whether the rule holds. ${maskedTruth}` })),
    is_chosen: Type.Boolean({ description: 'Whether it gave the contact its variant.' }),
    clauses,
  },
  closed,
);

const group = Type.Object(
  {
    ...{ name, unit: defined.unit, salt: defined.salt, share: shareSchema },
    ...{ slots: defined.held_out, ...slotParts },
    owner: nullable(
      text('The flow that the slot belongs to; null: none.', maxDefinitionNameLength),
    ),
  },
  { ...closed, description: 'The exclusion group that has a share for the flow.' },
);

const globalHoldout = Type.Object(
  {
    ...{ percent: globalPercentSchema, unit: defined.unit, salt: defined.salt },
    ...{ held_out: defined.held_out, ...slotParts },
  },
  { ...closed, description: 'The global holdout of the organization.' },
);

const flow = Type.Object(
  {
    ...{ id: defined.id, name: defined.name, status: defined.status, segment: defined.segment },
    is_in_segment: Type.Boolean({ description: 'Whether the contact is in the segment.' }),
    is_member: Type.Boolean({ description: 'Whether the contact is in the flow.' }),
    variant: nullable(text('Its variant; null: none.', maxVariantNameLength)),
    left_out: nullable(
      word(
        'The step that leaves the contact out; null: none does. no_unit: the contact has no identity of the type that decides. excluded: its slot of the exclusion group belongs to another flow, or to none.',
        ['no_unit', 'global_holdout', 'excluded', 'held_out'] as const,
      ),
    ),
    ...{ unit: defined.unit, salt: defined.salt, ...slotParts, variants: defined.variants },
    branches: nullable(list(branch, maxVariants, 'In their order: the first that holds decides.')),
    ...{ otherwise: defined.otherwise, holdout: defined.holdout, held_out: defined.held_out },
    group: nullable(group),
    global_holdout: nullable(globalHoldout),
  },
  { ...closed, $id: 'ExplainedFlow' },
);

const token = Type.Object(
  {
    id: text('The id of the token.', 12, { pattern: '^[0-9A-Za-z]{12}$' }),
    name: nullable(text('Its purpose.', maxNameLength)),
    refused: list(
      word(
        'revoked, expired; scope_missing: it lacks contacts:read; identity_type_not_allowed: it may not look up by an identity of this type.',
        ['revoked', 'expired', 'scope_missing', 'identity_type_not_allowed'] as const,
      ),
      4,
      'Why look-ups with it get no answer. Empty: they get one.',
    ),
    addresses: nullable(
      list(
        text('An address or a network (CIDR).', 64, { pattern: '^[0-9A-Fa-f:./]{2,64}$' }),
        maxTokenListEntries,
        'From where it may be used; null: from everywhere.',
      ),
    ),
    answer: nullable(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'What a look-up of all fields answers, with values for people. null: no answer.',
        maxProperties: maxFields,
      }),
    ),
    left_out: list(
      Type.Object(
        {
          field: fieldName('The field.'),
          reason: word(
            'not_allowed: it is not on the list of the token. not_content: no look-up answers it. withheld: it is too old, so the answer is null. approximate: computed without a value that is withheld.',
            ['not_allowed', 'not_content', 'withheld', 'approximate'] as const,
          ),
        },
        closed,
      ),
      maxFields,
      'The fields whose values the token does not see, and why.',
    ),
    masked: Type.Optional(
      list(
        fieldName('The field.'),
        maxFields,
        'Fields of the answer that are null here, because the user of the console may not see them.',
      ),
    ),
  },
  { ...closed, $id: 'ExplainedToken' },
);

const { contact_id, other_ids, identities } = contactIdentitiesSchema.properties;

export const explanationSchema = Type.Object(
  {
    contact_id,
    other_ids,
    now: time('The time that the rules saw as now.'),
    identities,
    joins: list(joinSchema, maxShownJoins, 'What joined and parted the contact, newest first.'),
    joins_complete: Type.Boolean({
      description:
        'Whether these are all. The newest 100,000 entries of the log are searched, and the newest 100 are shown.',
    }),
    fields: list(field, maxFields, 'In order of creation, then the built-in fields.'),
    segments: list(segment, maxSegmentsPerOrganization, 'Every segment, ascending by id.'),
    flows: list(flow, maxSegmentsPerOrganization, 'Every flow that follows a segment.'),
    token: nullable(token),
  },
  { ...closed, $id: 'Explanation' },
);
