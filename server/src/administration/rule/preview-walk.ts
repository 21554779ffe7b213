/** Walks contacts to count those for which a rule is true: some drawn at random, or all of them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CompiledRule } from '../../membership/compiled-definitions.ts';
import type { ContactValues } from '../../membership/contact-values.ts';
import type { RecordEvaluator } from '../../membership/record-evaluator.ts';
import { RuleCounter, type RuleCounts } from '../../membership/rule-counter.ts';
import { isTooCostly } from '../../membership/rule-work.ts';
import { contactIdText } from '../../stores/read-record.ts';
import type { ContactReader, LentContact } from '../../stores/store.ts';
import { drawContacts } from '../contact/draw-contacts.ts';
import { stepEnd } from '../contact/step-end.ts';
import { contactsForEstimate, contactsPerPreviewStep } from '../limits.ts';

export interface PreviewWalk {
  readonly reader: Pick<ContactReader, 'walkContacts'>;
  readonly organizationId: number;
  readonly rule: CompiledRule;
  readonly evaluator: RecordEvaluator;
  /** Contacts of the organization. */
  readonly total: number;
  readonly stop: AbortSignal;
}

export interface DrawnMember {
  /** In hexadecimal. */
  readonly contactId: string;
  /** JSON. */
  readonly values: readonly string[];
}

export interface DrawOptions {
  readonly typeIds: readonly number[];
  /** What is read of members, and of how many at most. */
  readonly values: ContactValues;
  readonly sampleSize: number;
  /** Decides which contacts are drawn. */
  readonly seed: number;
}

/** Draws contacts at random. */
export async function drawMembers(
  walk: PreviewWalk,
  options: DrawOptions,
): Promise<{ readonly counts: RuleCounts; readonly sample: readonly DrawnMember[] }> {
  const { reader, organizationId, evaluator, rule, total, stop } = walk;
  const { typeIds, values, sampleSize, seed } = options;
  const counter = new RuleCounter(rule);
  const sample: DrawnMember[] = [];
  const draw = {
    ...{ organizationId, typeIds, stop },
    memberships: evaluator.parts.memberships || values.parts.memberships,
    sample: { seed, wanted: contactsForEstimate, contacts: total },
  };
  await drawContacts(reader, draw, (contact) => {
    const isMember = isCounted(contact, evaluator, counter);
    if (isMember && sample.length < sampleSize) sample.push(...shownMember(contact, values));
    return isMember;
  });
  return { counts: counter.counts(), sample };
}

/** None if a computed field takes too much work: the rule itself does not need it. */
function shownMember(contact: LentContact, values: ContactValues): DrawnMember[] {
  try {
    return [{ contactId: contactIdText(contact.record.bytes), values: values.read(contact) }];
  } catch (error) {
    if (isTooCostly(error)) return [];
    throw error;
  }
}

/** Counts all contacts. What is written meanwhile may or may not be counted. */
export async function countMembers(
  walk: PreviewWalk,
  onProgress: (done: number) => void,
): Promise<RuleCounts> {
  const { reader, organizationId, evaluator, rule, stop } = walk;
  const counter = new RuleCounter(rule);
  const walked = { organizationId, parts: evaluator.parts };
  let after: string | null = null;
  let done = 0;
  do {
    stop.throwIfAborted();
    const range = { by: 'id', after, limit: contactsPerPreviewStep } as const;
    const step: { readonly results: readonly boolean[]; readonly next: string | null } =
      await reader.walkContacts({ ...walked, range, isOver: stepEnd() }, (contact) =>
        isCounted(contact, evaluator, counter),
      );
    after = step.next;
    done += step.results.length;
    onProgress(done);
    await nextTurn();
  } while (after !== null);
  return counter.counts();
}

/** Whether the contact is a member. */
function isCounted(
  contact: LentContact,
  evaluator: RecordEvaluator,
  counter: RuleCounter,
): boolean {
  const evaluation = evaluator.begin(contact);
  try {
    return counter.count(evaluation);
  } finally {
    evaluation.end();
  }
}
