/**
 * Stops a change that would move many members of live flows, until somebody approves its plan. A
 * flow counts if it is computed and live before the change, and live afterwards: to pause or end a
 * flow never waits. A flow that goes live again is compared with what it answered last.
 */
import { randomUUID } from 'node:crypto';
import type { AuditRecord, CatalogChange, OrganizationRecord } from '../../catalog/catalog.ts';
import type { ChangePlan } from '../../catalog/change-plans.ts';
import { UsherError } from '../../domain/errors.ts';
import {
  type FlowMoves,
  isAsPlanned,
  needsApproval,
  type PlannedMoves,
} from '../../domain/flow/planned-moves.ts';
import { maxPlannedChanges, planLifeMs } from '../../domain/limits.ts';
import type { RuleSource } from '../../membership/compiled-definitions.ts';
import { countMoves } from './count-moves.ts';
import { digestOf, readRuleSource } from './deciding-definitions.ts';
import { compareLive, compareRestarted, keepLastLive, type Sources } from './last-live.ts';
import type { Mover } from './mover.ts';
import { PlanNeeded } from './plan-needed.ts';
import { contactTypeIds } from './read-types.ts';
import { requireNoReportsBack } from './reports-back.ts';

/** `undefined`: there is no flow and was none, so that nothing can be moved. */
export async function readBefore(
  change: CatalogChange,
  organization: OrganizationRecord,
): Promise<RuleSource | undefined> {
  const flows = await change.listFlows(organization.id);
  const isNeeded = flows.length > 0 || (await change.listLastLive(organization.id)).size > 0;
  return isNeeded ? readRuleSource(change, organization) : undefined;
}

export interface PermittedMoves {
  /** The entry of the plan that was approved; empty: nothing needed approval. */
  readonly audit: readonly Omit<AuditRecord, 'organizationId'>[];
  /** Of each live flow that the change decides about; `undefined`: of none. */
  readonly flows: readonly FlowMoves[] | undefined;
}

interface ChangeToPermit {
  readonly mover: Mover;
  /** What the change did, for the person who approves it. */
  readonly audit: readonly Omit<AuditRecord, 'organizationId'>[];
}

/**
 * Call it after all writes of a change.
 * @throws PlanNeeded; UsherError `scope_missing`, `approval_required` for the person who asked,
 *   `definition_in_use` if reports would come back
 */
export async function requirePlan(
  change: CatalogChange,
  before: RuleSource,
  { mover, audit }: ChangeToPermit,
): Promise<PermittedMoves> {
  const after = await readAfter(change, mover);
  if (after === undefined) return nothingMoved;
  await requireNoReportsBack(change, { before, after }, mover);
  const permitted = await requirePlanFor(change, { before, after }, { mover, audit });
  await keepLastLive(change, mover.organizationId, { before, after });
  return permitted;
}

const nothingMoved: PermittedMoves = { audit: [], flows: undefined };

async function requirePlanFor(
  change: CatalogChange,
  sources: Sources,
  { mover, audit }: ChangeToPermit,
): Promise<PermittedMoves> {
  const { organizationId, author } = mover;
  const plan =
    mover.plan === undefined ? undefined : await change.findChangePlan(organizationId, mover.plan);
  const found = await findMoves(change, sources, { mover, plan });
  if (found === undefined) return nothingMoved;
  const { flows } = found;
  if (!flows.some(needsApproval)) return { audit: [], flows };
  const reason = mover.plan === undefined ? undefined : refusalOf(plan, found, author.atMs);
  if (plan === undefined || reason !== undefined) {
    const waiting = flows.filter(needsApproval);
    const changes = audit.slice(0, maxPlannedChanges);
    throw new PlanNeeded(newPlan(mover, { ...found, flows: waiting, changes }), reason);
  }
  await requireApprover(change, plan, mover);
  await change.endChangePlan(organizationId, plan.id);
  const { id, author: askedBy } = plan;
  const after = { asked_by: askedBy, flows: found.flows };
  return { audit: [{ action: 'change_plan.approve', target: id, before: null, after }], flows };
}

export interface ForeseenMoves {
  /** The live flows that the change would move contacts of. */
  readonly flows: readonly FlowMoves[];
  /** Whether contacts were counted: the change decides about a live flow. */
  readonly isCounted: boolean;
  /** Why the plan that was sent does not fit; `null`: it fits; `undefined`: none was sent. */
  readonly planRefusal: string | null | undefined;
}

