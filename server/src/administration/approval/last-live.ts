/**
 * What a change is compared with: for a flow that stays live, the definitions before the change.
 * For one that goes live again, those with which it answered last, so that a flow that is paused,
 * changed in steps and started again waits for approval as one change does.
 */
import { deserialize, serialize } from 'node:v8';
import type { CatalogChange } from '../../catalog/catalog.ts';
import type { RuleSource } from '../../membership/compiled-definitions.ts';
import type { Comparison } from './count-moves.ts';
import { affectedFlows, decidingPart, digestOf, isComputedNow } from './deciding-definitions.ts';

/** The definitions before and after a change. */
export interface Sources {
  readonly before: RuleSource;
  readonly after: RuleSource;
}

/** Flows that are live before and after the change, if it decides about them. */
export function compareLive({ before, after }: Sources): readonly Comparison[] {
  const live = flowsOf(before).filter((flow) => isComputedNow(flow) && isLive(after, flow.id));
  const ids = affectedFlows(
    before,
    after,
    live.map(({ id }) => id),
  );
  const flows = live.filter(({ id }) => ids.includes(id));
  return differing([{ flows, before: decidingPart(before, ids), after: decidingPart(after, ids) }]);
}

/** Flows that answered once, that do not answer before the change, and do afterwards. */
export async function compareRestarted(
  change: CatalogChange,
  organizationId: number,
  { before, after }: Sources,
): Promise<readonly Comparison[]> {
  const started = flowsOf(after).filter(({ id }) => isLive(after, id) && !isLive(before, id));
  if (started.length === 0) return [];
  const known = await change.listLastLive(organizationId);
  return differing(
    started.flatMap((flow) => {
      const kept = known.get(flow.id);
      if (kept === undefined) return [];
      const last = deserialize(kept) as RuleSource;
      return [{ flows: [flow], before: last, after: decidingPart(after, [flow.id]) }];
    }),
  );
}

/** Call it with each change that is carried out. */
export async function keepLastLive(
  change: CatalogChange,
  organizationId: number,
  { before, after }: Sources,
): Promise<void> {
  const stopped = flowsOf(before).filter((flow) => isComputedNow(flow) && !isLive(after, flow.id));
  for (const { id } of stopped) {
    await change.keepLastLive(organizationId, id, serialize(decidingPart(before, [id])));
  }
  const known = await change.listLastLive(organizationId);
  for (const id of known.keys()) {
    if (isLive(after, id)) await change.keepLastLive(organizationId, id, null);
  }
}

function differing(comparisons: readonly Comparison[]): readonly Comparison[] {
  return comparisons.filter(
    ({ flows, before, after }) => flows.length > 0 && digestOf(before) !== digestOf(after),
  );
}

function flowsOf({ flows }: RuleSource) {
  return [...(flows?.values() ?? [])];
}

function isLive({ flows }: RuleSource, id: number): boolean {
  return flows?.get(id)?.status === 'live';
}
