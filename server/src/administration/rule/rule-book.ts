/** Everything that rules name, and every rule: read once for a call, as of one moment. */
import type { CatalogView } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import { type ExclusionGroup, type Flow, knownVariants } from '../../domain/flow/flow.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import { type RuleOwner, rulesOfFlow, usesOfFlow } from '../../domain/rule/rule-owner.ts';
import {
  type RuleNames,
  type RuleReferenceKind,
  type RuleText,
  referencesOf,
  ruleTextOf,
} from '../../domain/rule/rule-text.ts';
import type { RuleContext } from '../../membership/check/check-rule.ts';

export interface RuleBook {
  /** By id, computed ones included. */
  readonly fields: ReadonlyMap<number, Field>;
  /** By id. */
  readonly segments: ReadonlyMap<number, Segment>;
  /** By id. */
  readonly flows: ReadonlyMap<number, Flow>;
  /** By name. */
  readonly groups: ReadonlyMap<string, ExclusionGroup>;
  readonly identityTypes: readonly IdentityType[];
  readonly names: RuleNames;
  /** Every definition with rules. */
  readonly owners: readonly OwnerWithRules[];
}

export interface OwnerWithRules extends RuleOwner {
  readonly rules: readonly RuleText[];
}

export async function readRuleBook(view: CatalogView, organizationId: number): Promise<RuleBook> {
  const fields = await view.listFields(organizationId);
  const segments = await view.listSegments(organizationId);
  const flows = await view.listFlows(organizationId);
  const groups = await view.listExclusionGroups(organizationId);
  const datasets = await view.listDatasets(organizationId);
  const lists = datasets.filter(({ definition }) => definition?.kind === 'list');
  return {
    fields: byId(fields),
    segments: byId(segments),
    flows: byId(flows),
    groups: new Map(groups.map((group) => [group.name, group])),
    identityTypes: await view.listIdentityTypes(organizationId),
    names: ruleNames({ field: fields, segment: segments, list: lists, flow: flows }),
    owners: [
      ...fields.flatMap(ownerOfField),
      ...segments.map(ownerOfSegment),
      ...flows.map(ownerOfFlow),
    ],
  };
}

/** The book with these flows as a change will write them. Their branches have empty rules. */
export function withFlows(book: RuleBook, flows: readonly Flow[]): RuleBook {
  return { ...book, flows: new Map([...book.flows, ...byId(flows)]) };
}

/** What the book says to a rule that may use all fields. */
export function contextOf(book: RuleBook): RuleContext {
  return {
    nameOf: (kind, id) => book.names.nameOf(kind, id),
    fieldOf: (id) => book.fields.get(id),
    variantsOf: (id) => knownVariants(book.flows.get(id)),
    usesAllFields: true,
  };
}

/** The rule as people write it; `null` for a field that a dataset fills. */
export function ruleOf({ rule }: { readonly rule: RuleText | null }, book: RuleBook) {
  return rule === null ? null : ruleTextOf(rule, book.names);
}

function ownerOfSegment({ id, name, rule }: Segment): OwnerWithRules {
  return { kind: 'segment', id, name, uses: referencesOf(rule), rules: [rule] };
}

/** Nothing for a field that a dataset fills. */
function ownerOfField({ id, name, rule }: Field): OwnerWithRules[] {
  if (rule === null) return [];
  return [{ kind: 'computed_field', id, name, uses: referencesOf(rule), rules: [rule] }];
}

function ownerOfFlow(flow: Flow): OwnerWithRules {
  const { id, name } = flow;
  return { kind: 'flow', id, name, uses: usesOfFlow(flow), rules: rulesOfFlow(flow) };
}

interface Named {
  readonly id: number;
  readonly name: string;
}

function ruleNames(named: Readonly<Record<RuleReferenceKind, readonly Named[]>>): RuleNames {
  const maps = new Map(
    Object.entries(named).map(([kind, all]) => [
      kind,
      {
        names: new Map(all.map(({ id, name }) => [id, name])),
        ids: new Map(all.map(({ id, name }) => [name, id])),
      },
    ]),
  );
  return {
    nameOf: (kind, id) => maps.get(kind)?.names.get(id),
    idOf: (kind, name) => maps.get(kind)?.ids.get(name),
    namesOf: (kind) => [...(maps.get(kind)?.ids.keys() ?? [])],
  };
}

function byId<T extends { readonly id: number }>(all: readonly T[]): ReadonlyMap<number, T> {
  return new Map(all.map((one) => [one.id, one]));
}