/** Call it after all writes of a change that is tried out. A plan that is sent is not used up. */
export async function foreseeMoves(
  change: CatalogChange,
  before: RuleSource,
  mover: Mover,
): Promise<ForeseenMoves> {
  const after = await readAfter(change, mover);
  if (after === undefined) return nothingForeseen;
  await requireNoReportsBack(change, { before, after }, mover);
  const { organizationId, author } = mover;
  const plan =
    mover.plan === undefined ? undefined : await change.findChangePlan(organizationId, mover.plan);
  const found = await findMoves(change, { before, after }, { mover, plan });
  if (found === undefined) return nothingForeseen;
  const planRefusal =
    mover.plan === undefined ? undefined : (refusalOf(plan, found, author.atMs) ?? null);
  return { flows: found.flows.filter(({ moved }) => moved > 0), isCounted: true, planRefusal };
}

export const nothingForeseen: ForeseenMoves = {
  ...{ flows: [], isCounted: false, planRefusal: undefined },
};

async function readAfter(
  change: CatalogChange,
  { organizationId }: Mover,
): Promise<RuleSource | undefined> {
  const organization = await change.findOrganization({ id: organizationId });
  return organization === undefined ? undefined : readRuleSource(change, organization);
}

/** `undefined`: the change decides about no flow, or there are no contacts. */
async function findMoves(
  change: CatalogChange,
  sources: Sources,
  { mover, plan }: { readonly mover: Mover; readonly plan: ChangePlan | undefined },
): Promise<PlannedMoves | undefined> {
  const { organizationId, author, randomBytes } = mover;
  const comparisons = [
    ...compareLive(sources),
    ...(await compareRestarted(change, organizationId, sources)),
  ];
  const digests = comparisons.flatMap(({ before, after }) => [digestOf(before), digestOf(after)]);
  if (digests.length === 0) return undefined;
  const typeIds = await contactTypeIds(change, organizationId);
  const datasets = await change.listDatasets(organizationId);
  const moves = await mover.contacts((reader) =>
    countMoves(reader, {
      ...{ organizationId, typeIds, comparisons, datasets, nowMs: author.atMs },
      // The same sample again, so that the counts differ only if contacts do.
      sample: plan?.plan.sample ?? { seed: Buffer.from(randomBytes(4)).readUInt32LE() },
    }),
  );
  return moves === undefined ? undefined : { digest: digests.join(' '), ...moves };
}

function newPlan({ author, organizationId }: Mover, plan: PlannedMoves): ChangePlan {
  const { actor, atMs } = author;
  const id = randomUUID();
  return { id, organizationId, author: actor, createdAtMs: atMs, plan, approvedBy: null };
}

/** Why a plan does not fit the change; `undefined`: it fits. */
function refusalOf(
  plan: ChangePlan | undefined,
  found: PlannedMoves,
  nowMs: number,
): string | undefined {
  if (plan === undefined) return 'There is no plan with this id.';
  if (plan.approvedBy !== null) return 'This plan was carried out already.';
  if (nowMs >= plan.createdAtMs + planLifeMs) return 'This plan has expired.';
  if (plan.plan.digest !== found.digest) {
    return 'This plan is for another change, or the definitions have changed since it was made.';
  }
  const flows = found.flows.filter(
    (flow) => needsApproval(flow) || plan.plan.flows.some(({ id }) => id === flow.id),
  );
  if (isAsPlanned(plan.plan, { ...found, flows })) return undefined;
  return 'The counts have changed by more than 1 % since this plan was made.';
}

async function requireApprover(
  change: CatalogChange,
  plan: ChangePlan,
  { organizationId, author, mayApprove }: Mover,
): Promise<void> {
  if (!mayApprove) {
    const scope = 'admin:approve';
    throw new UsherError(
      'scope_missing',
      `Approving a plan needs a token with the scope ${scope}.`,
      {
        members: { scope },
      },
    );
  }
  const organization = await change.findOrganization({ id: organizationId });
  if (organization?.separateApproval !== true) return;
  const tokens = await change.listTokens(organizationId);
  // Two tokens of one person are one person.
  const personOf = (actor: string) =>
    tokens.find(({ id }) => actor === `token:${id}`)?.createdBy ?? actor;
  if (personOf(plan.author) !== personOf(author.actor)) return;
  throw new UsherError(
    'approval_required',
    'In this organization, a second person must approve. Ask somebody else to send the same change with this plan.',
    { members: { plan: plan.id, second_person: true } },
  );
}
