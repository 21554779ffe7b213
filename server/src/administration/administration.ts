/**
 * What operators and tokens do to the catalog, over HTTP and at the command line. Each function of
 * this room checks the actor's rights, validates the whole request, and makes one change with its
 * audit entry.
 */
import type { AccessAct, AccessNotes, AccessSubject } from '../access/access-entry.ts';
import type {
  AuditRecord,
  Catalog,
  CatalogChange,
  CatalogView,
  ChangeAuthor,
  OrganizationRecord,
} from '../catalog/catalog.ts';
import { UsherError } from '../domain/errors.ts';
import type { FlowMoves } from '../domain/flow/planned-moves.ts';
import type { Scope, Token } from '../domain/token/token.ts';
import type { User } from '../domain/user/user.ts';
import { readBefore, requirePlan } from './approval/guard-moves.ts';
import type { ContactLender, Mover } from './approval/mover.ts';
import { keepingPlans } from './approval/plan-needed.ts';
import { guardSensitivity } from './guard-sensitivity.ts';

/**
 * The operator is anybody who can write the data folder; `name` goes into the audit log. A user of
 * the console acts with the rights of `token`, which are those of one operation; `grants` are the
 * scopes that the user can give to tokens.
 */
export type Actor =
  | { readonly kind: 'operator'; readonly name: string }
  | { readonly kind: 'token'; readonly token: Token }
  | {
      readonly kind: 'user';
      readonly user: User;
      /** Whether the user has confirmed who they are within the last 5 minutes. */
      readonly isConfirmed: boolean;
      readonly token: Token;
      readonly grants: readonly Scope[];
    };

export interface Administration {
  readonly catalog: Catalog;
  readonly actor: Actor;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Must be cryptographically secure. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Lends the contacts to `work`. `undefined`: there are none yet, and `work` was not called. */
  readonly contacts: ContactLender;
  /** Notes in the access log that the actor saw a contact. Missing: for operators. */
  readonly noteLook?: (subject: AccessSubject, act: Omit<AccessAct, 'atMs'>) => void;
  /** What becomes of looks that are noted. Missing: nothing is noted. */
  readonly notedLooks?: Pick<AccessNotes, 'isWriting' | 'synced'>;
  /** The id of a plan that the caller approves with this change (`approval/guard-moves.ts`). */
  readonly plan?: string;
  /** Told, after a change that decides about live flows, how many contacts it moved in each. */
  readonly onMoved?: (flows: readonly FlowMoves[]) => void;
}

export function authorOf(administration: Administration): ChangeAuthor {
  return { actor: actorText(administration.actor), atMs: administration.clock() };
}

function actorText(actor: Actor): string {
  if (actor.kind === 'operator') return `operator:${actor.name}`;
  return actor.kind === 'token' ? `token:${actor.token.id}` : `user:${actor.user.id}`;
}

/**
 * The organization, if the actor may do this. A token needs the scope and sees only its own
 * organization.
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function openOrganization(
  view: CatalogView,
  actor: Actor,
  organizationId: number,
  scope: Scope,
): Promise<OrganizationRecord> {
  const isForeign = actor.kind !== 'operator' && actor.token.organizationId !== organizationId;
  const found = isForeign ? undefined : await view.findOrganization({ id: organizationId });
  if (found === undefined) {
    throw new UsherError('resource_not_found', 'This organization does not exist.');
  }
  if (actor.kind !== 'operator' && !actor.token.scopes.includes(scope)) {
    throw new UsherError('scope_missing', `This needs a token with the scope ${scope}.`, {
      members: { scope },
    });
  }
  return found;
}

/**
 * Reads an organization as of one moment.
 * @throws UsherError as `openOrganization`
 */
export function readIn<T>(
  { catalog, actor }: Administration,
  organizationId: number,
  work: (view: CatalogView, organization: OrganizationRecord) => Promise<T>,
): Promise<T> {
  return catalog.read(async (view) =>
    work(view, await openOrganization(view, actor, organizationId, 'admin:read')),
  );
}

/** An entry of the audit log of the organization that is changed. */
export type ChangeRecord = Omit<AuditRecord, 'organizationId'>;

/** Like `Changed` of `catalog.ts`: without audit entries, the change is rolled back. */
export interface ChangedIn<T> {
  readonly result: T;
  readonly audit: readonly ChangeRecord[];
}

/**
 * Makes one change in an organization. A change that would move many members of live flows needs
 * an approved plan.
 * @throws UsherError as `openOrganization`, and `approval_required` with the member `plan`
 */
export async function changeIn<T>(
  administration: Administration,
  organizationId: number,
  work: (
    change: CatalogChange,
    organization: OrganizationRecord,
    atMs: number,
  ) => Promise<ChangedIn<T>>,
): Promise<T> {
  const { catalog, actor } = administration;
  const mover = moverOf(administration, organizationId);
  const { author } = mover;
  let moved: readonly FlowMoves[] | undefined;
  const result = await keepingPlans(catalog, author, () =>
    catalog.change(author, async (change) => {
      const organization = await openOrganization(change, actor, organizationId, 'admin:write');
      const before = await readBefore(change, organization);
      const guard = await guardSensitivity(change, actor, organizationId);
      const { result, audit } = await work(change, organization, author.atMs);
      await guard?.requireNoneLower();
      const isGuarded = before !== undefined && audit.length > 0 && change.definesAnything;
      const permitted = isGuarded ? await requirePlan(change, before, { mover, audit }) : undefined;
      moved = permitted?.flows;
      const records = [...audit, ...(permitted?.audit ?? [])];
      return { result, audit: records.map((record) => ({ organizationId, ...record })) };
    }),
  );
  if (moved !== undefined) administration.onMoved?.(moved);
  return result;
}

/** The actor as one whose changes may move contacts of flows. */
export function moverOf(administration: Administration, organizationId: number): Mover {
  const { actor, contacts, randomBytes, plan } = administration;
  const mayApprove = actor.kind === 'operator' || actor.token.scopes.includes('admin:approve');
  return {
    ...{ organizationId, mayApprove, plan, contacts, randomBytes },
    author: authorOf(administration),
  };
}

/** @throws UsherError `scope_missing` for any token */
export function requireOperator(actor: Actor, what: string): void {
  if (actor.kind === 'operator') return;
  const detail = `${what} is for the operator. Use the command line on the server.`;
  throw new UsherError('scope_missing', detail);
}

/** Whether a thing is still as the caller saw it (`If-Match`). Checked inside the change. */
export type Precondition<View> = (current: View) => boolean;

/** What to remove, by its name or its id. */
export interface Removal<View> {
  readonly reference: string;
  readonly precondition?: Precondition<View>;
}

/** @throws UsherError `precondition_failed` */
export function requirePrecondition<View>(
  precondition: Precondition<View> | undefined,
  current: View,
): void {
  if (precondition === undefined || precondition(current)) return;
  throw new UsherError(
    'precondition_failed',
    'The resource has changed since you read it. Read it again, then send your change with the new ETag.',
  );
}

/** RFC 3339 in UTC, in whole seconds. */
export function rfc3339(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
