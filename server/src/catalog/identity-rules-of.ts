/** Reads the identity rules of an organization. Requests have them in their catalog state. */
import { type IdentityRules, makeIdentityRules } from '../domain/contact/identity-rules.ts';
import type { CatalogView } from './catalog.ts';

/** @param organizationId of an organization that exists */
export async function identityRulesOf(
  view: CatalogView,
  organizationId: number,
): Promise<IdentityRules> {
  const organization = await view.findOrganization({ id: organizationId });
  const types = await view.listIdentityTypes(organizationId);
  const datasets = await view.listDatasets(organizationId);
  return makeIdentityRules(types, organization?.trust ?? [], datasets);
}
