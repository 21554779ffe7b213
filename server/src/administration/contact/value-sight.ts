/** Which values of contacts an actor sees without revealing them. */
import type { Field } from '../../domain/contact/field.ts';
import { allows } from '../../domain/user/role-scopes.ts';
import type { Actor } from '../administration.ts';

export type SeesValue = (field: Pick<Field, 'sensitivity'>) => boolean;

/**
 * A user sees what is public or internal, and what is personal if the role says so. A field without
 * a sensitivity counts as personal. Operators and tokens see what their lists allow.
 */
export function valueSightOf(actor: Actor): SeesValue {
  if (actor.kind !== 'user') return () => true;
  const seesPersonal = allows(actor.user.role, 'contacts:personal');
  return ({ sensitivity }) => {
    if (sensitivity === 'public' || sensitivity === 'internal') return true;
    return seesPersonal && sensitivity !== 'sensitive';
  };
}
