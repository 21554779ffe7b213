/**
 * Why a contact is in its segments and flows: the truth of each clause, the inputs that it read,
 * and each step of a flow. The same compiled rules answer look-ups.
 */
import type { OrganizationState } from '../domain/catalog-state.ts';
import { defaultImpliedValue, type Field } from '../domain/contact/field.ts';
import { type Placement, placeUnit } from '../domain/flow/place-unit.ts';
import { type RuleNames, ruleTextOf } from '../domain/rule/rule-text.ts';
import { firstVariant, notInFlow } from '../membership/compile/compile-context.ts';
import { unitTextOf } from '../membership/compile/compile-slot.ts';
import {
  type CompiledDefinitions,
  type CompiledRule,
  compiledDefinitionsOf,
  type Evaluation,
} from '../membership/compiled-definitions.ts';
import { evaluateContact } from '../membership/evaluate-contact.ts';
import type { ContactReader, IdentityKey } from '../stores/store.ts';
import type { DatasetAges } from './dataset-ages.ts';
import { judgeAges, type SectionAge } from './freshness.ts';
import { datasetsById, planSections } from './lookup-plan.ts';

export interface ExplainedInput {
  readonly field: string;
  /** What the rule saw: also the implied value; `null` if the value is withheld. */
  readonly value: unknown;
  /** `computed`: by the rule of the field. */
  readonly from: 'value' | 'implied' | 'withheld' | 'computed';
  /** RFC 3339; `null`: unknown, or computed. */
  readonly as_of: string | null;
}

export interface ExplainedClause {
  readonly rule: string;
  readonly is_true: boolean;
  readonly inputs: readonly ExplainedInput[];
}

export interface ExplainedSegment {
  readonly id: number;
  readonly name: string;
  readonly rule: string;
  readonly is_member: boolean;
  /** The parts that && connects. The segment holds if all of them are true. */
  readonly clauses: readonly ExplainedClause[];
}

export interface ExplainedFlow {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly segment: string | null;
  readonly is_in_segment: boolean;
  readonly is_member: boolean;
  readonly variant: string | null;
  /** The step that left the contact out; `null`: none did. */
  readonly left_out: Placement['leftOut'];
  readonly holdout_slot: number | null;
  readonly group_slot: number | null;
  readonly slot: number | null;
}

export interface RuleExplanation {
  readonly contact_id: string;
  /** RFC 3339: the time that rules saw as `now`. */
  readonly now: string;
  readonly segments: readonly ExplainedSegment[];
  /** Flows that follow a segment. */
  readonly flows: readonly ExplainedFlow[];
}

export interface ExplainRequest {
  readonly organization: OrganizationState;
  readonly identity: IdentityKey;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly datasetAges: DatasetAges;
}

/** `undefined`: no contact has the identity. */
export async function explainRules(
  reader: ContactReader,
  { organization, identity, nowMs, datasetAges }: ExplainRequest,
): Promise<RuleExplanation | undefined> {
  const organizationId = organization.organization.id;
  const compiled = compiledDefinitionsOf(organization);
  const wanted = { segmentIds: compiled.segments.keys(), flowIds: compiled.flows.keys() };
  const reach = compiled.reach(wanted);
  const values = reach.inputs.flatMap((number) => {
    const input = compiled.inputs[number];
    return input === undefined ? [] : [{ field: input.field, slot: number }];
  });
  const sections = planSections(values, datasetsById(organization));
  const plan = { sections, slotCount: compiled.inputs.length };
  const asOfMs = await datasetAges.ofPlan(organizationId, plan);
  const parts = { memberships: reach.readsMemberships, identities: reach.readsIdentities };
  return reader.lendContact({ organizationId, identity, parts }, (contact) => {
    const ages = judgeAges(contact.record, plan, { nowMs, asOfMs });
    const withheld = Uint8Array.from(ages, ({ verdict }) => Number(verdict === 'withheld'));
    return evaluateContact(contact, { compiled, reach, nowMs, withheld }, (evaluation) => {
      const explained = { organization, compiled, evaluation, ages };
      return {
        contact_id: unitTextOf(evaluation, 0) ?? '',
        now: new Date(nowMs).toISOString(),
        segments: explainSegments(explained),
        flows: explainFlows(explained),
      };
    });
  });
}

