/** A change that needs approval: its plan is kept, and the caller gets the plan's id and counts. */
import type { Catalog, ChangeAuthor } from '../../catalog/catalog.ts';
import type { ChangePlan } from '../../catalog/change-plans.ts';
import { UsherError } from '../../domain/errors.ts';
import type { FlowMoves } from '../../domain/flow/planned-moves.ts';
import { planLifeMs } from '../../domain/limits.ts';
import { wouldMoveWords } from './moves-words.ts';

/** Thrown inside a change, which is rolled back. So the plan is kept outside of the change. */
export class PlanNeeded extends Error {
  readonly plan: ChangePlan;
  /** Why the plan that was sent does not count. */
  readonly reason: string | undefined;

  constructor(plan: ChangePlan, reason: string | undefined) {
    super('The change needs approval.');
    this.plan = plan;
    this.reason = reason;
  }
}

/**
 * Runs `work`, which makes a change.
 * @throws UsherError `approval_required` with the members `plan`, `expires_at` and `moves`
 */
export async function keepingPlans<T>(
  catalog: Catalog,
  author: ChangeAuthor,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlanNeeded)) throw error;
    await catalog.keepChangePlan(author, error.plan);
    throw approvalRequired(error);
  }
}

const shownFlows = 5;

function approvalRequired({ plan, reason }: PlanNeeded): UsherError {
  const { flows } = plan.plan;
  const expiresAt = new Date(plan.createdAtMs + planLifeMs).toISOString();
  const shown = flows.slice(0, shownFlows).map(wouldMoveWords);
  const more = flows.length > shown.length ? ` ${flows.length - shown.length} more flows.` : '';
  const detail = [
    ...(reason === undefined ? [] : [reason]),
    `${shown.join(' ')}${more} To carry it out, send the same change again with this plan, before ${expiresAt}: "plan": "${plan.id}".`,
  ];
  return new UsherError('approval_required', detail.join(' '), {
    members: { plan: plan.id, expires_at: expiresAt, moves: flows.map(viewMoves) },
  });
}

/** In the form in which the API returns it. */
function viewMoves({ id, name, ...counts }: FlowMoves) {
  return { flow: id, name, ...counts };
}
