/** The values of an answer that the record does not hold: memberships, and what rules compute. */
import { packedMembership } from '../domain/membership/membership.ts';
import { latin1Of } from '../membership/membership-answers.ts';
import type { LentBytes, LentContact } from '../stores/store.ts';
import type { ComputedPlan, ValueText } from './computed-plan.ts';
import { located } from './locate-values.ts';
import type { LookupPlan } from './lookup-plan.ts';

/**
 * By slot: latin1 text of UTF-8 bytes, or a list. Use them before the next contact, which fills
 * the same memory again. `undefined`: the record or the implied value counts.
 */
export type ValueTexts = readonly ValueText[] | undefined;

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** By input of rules: 1 if it is withheld. `undefined`: none is. */
  readonly withheld: Uint8Array | undefined;
}

/** Call `locateValues` first, with the same record and plan. */
export function valueTexts(contact: LentContact, plan: LookupPlan, moment: Moment): ValueTexts {
  const { computed } = plan;
  const recorded = membershipTexts(contact.memberships, plan);
  if (computed === null) return recorded;
  const texts = recorded ?? computed.texts;
  addComputed({ texts, contact, computed, renderers: plan.renderers }, moment);
  return texts;
}

/** By slot. A built-in field without records keeps its implied `[]`. */
function membershipTexts(packed: LentBytes | undefined, plan: LookupPlan): ValueText[] | undefined {
  if (packed === undefined) return undefined;
  const texts: ValueText[] = new Array(plan.names.length).fill(undefined);
  for (const { place, slot } of plan.memberships) {
    const text = packedMembership(packed.bytes, place);
    if (text !== '[]') texts[slot] = text;
  }
  return texts;
}

interface Addition extends Pick<LookupPlan, 'renderers'> {
  readonly texts: ValueText[];
  readonly contact: LentContact;
  readonly computed: ComputedPlan;
}

function addComputed({ texts, contact, computed, renderers }: Addition, moment: Moment): void {
  const { evaluation, base } = computed;
  const { starts, ends } = located;
  const { record, memberships, identities } = contact;
  const { bytes } = record;
  const { nowMs, withheld } = moment;
  const packed = memberships?.bytes;
  evaluation.begin({ bytes, memberships: packed, identities, starts, ends, base, nowMs, withheld });
  try {
    for (const { slot, readJson } of computed.fields) {
      const json = readJson(evaluation);
      const text = json === null ? undefined : latin1Of(json);
      texts[slot] = text && (renderers[slot]?.render(text) ?? text);
    }
    for (const { slot, answer } of computed.lists) texts[slot] = answer(evaluation);
  } finally {
    evaluation.end();
  }
}