interface Explained {
  readonly organization: OrganizationState;
  readonly compiled: CompiledDefinitions;
  readonly evaluation: Evaluation;
  /** By input. */
  readonly ages: readonly SectionAge[];
}

function explainSegments(explained: Explained): ExplainedSegment[] {
  const { compiled, evaluation, organization } = explained;
  const names = namesIn(organization);
  return [...organization.definitions.segments.values()].map(({ id, name, rule }) => {
    const found = compiled.segments.get(id);
    return {
      ...{ id, name, rule: ruleTextOf(rule, names) },
      is_member: found?.condition(evaluation) ?? false,
      clauses: (found?.clauses ?? []).map((clause) => explainClause(clause, names, explained)),
    };
  });
}

function explainClause(
  { text, condition, fieldIds }: CompiledRule['clauses'][number],
  names: ReturnType<typeof namesIn>,
  explained: Explained,
): ExplainedClause {
  return {
    rule: ruleTextOf(text, names).trim(),
    is_true: condition(explained.evaluation),
    inputs: fieldIds.flatMap((id) => explainInput(id, explained) ?? []),
  };
}

function explainInput(id: number, explained: Explained): ExplainedInput | undefined {
  const { compiled, evaluation, ages } = explained;
  const computed = compiled.computed.get(id);
  if (computed !== undefined) {
    const { field } = computed;
    const json = computed.readJson(evaluation) ?? impliedOf(field);
    return { field: field.name, value: JSON.parse(json), from: 'computed', as_of: null };
  }
  const input = compiled.inputs.find(({ field }) => field.id === id);
  if (input === undefined) return undefined;
  const { field, number } = input;
  const { asOfMs, verdict } = ages[number] ?? { asOfMs: undefined, verdict: 'fresh' };
  const told = {
    field: field.name,
    as_of: asOfMs === undefined ? null : new Date(asOfMs).toISOString(),
  };
  if (verdict === 'withheld') return { ...told, value: null, from: 'withheld' };
  const start = evaluation.starts[evaluation.base + number] ?? 0;
  if (start === 0) return { ...told, value: JSON.parse(impliedOf(field)), from: 'implied' };
  const end = evaluation.ends[evaluation.base + number];
  const json = evaluation.bytes.toString('utf8', start, end);
  return { ...told, value: JSON.parse(json), from: 'value' };
}

function impliedOf(field: Field): string {
  return field.impliedValue ?? defaultImpliedValue(field.type);
}

function explainFlows({ organization, compiled, evaluation }: Explained): ExplainedFlow[] {
  const { segments, groups, globalHoldout } = organization.definitions;
  const unitOf = (typeId: number) => unitTextOf(evaluation, typeId);
  return [...compiled.flows.values()].map(({ flow, variants, outcome }) => {
    const { id, name, status, segmentId } = flow;
    const group = [...groups.values()].find(({ shares }) =>
      shares.some(({ flowId }) => flowId === id),
    );
    const placed = placeUnit(flow, { group: group ?? null, globalHoldout, unitOf });
    const found = outcome(evaluation);
    const ofSegment = segmentId === null ? undefined : compiled.segments.get(segmentId);
    return {
      ...{ id, name, status },
      segment: segmentId === null ? null : (segments.get(segmentId)?.name ?? null),
      is_in_segment: ofSegment?.condition(evaluation) ?? false,
      is_member: found !== notInFlow,
      variant: variants[found - firstVariant] ?? null,
      left_out: placed.leftOut,
      ...{ holdout_slot: placed.holdoutSlot, group_slot: placed.groupSlot, slot: placed.slot },
    };
  });
}

/** The names that rules are shown with. */
function namesIn({ fields, datasets, definitions }: OrganizationState): Pick<RuleNames, 'nameOf'> {
  const ofFields = new Map([...fields.values()].map(({ id, name }) => [id, name]));
  const ofDatasets = new Map([...datasets.values()].map(({ id, name }) => [id, name]));
  return {
    nameOf: (kind, id) => {
      if (kind === 'field') return ofFields.get(id);
      return kind === 'segment' ? definitions.segments.get(id)?.name : ofDatasets.get(id);
    },
  };
}
