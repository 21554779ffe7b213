/** Flows, exclusion groups and the global holdout as administration shows and changes them. */
import Type from 'typebox';
import {
  definitionIdRange,
  maxDefinitionNameLength,
  maxGroupFlows,
  maxSaltLength,
  maxVariantNameLength,
  maxVariants,
} from './bounds.ts';
import {
  closed,
  faultWords,
  integer,
  list,
  nullable,
  planId,
  ruleText,
  text,
  word,
} from './schema-parts.ts';

const flowStatusNames = ['draft', 'live', 'paused', 'ended'] as const;
const flowKindNames = ['reported', 'stream'] as const;

const slots = text('Ranges of slots.', 60_000, {
  pattern: '^[0-9, -]*$',
  examples: ['0-4499, 5000, 7000-7099'],
});

/** @param least 0, or 0.01: one slot */
function percent(description: string, least: 0 | 0.01) {
  return Type.Number({
    ...{ description, minimum: least, maximum: 100, examples: [33.34] },
    // The sentence of the command line and of the catalog file.
    [faultWords]: `Give a percentage from ${least} to 100 with at most two decimals.`,
  });
}

const weight = percent('Percent. The weights sum to 100.', 0.01);

const name = text('The name, for people.', maxDefinitionNameLength, { minLength: 1 });
const variantName = text('The name of the variant.', maxVariantNameLength, { minLength: 1 });
const unit = text("What decides: contact (the contact's id), or an identity type.", 64);
const salt = text('What makes its slots independent of others.', maxSaltLength);

const shownVariant = Type.Object({ name: variantName, weight, slots });
const givenVariant = Type.Object(
  { name: variantName, weight, slots: Type.Optional(slots) },
  closed,
);
const branch = Type.Object(
  { rule: ruleText('The first branch whose rule holds decides.'), variant: variantName },
  closed,
);

const segment = nullable(text('The name of its segment.', maxDefinitionNameLength));
const status = word('Only live flows answer. A paused one keeps its slots.', flowStatusNames);
const kind = word(
  'reported: feeds say who is in it. stream: it has the members of its segment.',
  flowKindNames,
);
const branches = nullable(list(branch, maxVariants, 'A split by rules.'));
const otherwise = nullable(text('The variant where no branch holds.', maxVariantNameLength));
const holdout = percent('Percent of the contacts that are held out.', 0);

export const flowSchema = Type.Object(
  {
    id: integer('Unique among flows; never given to another one.', definitionIdRange),
    name,
    segment,
    status,
    kind,
    unit,
    salt,
    variants: nullable(list(shownVariant, maxVariants, 'A split by weights, which sum to 100.')),
    branches,
    otherwise,
    holdout,
    held_out: slots,
    exclusion_group: nullable(
      text('The group that has a share for the flow.', maxDefinitionNameLength),
    ),
  },
  { $id: 'Flow', description: 'A flow: a segment, which may be split into variants.' },
);

/** What a caller and a catalog file may give. */
export const flowSettings = {
  segment,
  status,
  kind,
  unit,
  salt,
  variants: nullable(list(givenVariant, maxVariants, 'A split by weights, which sum to 100.')),
  branches,
  otherwise,
  holdout,
  held_out: slots,
};

export const newFlowSchema = Type.Object(
  {
    id: Type.Optional(integer('The id; by default the next one.', definitionIdRange)),
    name,
    ...Type.Partial(Type.Object(flowSettings)).properties,
  },
  { ...closed, $id: 'NewFlow' },
);

export const flowChangeSchema = Type.Partial(Type.Object({ name, ...flowSettings, plan: planId }), {
  ...closed,
  minProperties: 1,
  $id: 'FlowChange',
});

const groupFlow = text('The name or the id of a flow.', maxDefinitionNameLength);
export const shareSchema = percent('Percent of the slots. The shares sum to at most 100.', 0.01);

export const exclusionGroupSchema = Type.Object(
  {
    name,
    unit,
    salt,
    flows: list(
      Type.Object({ flow: groupFlow, share: shareSchema, slots }),
      maxGroupFlows,
      'Its flows. A contact is in at most one of them.',
    ),
  },
  { $id: 'ExclusionGroup' },
);

export const groupSettings = {
  unit,
  salt,
  flows: list(
    Type.Object({ flow: groupFlow, share: shareSchema, slots: Type.Optional(slots) }, closed),
    maxGroupFlows,
    'Its flows.',
  ),
};

export const exclusionGroupChangeSchema = Type.Partial(
  Type.Object({ ...groupSettings, plan: planId }),
  {
    ...closed,
    minProperties: 1,
    $id: 'ExclusionGroupChange',
  },
);

export const globalPercentSchema = percent('Percent of the contacts that are in no flow.', 0);

const holdoutMembers = {
  percent: globalPercentSchema,
  unit,
  salt,
};

export const globalHoldoutSchema = Type.Object(holdoutMembers, { $id: 'GlobalHoldout' });

export const globalHoldoutChangeSchema = Type.Partial(
  Type.Object({ ...holdoutMembers, plan: planId }),
  {
    ...closed,
    minProperties: 1,
    $id: 'GlobalHoldoutChange',
  },
);
