/** Which values of contacts an actor sees without revealing them. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import type { Field, Sensitivity } from '../../domain/contact/field.ts';
import { sensitivitiesIn } from '../../domain/rule/field-sensitivity.ts';
import type { RuleText } from '../../domain/rule/rule-text.ts';
import { allows } from '../../domain/user/role-scopes.ts';
import type { Actor } from '../administration.ts';

/** `undefined`: a column that no field has yet. */
export type SeesValue = (field: Field | undefined) => boolean;

/**
 * A user sees what is public or internal, and what is personal if the role says so. A field without
 * a sensitivity counts as personal, and a computed field as what its rule shows. Operators see
 * everything, and tokens what their lists allow; without `contacts:read` only what is public.
 */
export function valueSightOf(actor: Actor, organization: OrganizationState): SeesValue {
  const sees = sensitivitySightOf(actor);
  const sensitivities = sensitivitiesIn(organization);
  return (field) => sees(field === undefined ? null : sensitivities.of(field));
}

/**
 * Whether an actor may know if a rule holds for one contact: with a rule over a sensitive field,
 * that can tell the value.
 */
export function ruleSightOf(
  actor: Actor,
  organization: OrganizationState,
): (rule: RuleText) => boolean {
  const sees = sensitivitySightOf(actor);
  const known = sensitivitiesIn(organization);
  return (rule) => sees('sensitive') || ![...known.shownBy(rule).values()].includes('sensitive');
}

function sensitivitySightOf(actor: Actor): (sensitivity: Sensitivity | null) => boolean {
  if (actor.kind === 'operator') return () => true;
  if (actor.kind === 'token') {
    const seesAll = actor.token.scopes.includes('contacts:read');
    return (sensitivity) => seesAll || sensitivity === 'public';
  }
  const seesPersonal = allows(actor.user.role, 'contacts:personal');
  return (sensitivity) => {
    if (sensitivity === 'public' || sensitivity === 'internal') return true;
    return seesPersonal && sensitivity !== 'sensitive';
  };
}
