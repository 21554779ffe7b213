/**
 * Stops a change that would move many members of live flows, until somebody approves its plan. A
 * flow counts if it is computed and live before the change, and live afterwards: to pause, end or
 * remove a flow never waits.
 */
import { randomUUID } from 'node:crypto';
import type {
  AuditRecord,
  CatalogChange,
  ChangeAuthor,
  OrganizationRecord,
} from '../../catalog/catalog.ts';
import type { ChangePlan } from '../../catalog/change-plans.ts';
import { UsherError } from '../../domain/errors.ts';
import {
  type FlowMoves,
  isAsPlanned,
  needsApproval,
  type PlannedMoves,
} from '../../domain/flow/planned-moves.ts';
import { planLifeMs } from '../../domain/limits.ts';
import type { RuleSource } from '../../membership/compiled-definitions.ts';
import type { ContactReader } from '../../stores/store.ts';
import { countMoves } from './count-moves.ts';
import {
  affectedFlows,
  decidingPart,
  digestOf,
  isComputedNow,
  readRuleSource,
} from './deciding-definitions.ts';
import { PlanNeeded } from './plan-needed.ts';

export type ContactLender = <T>(
  work: (reader: ContactReader) => Promise<T>,
) => Promise<T | undefined>;

/** Who changes, and how contacts are read. */
export interface Mover {
  readonly organizationId: number;
  readonly author: ChangeAuthor;
  /** Whether they may approve plans. */
  readonly mayApprove: boolean;
  /** The plan that they send. */
  readonly plan: string | undefined;
  readonly contacts: ContactLender;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** `undefined`: no flow is computed now, so that nothing can be moved. */
export async function readBefore(
  change: CatalogChange,
  organization: OrganizationRecord,
): Promise<RuleSource | undefined> {
  const flows = await change.listFlows(organization.id);
  return flows.some(isComputedNow) ? readRuleSource(change, organization) : undefined;
}

export interface PermittedMoves {
  /** The entry of the plan that was approved; empty: nothing needed approval. */
  readonly audit: readonly Omit<AuditRecord, 'organizationId'>[];
  /** Of each live flow that the change decides about; `undefined`: of none. */
  readonly flows: readonly FlowMoves[] | undefined;
}

/**
 * Call it after all writes of a change.
 * @throws PlanNeeded; UsherError `scope_missing`, `approval_required` for the person who asked
 */
export async function requirePlan(
  change: CatalogChange,
  before: RuleSource,
  mover: Mover,
): Promise<PermittedMoves> {
  const { organizationId, author } = mover;
  const plan =
    mover.plan === undefined ? undefined : await change.findChangePlan(organizationId, mover.plan);
  const found = await findMoves(change, before, { mover, plan });
  if (found === undefined) return { audit: [], flows: undefined };
  const { flows } = found;
  if (!flows.some(needsApproval)) return { audit: [], flows };
  const reason = mover.plan === undefined ? undefined : refusalOf(plan, found, author.atMs);
  if (plan === undefined || reason !== undefined) {
    const waiting = flows.filter(needsApproval);
    throw new PlanNeeded(newPlan(mover, { ...found, flows: waiting }), reason);
  }
  await requireApprover(change, plan, mover);
  await change.endChangePlan(organizationId, plan.id);
  const { id, author: askedBy } = plan;
  const after = { asked_by: askedBy, flows: found.flows };
  return { audit: [{ action: 'change_plan.approve', target: id, before: null, after }], flows };
}

/**
 * The flows that a change moves contacts of, whether this needs approval or not. Call it after all
 * writes of a change that is tried out.
 */
export async function foreseeMoves(
  change: CatalogChange,
  before: RuleSource,
  mover: Mover,
): Promise<readonly FlowMoves[]> {
  const found = await findMoves(change, before, { mover, plan: undefined });
  return (found?.flows ?? []).filter(({ moved }) => moved > 0);
}

/** `undefined`: the change decides about no flow, or there are no contacts. */
async function findMoves(
  change: CatalogChange,
  before: RuleSource,
  { mover, plan }: { readonly mover: Mover; readonly plan: ChangePlan | undefined },
): Promise<PlannedMoves | undefined> {
  const { organizationId, author, randomBytes } = mover;
  const organization = await change.findOrganization({ id: organizationId });
  if (organization === undefined) return undefined;
  const after = await readRuleSource(change, organization);
  const live = [...(before.flows?.values() ?? [])].filter(
    (flow) => isComputedNow(flow) && after.flows?.get(flow.id)?.status === 'live',
  );
  const ids = affectedFlows(
    before,
    after,
    live.map(({ id }) => id),
  );
  const flows = live.filter(({ id }) => ids.includes(id));
  const [was, is] = [decidingPart(before, ids), decidingPart(after, ids)];
  const digests = [digestOf(was), digestOf(is)];
  if (ids.length === 0 || digests[0] === digests[1]) return undefined;
  const types = await change.listIdentityTypes(organizationId);
  const datasets = await change.listDatasets(organizationId);
  const moves = await mover.contacts((reader) =>
    countMoves(reader, {
      ...{ organizationId, before: was, after: is, flows, nowMs: author.atMs },
      datasets,
      // E-mails and their hashes have one index.
      typeIds: [...new Set(types.map(({ id }) => id))].filter((id) => id !== 0),
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
    { members: { plan: plan.id } },
  );
}
