/** Walks contacts to count those for which a rule is true: some drawn at random, or all of them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CompiledRule } from '../../membership/compiled-definitions.ts';
import type { ContactValues } from '../../membership/contact-values.ts';
import type { RecordEvaluator } from '../../membership/record-evaluator.ts';
import { RuleCounter, type RuleCounts } from '../../membership/rule-counter.ts';
import { contactIdText } from '../../stores/read-record.ts';
import type { ContactReader, LentContact } from '../../stores/store.ts';
import { drawnWindows } from '../contact/draw-windows.ts';
import { contactsPerPreviewStep, drawnContacts, drawWindows, maxDrawMs } from '../limits.ts';

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
  /** A random number from 0 to 1, without 1. */
  readonly random: () => number;
  readonly clock: () => number;
}

/** Draws contacts at random. Ends early if the disk is slow: each window is a sample of its own. */
export async function drawMembers(
  walk: PreviewWalk,
  options: DrawOptions,
): Promise<{ readonly counts: RuleCounts; readonly sample: readonly DrawnMember[] }> {
  const { reader, organizationId, evaluator, rule, total, stop } = walk;
  const { values, sampleSize, clock } = options;
  const counter = new RuleCounter(rule);
  const sample: DrawnMember[] = [];
  const parts = { memberships: evaluator.parts.memberships || values.parts.memberships };
  const untilMs = clock() + maxDrawMs;
  const share = Math.min(1, drawnContacts / Math.max(1, total));
  const draw = { share, parts: drawWindows };
  for (const { from, to } of drawnWindows(draw, options.random)) {
    stop.throwIfAborted();
    const range = { by: 'digest', typeIds: options.typeIds, from, to } as const;
    const asked = { organizationId, parts: { ...parts, identities: true }, range };
    await reader.walkContacts(asked, (contact) => {
      const isMember = isCounted(contact, evaluator, counter);
      if (isMember && sample.length < sampleSize) {
        const contactId = contactIdText(contact.record.bytes);
        sample.push({ contactId, values: values.read(contact) });
      }
      return isMember;
    });
    if (clock() > untilMs) break;
    await nextTurn();
  }
  return { counts: counter.counts(), sample };
}

/** Counts all contacts. What is written meanwhile may or may not be counted. */
export async function countMembers(
  walk: PreviewWalk,
  onProgress: (done: number) => void,
): Promise<RuleCounts> {
  const { reader, organizationId, evaluator, rule, stop } = walk;
  const counter = new RuleCounter(rule);
  let after: string | null = null;
  let done = 0;
  do {
    stop.throwIfAborted();
    const range = { by: 'id', after, limit: contactsPerPreviewStep } as const;
    const step: { readonly results: readonly boolean[]; readonly next: string | null } =
      await reader.walkContacts({ organizationId, parts: evaluator.parts, range }, (contact) =>
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
