/** The definitions that decide who is in the live flows of an organization, as of one moment. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { CatalogView, OrganizationRecord } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import type { Flow } from '../../domain/flow/flow.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import { type RuleReference, referencesOf } from '../../domain/rule/rule-text.ts';
import type { RuleSource } from '../../membership/compiled-definitions.ts';

/** Of which flow members are computed now. */
export function isComputedNow({ kind, status }: Flow): boolean {
  return kind === 'stream' && status === 'live';
}

/** Everything that rules may use. */
export async function readRuleSource(
  view: CatalogView,
  { id, timeZone }: Pick<OrganizationRecord, 'id' | 'timeZone'>,
): Promise<RuleSource> {
  const datasets = await view.listDatasets(id);
  const lists = datasets.filter(({ definition }) => definition?.kind === 'list');
  const segments = await view.listSegments(id);
  const flows = await view.listFlows(id);
  return {
    fields: await view.listFields(id),
    segments: new Map(segments.map((segment) => [segment.id, segment])),
    flows: new Map(flows.map((flow) => [flow.id, flow])),
    groups: await view.listExclusionGroups(id),
    globalHoldout: await view.readGlobalHoldout(id),
    lists: new Map(lists.map((list) => [list.id, list.name])),
    timeZone,
  };
}

/**
 * Those of the flows that use something that differs. Most changes are about few flows, and each
 * flow that is compared and counted costs time.
 */
export function affectedFlows(
  before: RuleSource,
  after: RuleSource,
  flowIds: readonly number[],
): readonly number[] {
  const settings = ({ groups, globalHoldout, timeZone }: RuleSource) => {
    return { groups, globalHoldout, timeZone };
  };
  if (!isDeepStrictEqual(settings(before), settings(after))) return flowIds;
  const [was, is] = [before, after].map(definitionsOf) as [KnownDefinitions, KnownDefinitions];
  const changed = [...new Set([...was.keys(), ...is.keys()])].filter(
    (key) => !isDeepStrictEqual(was.get(key), is.get(key)),
  );
  if (changed.length === 0) return [];
  return flowIds.filter((id) => {
    const seen = [was, is].map((known) => reachOf(known, [id]));
    return changed.some((key) => seen.some((keys) => keys.has(key)));
  });
}

/** Fields, segments and flows by their keys. */
type KnownDefinitions = ReadonlyMap<string, Definition>;

type Definition = Field | Pick<Segment, 'rule'> | Flow;

function definitionsOf({ fields, segments, flows }: RuleSource): KnownDefinitions {
  return new Map<string, Definition>([
    ...[...fields].map((field) => [`field ${field.id}`, field] as const),
    ...[...segments].map(([id, segment]) => [`segment ${id}`, segment] as const),
    ...[...(flows ?? [])].map(([id, flow]) => [`flow ${id}`, flow] as const),
  ]);
}

/** The keys of these flows and of everything that they use. */
function reachOf(known: KnownDefinitions, flowIds: readonly number[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const waiting = flowIds.map((id) => `flow ${id}`);
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    waiting.push(...usesOf(known.get(key)).map(({ kind, id }) => `${kind} ${id}`));
  }
  return seen;
}

/** The part of the source that these flows use, directly and through what they use. */
export function decidingPart(source: RuleSource, flowIds: readonly number[]): RuleSource {
  const seen = reachOf(definitionsOf(source), flowIds);
  const isUsed = (kind: RuleReference['kind']) => (entry: { readonly id: number }) =>
    seen.has(`${kind} ${entry.id}`);
  const segments = [...source.segments.values()].filter(isUsed('segment'));
  const flows = [...(source.flows?.values() ?? [])].filter(isUsed('flow'));
  return {
    ...source,
    fields: [...source.fields].filter(isUsed('field')),
    segments: new Map(segments.map((segment) => [segment.id, segment])),
    flows: new Map(flows.map((flow) => [flow.id, flow])),
    groups: [...(source.groups ?? [])].filter(({ shares }) =>
      shares.some(({ flowId }) => seen.has(`flow ${flowId}`)),
    ),
  };
}

/** Equal for definitions that decide the same. Names of segments, fields and flows do not count. */
export function digestOf(part: RuleSource): string {
  const fields = [...part.fields].map(({ id, type, impliedValue, currency, rule, datasetId }) => {
    return [id, type, impliedValue, currency, rule, datasetId];
  });
  const segments = [...part.segments.values()].map(({ id, rule }) => [id, rule]);
  const flows = [...(part.flows?.values() ?? [])].map(({ name: _, slots, ...flow }) => {
    return [flow, slots?.names, base64(slots?.owners), base64(slots?.held)];
  });
  const groups = [...(part.groups ?? [])].map(({ slots, ...group }) => {
    return [group, slots.names, base64(slots.owners)];
  });
  const all = [fields, segments, flows, groups, part.globalHoldout, part.timeZone];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

function base64(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('base64');
}

function usesOf(definition: Definition | undefined): readonly RuleReference[] {
  if (definition === undefined) return [];
  if ('rule' in definition) return definition.rule === null ? [] : referencesOf(definition.rule);
  const { segmentId, experiment } = definition;
  const branches = experiment?.split.by === 'rule' ? experiment.split.branches : [];
  const segment = segmentId === null ? [] : [{ kind: 'segment', id: segmentId } as const];
  return [...segment, ...branches.flatMap(({ rule }) => referencesOf(rule))];
}
