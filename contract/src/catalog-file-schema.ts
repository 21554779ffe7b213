/** The catalog file as a JSON Schema for editors, written to `contract/usher.schema.json`. */
import Type from 'typebox';
import { definitionIdRange, maxDefinitionNameLength, maxDescriptionLength } from './bounds.ts';
import { datasetDefinitionSchema } from './dataset-schema.ts';
import { fieldSettings } from './field-schema.ts';
import { flowSettings, globalHoldoutSchema, groupSettings } from './flow-schema.ts';
import { addableNormalisations, identitySettings } from './identity-type-schema.ts';
import type { JsonObject } from './json-object.ts';
import { trustedDatasets } from './organization-schema.ts';
import { closed, integer, nullable, prose, ruleText, text, word } from './schema-parts.ts';

const builtInFieldNames = [
  ...['flow_variant_membership', 'journey_membership', 'campaigns_received'],
  ...['flow_membership', 'segment_membership', 'recent_events'],
];

const catalogFileSchema = Type.Object(
  {
    version: integer('The version of the file format.', { min: 1, max: 1 }),
    organization: Type.Optional(
      Type.Partial(
        Type.Object({
          currency: text('A code of ISO 4217, such as EUR.', 3),
          locale: text('A tag of BCP 47, such as de-DE.', 35),
          time_zone: text('An IANA time zone, or Z.', 100),
          unknown_contact_status: Type.Unsafe<number>({ type: 'integer', enum: [404, 400] }),
          trust: trustedDatasets,
        }),
        closed,
      ),
    ),
    identity_types: Type.Optional(
      Type.Unsafe<object>({
        type: 'object',
        description:
          'The names of identity types, each with its normalisation rule, or with the rule and settings. Settings that are not given stay.',
        additionalProperties: {
          anyOf: [
            word('The normalisation rule.', addableNormalisations),
            Type.Partial(
              Type.Object({
                normalisation: word('The rule; not of built-in types.', addableNormalisations),
                ...identitySettings,
              }),
              closed,
            ),
          ],
        },
      }),
    ),
    built_in_content: Type.Optional(
      Type.Partial(
        Type.Object(
          Object.fromEntries(
            builtInFieldNames.map((name) => [
              name,
              Type.Boolean({ description: 'Whether look-ups may return the field.' }),
            ]),
          ),
        ),
        closed,
      ),
    ),
    datasets: Type.Optional(
      Type.Unsafe<object>({
        type: 'object',
        description: 'The names of datasets, each with its definition.',
        propertyNames: { pattern: '^[a-z][a-z0-9_]{0,63}$' },
        additionalProperties: datasetDefinitionSchema,
      }),
    ),
    computed_fields: Type.Optional(
      Type.Unsafe<object>({
        type: 'object',
        description: 'The names of computed fields, each with its rule and its settings.',
        propertyNames: { pattern: '^[a-z][a-z0-9_]{0,63}$' },
        additionalProperties: Type.Object(
          {
            rule: Type.Optional(ruleText('The value: an expression over other fields.')),
            ...Type.Partial(Type.Object(fieldSettings)).properties,
          },
          closed,
        ),
      }),
    ),
    segments: Type.Optional(
      Type.Unsafe<object>({
        type: 'object',
        description: 'The names of segments, each with its rule.',
        propertyNames: { minLength: 1, maxLength: maxDefinitionNameLength },
        additionalProperties: Type.Partial(
          Type.Object({
            id: integer(
              'The id; by default the next one. It finds a segment that got a new name.',
              definitionIdRange,
            ),
            description: nullable(prose('What the segment is for.', maxDescriptionLength)),
            rule: ruleText('Which contacts are in it; the segment keeps its rule if left out.'),
          }),
          closed,
        ),
      }),
    ),
    flows: Type.Optional(
      Type.Unsafe<object>({
        type: 'object',
        description: 'The names of flows, each with its definition.',
        propertyNames: { minLength: 1, maxLength: maxDefinitionNameLength },
        additionalProperties: Type.Partial(
          Type.Object({
            id: integer('The id; by default the next one.', definitionIdRange),
            ...flowSettings,
          }),
          closed,
        ),
      }),
    ),
    exclusion_groups: Type.Optional(
      Type.Unsafe<object>({
        type: 'object',
        description: 'The names of exclusion groups, each with its flows and their shares.',
        propertyNames: { minLength: 1, maxLength: maxDefinitionNameLength },
        additionalProperties: Type.Partial(Type.Object(groupSettings), closed),
      }),
    ),
    global_holdout: Type.Optional(
      Type.Partial(Type.Object(globalHoldoutSchema.properties), closed),
    ),
  },
  closed,
);

export function buildCatalogFileSchema(): JsonObject {
  const { $id: _, ...schema } = JSON.parse(JSON.stringify(catalogFileSchema)) as JsonObject;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://usher.dev/usher.schema.json',
    title: 'The catalog file of Usher',
    ...withoutIds(schema),
  };
}

/** Removes `$id`: the document contains each schema where it is used, without references. */
function withoutIds(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name, value]) => name !== '$id' || typeof value !== 'string')
      .map(([name, value]) => [name, convert(value)]),
  );
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  return typeof value === 'object' && value !== null ? withoutIds(value as JsonObject) : value;
}
