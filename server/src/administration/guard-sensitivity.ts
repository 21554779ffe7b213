/**
 * Lowering the sensitivity of a field shows its values to more people, so a user needs a permission
 * of its own for it. Every change of a user comes by here, whichever call makes it.
 */
import type { CatalogView } from '../catalog/catalog.ts';
import type { Field, Sensitivity } from '../domain/contact/field.ts';
import { UsherError } from '../domain/errors.ts';
import { isStricter } from '../domain/rule/field-sensitivity.ts';
import { allows } from '../domain/user/role-scopes.ts';
import type { User } from '../domain/user/user.ts';
import { readRuleBook } from './rule/rule-book.ts';
import { sensitivitiesOf } from './rule/shown-inputs.ts';

type Author =
  | { readonly kind: 'operator' | 'token' }
  | { readonly kind: 'user'; readonly user: Pick<User, 'role'> };

/** Operators may, and tokens: their scopes are the choice of the operator. */
export function mayLowerSensitivity(actor: Author): boolean {
  return actor.kind !== 'user' || allows(actor.user.role, 'sensitivity:lower');
}

export interface SensitivityGuard {
  /**
   * Compares the fields with those before the change.
   * @throws UsherError `role_missing`
   */
  requireNoneLower(): Promise<void>;
}

/** `undefined`: the actor may lower sensitivities. Call it before the change writes anything. */
export async function guardSensitivity(
  view: CatalogView,
  actor: Author,
  organizationId: number,
): Promise<SensitivityGuard | undefined> {
  if (actor.kind !== 'user' || mayLowerSensitivity(actor)) return undefined;
  const before = await view.listFields(organizationId);
  return {
    requireNoneLower: async () => {
      const fault = await findLowered(view, organizationId, before);
      if (fault === undefined) return;
      const { role } = actor.user;
      const members = { permission: 'sensitivity:lower', role };
      throw new UsherError('role_missing', `${fault} The role ${role} may not do this.`, {
        members,
      });
    },
  };
}

/** What is wrong; `undefined`: no field is less sensitive than before. */
async function findLowered(
  view: CatalogView,
  organizationId: number,
  before: readonly Field[],
): Promise<string | undefined> {
  const book = await readRuleBook(view, organizationId);
  const known = new Map(before.map((field) => [field.id, field]));
  for (const field of book.fields.values()) {
    const was = known.get(field.id);
    const counted = sensitivitiesOf(book).of(field);
    const fault =
      field.rule === null ? loweredFault(field, was) : computedFault(field, was, counted);
    if (fault !== undefined) return fault;
  }
  // A field that is made again would count as personal.
  const gone = before.find(
    ({ id, rule, sensitivity }) =>
      rule === null && isStricter(sensitivity, null) && !book.fields.has(id),
  );
  return gone && `Only an administrator removes the field ${gone.name}, which is sensitive.`;
}

/** A new field counts as one whose sensitivity is not said. */
function loweredFault(
  { name, sensitivity }: Field,
  was: Field | undefined,
  before = was?.sensitivity ?? null,
): string | undefined {
  if (!isStricter(before, sensitivity)) return undefined;
  const from = before ?? 'not set, and so counts as personal';
  return `Only an administrator may lower the sensitivity of the field ${name} to ${stated(sensitivity)}: more people would see its values. It is ${from}.`;
}

/** @param counted what counts after the change: the field itself, and what its rule shows */
function computedFault(
  field: Field,
  was: Field | undefined,
  counted: Sensitivity | null,
): string | undefined {
  const { sensitivity } = field;
  if (was !== undefined && was.sensitivity === sensitivity) return undefined;
  const before = was?.sensitivity ?? counted;
  // Without a sensitivity of its own, it is as sensitive as what its rule shows.
  if (sensitivity === null) return loweredFault({ ...field, sensitivity: counted }, was, before);
  const strictest = isStricter(counted, before) ? counted : before;
  return loweredFault(field, was, strictest);
}

function stated(sensitivity: Sensitivity | null): string {
  return sensitivity ?? 'not set';
}
