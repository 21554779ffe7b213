/**
 * The plan for the requested fields. Omitted names are reported in `Usher-Omitted`, or as a problem
 * if the caller prefers strict handling (RFC 7240).
 */
import type { Problem } from '../../domain/problem.ts';
import {
  compileLookupPlan,
  type LookupPlan,
  type Omission,
  type ValueFormat,
} from '../../lookup/lookup-plan.ts';
import { type Caller, isProblem, type KeptPlans } from '../authenticate.ts';
import { invalidParameter } from '../call/read-query.ts';
import { maxOmittedNames, maxRequestedFields } from '../limits.ts';

export interface LookupSelection {
  readonly plan: LookupPlan;
  readonly isStrict: boolean;
}

/** Plans kept per token: applications use a handful of lists. Others are compiled each time. */
const maxPlans = 200;
/** Longer lists are not kept, so that a token holds at most 200 x 4 kB of keys. */
const maxKeyLength = 4_096;

const strictPattern = /(?:^|[,;\s])handling\s*=\s*"?strict"?\s*(?:$|[,;])/i;

/** The plan for a query, or the problem of its list or of strict handling. */
export function selectFields(
  caller: Caller,
  asked: { readonly fields: string | null; readonly format: ValueFormat },
  prefer: string | undefined,
): LookupSelection | Problem {
  const isStrict = prefer !== undefined && strictPattern.test(prefer);
  const kept = caller.plans[asked.format];
  const key = asked.fields ?? everything;
  // Callers repeat one list, and comparing with the last one costs less than hashing.
  const known = kept.lastKey === key ? kept.lastPlan : kept.byFields.get(key);
  if (known !== undefined) return checkStrict(remember(kept, key, known), isStrict);
  const plan = compileSelection(caller, asked.fields?.split(',') ?? null, asked.format);
  if (isProblem(plan)) return plan;
  return checkStrict(remember(kept, key, plan), isStrict);
}

/** Like `selectFields`, for a list of names. */
export function selectListedFields(
  caller: Caller,
  asked: { readonly fields: readonly string[] | null; readonly format: ValueFormat },
  prefer: string | undefined,
): LookupSelection | Problem {
  const { fields, format } = asked;
  if (fields?.length === 0) return invalidParameter('fields', 'is empty');
  // A name with a comma would be read as two names. No field has such a name; keep no plan for it.
  const isText = fields === null || !fields.some((it) => it.includes(','));
  if (isText) return selectFields(caller, { fields: fields?.join(',') ?? null, format }, prefer);
  const plan = compileSelection(caller, fields, format);
  return isProblem(plan) ? plan : checkStrict(plan, strictPattern.test(prefer ?? ''));
}

/** The key when no list is given. No list of names equals it. */
const everything = ' ';

function remember(kept: KeptPlans, key: string, plan: LookupPlan): LookupPlan {
  kept.lastKey = key;
  kept.lastPlan = plan;
  if (key.length > maxKeyLength || kept.byFields.has(key)) return plan;
  if (kept.byFields.size >= maxPlans) kept.byFields.clear();
  kept.byFields.set(key, plan);
  return plan;
}

function compileSelection(
  caller: Caller,
  fields: readonly string[] | null,
  format: ValueFormat,
): LookupPlan | Problem {
  if (fields !== null && fields.length > maxRequestedFields) {
    return invalidParameter('fields', `names more than ${maxRequestedFields} fields`);
  }
  if (fields?.includes('')) return invalidParameter('fields', 'has an empty name in it');
  const allowedFields = caller.token.fields;
  return compileLookupPlan({ organization: caller.organization, allowedFields, fields, format });
}

function checkStrict(plan: LookupPlan, isStrict: boolean): LookupSelection | Problem {
  if (!isStrict || plan.omissions.length === 0) return { plan, isStrict };
  const omitted = plan.omissions.slice(0, maxOmittedNames).map(({ name, reason }) => ({
    name: name.slice(0, maxNameLength),
    reason,
  }));
  return {
    code: 'field_unavailable',
    detail:
      'Some requested fields are unavailable; "omitted" says which and why. ' +
      'Ask without them, or without Prefer: handling=strict.',
    members: { omitted, omitted_count: plan.omissions.length },
  };
}

/** The header lines that report omitted names; empty without any. */
export function selectionHead({ plan, isStrict }: LookupSelection): string {
  const applied = isStrict ? 'Preference-Applied: handling=strict\r\n' : '';
  if (plan.omissions.length === 0) return applied;
  return `${applied}Usher-Omitted: ${omittedValue(plan.omissions)}\r\n`;
}

/** No field has a longer name. */
const maxNameLength = 64;

/** A structured-field list of strings, each with a reason (RFC 9651). */
function omittedValue(omissions: readonly Omission[]): string {
  const items = omissions
    .slice(0, maxOmittedNames)
    .map(({ name, reason }) => `${structuredString(name)};reason=${reason}`);
  const more = omissions.length - items.length;
  return (more > 0 ? [...items, `"...";more=${more}`] : items).join(', ');
}

/** Strings of structured fields are printable ASCII; other characters become `?`. */
function structuredString(name: string): string {
  const printable = name.slice(0, maxNameLength).replace(/[^\x20-\x7e]/g, '?');
  return `"${printable.replace(/["\\]/g, '\\$&')}"`;
}
