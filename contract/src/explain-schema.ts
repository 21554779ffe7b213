/** Why a contact is in its segments and flows. */
import Type from 'typebox';
import {
  definitionIdRange,
  maxDefinitionNameLength,
  maxFieldsPerOrganization,
  maxSegmentsPerOrganization,
  maxVariantNameLength,
} from './bounds.ts';
import {
  closed,
  fieldName,
  integer,
  list,
  nullable,
  ruleText,
  text,
  time,
  word,
} from './schema-parts.ts';

/** A rule has at most 1,000 parts. */
const maxClauses = 1_000;

const id = integer('The id.', definitionIdRange);
const name = text('The name.', maxDefinitionNameLength, { minLength: 1 });
const slot = (of: string) =>
  nullable(integer(`The slot ${of}; null: none.`, { min: 0, max: 9_999 }));

const input = Type.Object(
  {
    field: fieldName('The field.'),
    value: Type.Unknown({ description: 'What the rule saw.' }),
    from: word(
      'value: the contact has it. implied: the implied value. withheld: too old, so the rule saw null. computed: by the rule of the field.',
      ['value', 'implied', 'withheld', 'computed'] as const,
    ),
    as_of: nullable(time('How old the value is; null: unknown, or computed.')),
  },
  closed,
);

const clause = Type.Object(
  {
    rule: ruleText('The clause.'),
    is_true: Type.Boolean({ description: 'Whether it holds.' }),
    inputs: list(input, maxFieldsPerOrganization, 'The fields that the clause itself uses.'),
  },
  closed,
);

const segment = Type.Object(
  {
    ...{ id, name, rule: ruleText('The rule.') },
    is_member: Type.Boolean({ description: 'Whether the contact is in the segment.' }),
    clauses: list(clause, maxClauses, 'The parts that && connects.'),
  },
  closed,
);

const flow = Type.Object(
  {
    ...{ id, name },
    status: word('Only live flows answer.', ['draft', 'live', 'paused', 'ended'] as const),
    segment: nullable(text('The name of its segment.', maxDefinitionNameLength)),
    is_in_segment: Type.Boolean({ description: 'Whether the contact is in the segment.' }),
    is_member: Type.Boolean({ description: 'Whether the contact is in the flow.' }),
    variant: nullable(text('Its variant; null: none.', maxVariantNameLength)),
    left_out: nullable(
      word(
        'The step that leaves the contact out; null: none does. no_unit: the contact has no identity of the type that decides. excluded: its slot of the exclusion group belongs to another flow, or to none.',
        ['no_unit', 'global_holdout', 'excluded', 'held_out'] as const,
      ),
    ),
    holdout_slot: slot('of the global holdout'),
    group_slot: slot('of the exclusion group'),
    slot: slot('of the flow'),
  },
  closed,
);

export const ruleExplanationSchema = Type.Object(
  {
    contact_id: text('The id of the contact.', 36),
    now: time('The time that the rules saw as now.'),
    segments: list(segment, maxSegmentsPerOrganization, 'Every segment, ascending by id.'),
    flows: list(flow, maxSegmentsPerOrganization, 'Every flow that follows a segment.'),
  },
  { ...closed, $id: 'RuleExplanation' },
);
