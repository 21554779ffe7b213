/** Segments and computed fields as administration shows and changes them, and their history. */
import Type from 'typebox';
import { definitionIdRange, maxDefinitionNameLength, maxDescriptionLength } from './bounds.ts';
import { differencesSchema } from './dataset-schema.ts';
import { fieldSettings } from './field-schema.ts';
import {
  closed,
  fieldName,
  integer,
  nullable,
  planId,
  prose,
  ruleText,
  text,
  time,
} from './schema-parts.ts';

const segmentId = integer('Unique among segments; never given to another one.', definitionIdRange);

const segmentName = text(
  'The name, which rules and people use. A new name changes no rule.',
  maxDefinitionNameLength,
  { minLength: 1, examples: ['High spenders'] },
);

const segmentRule = ruleText('Which contacts are in the segment: a rule that gives true or false.');
const description = nullable(prose('What the segment is for.', maxDescriptionLength));

export const segmentSchema = Type.Object(
  { id: segmentId, name: segmentName, description, rule: segmentRule },
  { $id: 'Segment', description: 'A segment: a rule over contacts.' },
);

export const newSegmentSchema = Type.Object(
  {
    id: Type.Optional(segmentId),
    name: segmentName,
    description: Type.Optional(description),
    rule: segmentRule,
  },
  { ...closed, $id: 'NewSegment' },
);

export const segmentChangeSchema = Type.Partial(
  Type.Object({ name: segmentName, description, rule: segmentRule, plan: planId }),
  { ...closed, minProperties: 1, $id: 'SegmentChange' },
);

const computedRule = ruleText('The value of the field: an expression over other fields.');

export const newComputedFieldSchema = Type.Object(
  {
    name: fieldName('Unique in the organization; never renamed.'),
    rule: computedRule,
    ...Type.Partial(Type.Object(fieldSettings)).properties,
  },
  { ...closed, $id: 'NewComputedField' },
);

export const computedFieldChangeSchema = Type.Partial(
  Type.Object({
    rule: computedRule,
    ...fieldSettings,
    force: Type.Boolean({
      description: 'Make the change even if tokens have recently read the field.',
      default: false,
    }),
    plan: planId,
  }),
  { ...closed, minProperties: 1, $id: 'ComputedFieldChange' },
);

export const definitionEditSchema = Type.Object(
  {
    number: integer('Counts up from 1 for each definition.', { min: 1, max: 2 ** 31 - 1 }),
    author: text('Who made the edit: operator:NAME or token:ID.', 512),
    edited_at: time('When.'),
    differences: differencesSchema,
    definition: Type.Unsafe<object | null>({
      description: 'The definition after the edit; null if the edit removed it.',
      anyOf: [{ type: 'object', maxProperties: 20 }, { type: 'null' }],
    }),
  },
  { $id: 'DefinitionEdit', description: 'An edit of a segment or a computed field.' },
);
