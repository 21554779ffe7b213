/** The examples in the plans of waiting runs. They name contacts, so they do not stay for long. */
import type { Kysely } from 'kysely';
import { type RunPlan, withoutExamples } from '../../domain/dataset/run-plan.ts';
import type { CatalogTables } from './schema.ts';

/** Removes them from one run, from the runs of a dataset, or from all runs of an organization. */
export async function forgetExamples(
  database: Kysely<CatalogTables>,
  {
    organizationId,
    datasetId,
    runId,
  }: { readonly organizationId: number; readonly datasetId?: number; readonly runId?: string },
): Promise<void> {
  let query = database
    .selectFrom('runs')
    .select(['id', 'plan'])
    .where('organization_id', '=', organizationId)
    .where('state', '=', 'waiting')
    .where('plan', 'is not', null);
  if (datasetId !== undefined) query = query.where('dataset_id', '=', datasetId);
  if (runId !== undefined) query = query.where('id', '=', runId);
  for (const { id, plan } of await query.execute()) {
    const read = JSON.parse(plan ?? '{}') as RunPlan;
    if (read.examples === undefined) continue;
    await database
      .updateTable('runs')
      .set({ plan: JSON.stringify(withoutExamples(read)) })
      .where('id', '=', id)
      .execute();
  }
}
