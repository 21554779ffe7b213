/** The definitions that decide who is in the live flows of an organization, as of one moment. */
import { createHash } from 'node:crypto';
import type { CatalogView, OrganizationRecord } from '../../catalog/catalog.ts';
import type { Flow } from '../../domain/flow/flow.ts';
import { type RuleReference, type RuleText, referencesOf } from '../../domain/rule/rule-text.ts';
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

/** The part of the source that these flows use, directly and through what they use. */
export function decidingPart(source: RuleSource, flowIds: readonly number[]): RuleSource {
  const fields = new Map([...source.fields].map((field) => [field.id, field]));
  const seen = new Map<string, RuleReference>();
  const waiting: RuleReference[] = flowIds.map((id) => ({ kind: 'flow', id }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const key = `${next.kind} ${next.id}`;
    if (seen.has(key)) continue;
    seen.set(key, next);
    if (next.kind === 'flow') waiting.push(...usesOfFlow(source.flows?.get(next.id)));
    if (next.kind === 'segment') waiting.push(...usesOf(source.segments.get(next.id)?.rule));
    if (next.kind === 'field') waiting.push(...usesOf(fields.get(next.id)?.rule));
  }
  const isUsed = (kind: RuleReference['kind']) => (entry: { readonly id: number }) =>
    seen.has(`${kind} ${entry.id}`);
  const segments = [...source.segments.values()].filter(isUsed('segment'));
  const flows = [...(source.flows?.values() ?? [])].filter(isUsed('flow'));
  return {
    ...source,
    fields: [...fields.values()].filter(isUsed('field')),
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

function usesOf(rule: RuleText | null | undefined): readonly RuleReference[] {
  return rule === null || rule === undefined ? [] : referencesOf(rule);
}

function usesOfFlow(flow: Flow | undefined): readonly RuleReference[] {
  if (flow === undefined) return [];
  const { segmentId, experiment } = flow;
  const branches = experiment?.split.by === 'rule' ? experiment.split.branches : [];
  const segment = segmentId === null ? [] : [{ kind: 'segment', id: segmentId } as const];
  return [...segment, ...branches.flatMap(({ rule }) => usesOf(rule))];
}
