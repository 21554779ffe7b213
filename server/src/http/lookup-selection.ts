/**
 * Which fields a look-up answers: the compiled plan of a caller for what it asked, and how names that are left out are told
 * to it: in `Usher-Omitted`, or, when it prefers strict handling (RFC 7240), as a problem.
 */
import { maxOmittedNames } from '../domain/limits.ts';
import type { Problem } from '../domain/problem.ts';
import {
  compileLookupPlan,
  type LookupPlan,
  type Omission,
  type ValueFormat,
} from '../lookup/lookup-plan.ts';
import type { Caller } from './authenticate.ts';

export interface FieldSelection {
  readonly fields: readonly string[] | null;
  readonly format: ValueFormat;
  /** Equal for equal selections. */
  readonly selectionKey: string;
}

export interface LookupSelection {
  readonly plan: LookupPlan;
  readonly isStrict: boolean;
}

/** Plans kept per token: a company's applications ask for a handful of lists; beyond that they are compiled anew. */
const maxPlans = 200;
/** A longer list is compiled at each call: 200 x 4 kB of keys is the most a token holds. */
const maxKeyLength = 4_096;

const strictPattern = /(?:^|[,;\s])handling\s*=\s*"?strict"?\s*(?:$|[,;])/i;

export function planOf(
  caller: Caller,
  selection: FieldSelection,
  prefer: string | undefined,
): LookupSelection {
  const isStrict = prefer !== undefined && strictPattern.test(prefer);
  const known = caller.plans.get(selection.selectionKey);
  if (known !== undefined) return { plan: known, isStrict };
  const plan = compileLookupPlan({
    organization: caller.organization,
    allowedFields: caller.token.fields,
    fields: selection.fields,
    format: selection.format,
  });
  if (caller.plans.size >= maxPlans) caller.plans.clear();
  if (selection.selectionKey.length <= maxKeyLength) caller.plans.set(selection.selectionKey, plan);
  return { plan, isStrict };
}

/** The problem of a strict call that asked for what it cannot have, else `undefined`. */
export function unavailableFields({ plan, isStrict }: LookupSelection): Problem | undefined {
  if (!isStrict || plan.omissions.length === 0) return undefined;
  const omitted = plan.omissions.slice(0, maxOmittedNames).map(({ name, reason }) => ({
    name: name.slice(0, maxNameLength),
    reason,
  }));
  return {
    code: 'field_unavailable',
    detail:
      'Some requested fields are unavailable; "omitted" says which and why. Ask without them, or without Prefer: handling=strict.',
    members: { omitted, omitted_count: plan.omissions.length },
  };
}

/** The header lines that tell what was left out; empty when nothing was. */
export function selectionHead({ plan, isStrict }: LookupSelection): string {
  const applied = isStrict ? 'Preference-Applied: handling=strict\r\n' : '';
  if (plan.omissions.length === 0) return applied;
  return `${applied}Usher-Omitted: ${omittedValue(plan.omissions)}\r\n`;
}

/** Longer names are cut; no field has one. */
const maxNameLength = 64;

/** A structured-field list of strings with a reason each (RFC 9651). */
function omittedValue(omissions: readonly Omission[]): string {
  const items = omissions
    .slice(0, maxOmittedNames)
    .map(({ name, reason }) => `${structuredString(name)};reason=${reason}`);
  const more = omissions.length - items.length;
  return (more > 0 ? [...items, `"...";more=${more}`] : items).join(', ');
}

/** Strings of structured fields are printable ASCII; what is not becomes `?`. */
function structuredString(name: string): string {
  const printable = name.slice(0, maxNameLength).replace(/[^\x20-\x7e]/g, '?');
  return `"${printable.replace(/["\\]/g, '\\$&')}"`;
}
