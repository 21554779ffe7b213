/** Plans that wait for approval. Keeping one does not change the revision. */
import type { Kysely, Selectable } from 'kysely';
import type { PlannedMoves } from '../../domain/flow/planned-moves.ts';
import type { AuditRecord, ChangeAuthor } from '../catalog.ts';
import type { ChangePlan } from '../change-plans.ts';
import { keptPlanMs, maxPlansPerOrganization } from '../limits.ts';
import type { CatalogTables, ChangePlanRow } from './schema.ts';

type Database = Kysely<CatalogTables>;

/** Adds the plan, and drops those that are old or too many. Returns its audit entry. */
export async function keepChangePlan(database: Database, made: ChangePlan): Promise<AuditRecord> {
  const { id, organizationId, author, createdAtMs, plan } = made;
  await database
    .insertInto('change_plans')
    .values({
      ...{ id, organization_id: organizationId, author, created_at: createdAtMs },
      ...{ plan: JSON.stringify(plan), approved_by: null, ended_at: null },
    })
    .execute();
  const newest = database
    .selectFrom('change_plans')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('created_at', '>', createdAtMs - keptPlanMs)
    .orderBy('created_at', 'desc')
    .limit(maxPlansPerOrganization);
  await database
    .deleteFrom('change_plans')
    .where('organization_id', '=', organizationId)
    .where('id', '<>', id)
    .where('id', 'not in', newest)
    .execute();
  const after = { flows: plan.flows };
  return { organizationId, action: 'change_plan.create', target: id, before: null, after };
}

export async function findChangePlan(
  database: Database,
  organizationId: number,
  id: string,
): Promise<ChangePlan | undefined> {
  const row = await database
    .selectFrom('change_plans')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && planOf(row);
}

/** Newest first. */
export async function listOpenPlans(
  database: Database,
  organizationId: number,
  { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
): Promise<readonly ChangePlan[]> {
  const rows = await database
    .selectFrom('change_plans')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('created_at', '>', sinceMs)
    .where('ended_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(planOf);
}

function planOf(row: Selectable<ChangePlanRow>): ChangePlan {
  const { id, organization_id, author, created_at, approved_by } = row;
  const plan = JSON.parse(row.plan) as PlannedMoves;
  return {
    ...{ id, organizationId: organization_id, author, createdAtMs: created_at, plan },
    approvedBy: approved_by,
  };
}

export async function endChangePlan(
  database: Database,
  organizationId: number,
  { id, by }: { readonly id: string; readonly by: ChangeAuthor },
): Promise<void> {
  await database
    .updateTable('change_plans')
    .set({ approved_by: by.actor, ended_at: by.atMs })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}
