/** What a preview of a segment or a rule counts and shows. */
import Type from 'typebox';
import { definitionIdRange, maxDefinitionNameLength } from './bounds.ts';
import { closed, integer, list, nullable, ruleText, text } from './schema-parts.ts';

export const previewRequestSchema = Type.Object(
  {
    segment: Type.Optional(
      text(
        'The id or the name of a segment. Give either this or a rule.',
        maxDefinitionNameLength,
        {
          minLength: 1,
          examples: ['High spenders'],
        },
      ),
    ),
    rule: Type.Optional(ruleText('A rule that is not saved.')),
    exact: Type.Optional(
      Type.Boolean({
        description: 'Whether to count all contacts too, which takes seconds for a million.',
        default: false,
      }),
    ),
  },
  { ...closed, $id: 'SegmentPreviewRequest' },
);

const count = (description: string) =>
  integer(description, { min: 0, max: Number.MAX_SAFE_INTEGER });

const estimateSchema = Type.Object(
  {
    members: count('How many contacts the rule is true for, by those that were drawn.'),
    low: count('The lower end of the 95 % interval.'),
    high: count('The upper end of the 95 % interval.'),
    drawn: count('Contacts that were drawn at random.'),
  },
  { description: 'Both ends are the count if all contacts were drawn.' },
);

export const segmentPreviewSchema = Type.Object(
  {
    segment: nullable(
      Type.Object({
        id: integer('Its id.', definitionIdRange),
        name: text('Its name.', maxDefinitionNameLength),
      }),
    ),
    rule: ruleText('The rule as it is saved.'),
    contacts: count('Contacts of the organization.'),
    estimate: estimateSchema,
    exact: nullable(
      Type.Object({
        contacts: count('Contacts that were counted.'),
        members: count('Contacts that the rule is true for.'),
        clauses: list(
          Type.Object({
            rule: ruleText('The clause: a part of the rule that && connects.'),
            alone: nullable(
              count(
                'Contacts for which this clause is true; null if it alone takes too much work for a contact.',
              ),
            ),
            in_sequence: count('Contacts for which this clause and all before it are true.'),
          }),
          1_000,
          'In the order of the rule.',
        ),
      }),
    ),
    sample: list(
      Type.Object({
        contact_id: nullable(
          text(
            'The id of the contact; null for a token that may not use the identity type id.',
            36,
          ),
        ),
        values: Type.Unsafe<Record<string, unknown>>({
          type: 'object',
          maxProperties: 20,
          description:
            'Values by field: those that the rule reads, then content fields. A value is *** unless the sensitivity of the field is public or internal. Of long values the beginning is shown.',
        }),
      }),
      10,
      'Some of the contacts.',
    ),
  },
  { $id: 'SegmentPreview', description: 'How many contacts a rule is true for, and some of them.' },
);

export const previewStepSchema = Type.Object(
  {
    estimate: Type.Optional(estimateSchema),
    progress: Type.Optional(
      Type.Object({
        done: count('Contacts that were counted so far.'),
        total: count('Contacts of the organization when the preview began.'),
      }),
    ),
    preview: Type.Optional(segmentPreviewSchema),
    problem: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        maxProperties: 20,
        description: 'Why the preview failed after the answer had begun, as in other answers.',
      }),
    ),
  },
  {
    $id: 'PreviewStep',
    description:
      'One line of the answer. It has one member: estimate first, then progress several times a second while all contacts are counted, and preview or problem last.',
  },
);
