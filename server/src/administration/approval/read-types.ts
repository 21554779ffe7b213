/** The identity types whose indexes hold all contacts. */
import type { CatalogView } from '../../catalog/catalog.ts';

export async function contactTypeIds(
  view: CatalogView,
  organizationId: number,
): Promise<readonly number[]> {
  const types = await view.listIdentityTypes(organizationId);
  // E-mails and their hashes have one index.
  return [...new Set(types.map(({ id }) => id))].filter((id) => id !== 0);
}
