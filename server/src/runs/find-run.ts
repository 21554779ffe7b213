/** A run by its id, or by the first characters of it, as people copy them from a table. */
import type { Catalog, Run } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import { maxListedRuns } from '../domain/limits.ts';

/** @throws UsherError `resource_not_found`; `parameter_invalid` where several begin so */
export async function findOneRun(
  catalog: Catalog,
  organizationId: number,
  reference: string,
): Promise<Run> {
  const runs = await catalog.read(async (view) => {
    const exact = await view.findRun(organizationId, reference);
    if (exact !== undefined) return [exact];
    const newest = await view.listRuns(organizationId, { limit: maxListedRuns });
    return newest.filter(({ id }) => reference.length >= 4 && id.startsWith(reference));
  });
  const [only, ...others] = runs;
  if (only === undefined) {
    throw new UsherError(
      'resource_not_found',
      'There is no such run: usher sync list. Give at least four characters of its id.',
    );
  }
  if (others.length === 0) return only;
  const ids = runs.map(({ id }) => id).join(', ');
  throw new UsherError('parameter_invalid', `Several runs begin so: ${ids}.`);
}
