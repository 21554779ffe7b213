/** Finds a run by its id, or by the first characters of it, as people copy them from a table. */
import type { Run } from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import { maxListedRuns } from '../domain/limits.ts';
import type { RunCaller } from './run-caller.ts';

const minCharacters = 4;

/** @throws UsherError `resource_not_found`; `parameter_invalid` where several ids begin with it */
export async function findOneRun(
  { administration, organizationId }: RunCaller,
  reference: string,
): Promise<Run> {
  const runs = await administration.catalog.read(async (view) => {
    const exact = await view.findRun(organizationId, reference);
    if (exact !== undefined) return [exact];
    if (reference.length < minCharacters) return [];
    const newest = await view.listRuns(organizationId, { limit: maxListedRuns });
    return newest.filter(({ id }) => id.startsWith(reference));
  });
  const [only, ...others] = runs;
  if (only === undefined) {
    throw new UsherError(
      'resource_not_found',
      `There is no run ${reference}. Give at least ${minCharacters} characters of its id. ` +
        'To list the runs: usher sync list',
    );
  }
  if (others.length === 0) return only;
  const ids = runs.map(({ id }) => id).join(', ');
  throw new UsherError(
    'parameter_invalid',
    `The ids of several runs begin with ${reference}: ${ids}. Give more characters.`,
  );
}
