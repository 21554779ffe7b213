/** Which flows need an identity type to decide slots. */
import type { CatalogView } from '../../catalog/catalog.ts';

/** Flows, groups and the global holdout whose unit is this identity type, in words. */
export async function usesOfUnit(
  view: CatalogView,
  organizationId: number,
  typeId: number,
): Promise<readonly string[]> {
  const flows = await view.listFlows(organizationId);
  const groups = await view.listExclusionGroups(organizationId);
  const holdout = await view.readGlobalHoldout(organizationId);
  return [
    ...flows.filter(({ unit }) => unit === typeId).map(({ name }) => `flow ${name}`),
    ...groups.filter(({ unit }) => unit === typeId).map(({ name }) => `exclusion group ${name}`),
    ...(holdout?.unit === typeId ? ['the global holdout'] : []),
  ];
}
