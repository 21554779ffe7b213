/** Who asks about contacts and of which organization, with the checks of their rights. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Scope } from '../../domain/token/token.ts';
import type { Administration } from '../administration.ts';
import { sightOf } from '../token/actor-sight.ts';

export interface ContactCaller {
  readonly administration: Administration;
  readonly organization: OrganizationState;
}

/**
 * @throws UsherError `scope_missing`; `resource_not_found` for a token of another organization
 */
export function requireScopes(
  { administration: { actor }, organization }: ContactCaller,
  scopes: readonly Scope[],
): void {
  if (actor.kind === 'operator') return;
  if (actor.token.organizationId !== organization.organization.id) {
    throw new UsherError('resource_not_found', 'This organization does not exist.');
  }
  const scope = scopes.find((it) => !actor.token.scopes.includes(it));
  if (scope === undefined) return;
  throw new UsherError('scope_missing', `This needs a token with the scope ${scope}.`, {
    members: { scope },
  });
}

/**
 * Joining and parting concerns every row and identity of a contact.
 * @throws UsherError `scope_missing`, also for a token with lists
 */
export function requireToJoin(caller: ContactCaller): void {
  requireScopes(caller, ['admin:write', 'contacts:write']);
  const { fields, identityTypes, dataset } = sightOf(caller.administration.actor);
  if (fields === null && identityTypes === null && dataset === null) return;
  throw new UsherError(
    'scope_missing',
    'This needs a token without lists of fields and identity types, and without a dataset of its own.',
  );
}
