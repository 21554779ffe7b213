/** What HTTP notes in the access log: who looks, and the look-ups that were answered. */
import {
  type AccessLooker,
  type AccessNotes,
  type AccessOutcome,
  type AccessWay,
  fieldSetText,
} from '../access/access-entry.ts';
import { maxActorLength } from '../access/limits.ts';
import { builtInFieldId, isBuiltInFieldName } from '../domain/contact/field.ts';
import type { Problem } from '../domain/problem.ts';
import type { LookupPlan } from '../lookup/lookup-plan.ts';
import type { IdWords } from '../stores/read-record.ts';
import { idWords } from '../stores/read-record.ts';
import type { IdentityKey } from '../stores/store.ts';
import type { Caller } from './authenticate.ts';

/** Who calls: the caller, and what the request says of them. */
export interface CallOrigin {
  /** The header `Usher-Actor`. */
  readonly actor: string | undefined;
  readonly address: string;
}

const actorPattern = /^[\x20-\x7e]+$/;

/** What is wrong with the header `Usher-Actor`. Checked before anything else of a call. */
export function actorProblem(actor: string | undefined): Problem | undefined {
  if (actor === undefined) return undefined;
  if (actor.length <= maxActorLength && actorPattern.test(actor)) return undefined;
  return {
    code: 'parameter_invalid',
    detail: `The header Usher-Actor must have 1 to ${maxActorLength} printable ASCII characters.`,
    members: { parameter: 'Usher-Actor' },
  };
}

/** Why a look at contacts is refused; `undefined`: it may be answered. */
export function accessProblem(access: AccessNotes, looks: number): Problem | undefined {
  if (access.admits(looks)) return undefined;
  return {
    code: 'access_log_unavailable',
    detail:
      'The access log cannot be written, and this server answers no look-up without it. Try again soon; the operator sees the reason in the log of the server.',
    retryAfterSeconds: 1,
  };
}

export function lookerOf(caller: Caller, { actor, address }: CallOrigin): AccessLooker {
  return { who: caller.looker, actor, address };
}

/** What was asked for. */
export interface AskedLook {
  readonly plan: LookupPlan;
  readonly identity: IdentityKey;
  readonly way: AccessWay;
  readonly nowMs: number;
}

/** Notes the look-up of one identity. @param found the contact's id; `undefined`: none was found */
export function noteLook(
  access: AccessNotes,
  { caller, looker }: { readonly caller: Caller; readonly looker: AccessLooker },
  noted: {
    readonly look: AskedLook;
    readonly found: IdWords | undefined;
    readonly outcome: AccessOutcome;
  },
): void {
  const { look, found, outcome } = noted;
  const { identity, nowMs, way } = look;
  const organizationId = caller.organization.organization.id;
  const subject =
    found === undefined
      ? { organizationId, typeId: identity.typeId, words: idWords(identity.digest) }
      : { organizationId, typeId: 0, words: found };
  const fields = fieldsOfPlan(look.plan);
  access.note(looker, subject, { atMs: nowMs, way, outcome, fields, remark: '' });
}

/** A plan always names the same fields. */
const fieldTexts = new WeakMap<LookupPlan, string>();
let lastPlan: LookupPlan | undefined;
let lastText = '';

function fieldsOfPlan(plan: LookupPlan): string {
  // Callers repeat one list, and comparing costs less than finding.
  if (plan === lastPlan) return lastText;
  let text = fieldTexts.get(plan);
  if (text === undefined) {
    text = fieldSetText(fieldIdsOf(plan));
    fieldTexts.set(plan, text);
  }
  lastPlan = plan;
  lastText = text;
  return text;
}

function fieldIdsOf({ slots }: LookupPlan): number[] {
  return slots.flatMap(({ name, fieldId }) => {
    if (fieldId !== null) return [fieldId];
    return isBuiltInFieldName(name) ? [builtInFieldId(name)] : [];
  });
}
