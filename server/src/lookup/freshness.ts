/**
 * The age of an answer's values: which are withheld, and what is reported per field. Used only if
 * the caller asks for freshness, or if a dataset of the plan withholds old values.
 */
import type { MaxAge } from '../domain/dataset/dataset-definition.ts';
import type { Reach } from '../membership/compiled-definitions.ts';
import { readAmendments } from '../stores/amended-fields.ts';
import type { Amendment } from '../stores/privacy-answer.ts';
import { asOfAt, findSectionEntry } from '../stores/read-record.ts';
import { asOfOf } from '../stores/section-age.ts';
import type { LentBytes } from '../stores/store.ts';
import type { ComputedPlan } from './computed-plan.ts';
import type { LookupPlan } from './lookup-plan.ts';
import type { ValueTexts } from './value-texts.ts';

export type FreshnessStatus =
  | 'present'
  | 'implied'
  | 'null'
  | 'stale'
  | 'withheld'
  | 'amended'
  | 'approximate';

/** What is known about ages before the record is read. */
export interface AgeContext {
  readonly nowMs: number;
  /** When the dataset of each section of the plan was last synced; `undefined`: unknown. */
  readonly asOfMs: readonly (number | undefined)[];
}

export interface SectionAge {
  /** Milliseconds since the epoch; `undefined` when unknown. */
  readonly asOfMs: number | undefined;
  /** `approximate`: computed without a value that is withheld. */
  readonly verdict: 'fresh' | 'stale' | 'withheld' | 'amended' | 'approximate';
}

const fresh: SectionAge = { asOfMs: undefined, verdict: 'fresh' };

/**
 * The age of each slot's value, judged by its dataset, including those that rules read. Built-in
 * and computed fields are always fresh here, and what people amended is never too old.
 */
export function judgeAges(
  record: LentBytes,
  plan: Pick<LookupPlan, 'sections' | 'slotCount'>,
  context: AgeContext,
): readonly SectionAge[] {
  const ages: SectionAge[] = new Array(plan.slotCount).fill(fresh);
  for (const [place, section] of plan.sections.entries()) {
    const own = sectionAsOf(record, section.datasetId);
    const asOfMs = asOfOf(own ?? 0, context.asOfMs[place]);
    // A contact without pushed values has no value that could be old.
    const isEmpty = section.isPushed && asOfMs === undefined && own === undefined;
    const verdict = isEmpty ? 'fresh' : judgeAge(section.maxAge, asOfMs, context.nowMs);
    for (const slot of section.slots) ages[slot] = { asOfMs, verdict };
  }
  const amendments = readAmendments(record);
  if (amendments.length > 0) markAmended(ages, plan, amendments);
  return ages;
}

function markAmended(
  ages: SectionAge[],
  plan: Pick<LookupPlan, 'sections'>,
  amendments: readonly Amendment[],
): void {
  const amendedAtMs = new Map(amendments.map(({ fieldId, atMs }) => [fieldId, atMs]));
  for (const { fieldIds, slots } of plan.sections) {
    for (const [place, slot] of slots.entries()) {
      const asOfMs = amendedAtMs.get(fieldIds[place] ?? 0);
      if (asOfMs !== undefined) ages[slot] = { asOfMs, verdict: 'amended' };
    }
  }
}

/** An unknown age counts as too old. */
export function judgeAge(
  maxAge: MaxAge | null,
  asOfMs: number | undefined,
  nowMs: number,
): SectionAge['verdict'] {
  if (maxAge === null || maxAge.policy === 'serve') return 'fresh';
  if (asOfMs !== undefined && nowMs - asOfMs <= maxAge.ms) return 'fresh';
  return maxAge.policy === 'withhold' ? 'withheld' : 'stale';
}

/**
 * The time in the contact's section, the part of its record with the dataset's values. `undefined`:
 * there is no section.
 */
function sectionAsOf(record: LentBytes, datasetId: number): number | undefined {
  const entry = findSectionEntry(record, datasetId);
  return entry < 0 ? undefined : asOfAt(record, entry);
}

/** The texts of slots, with null for withheld ones. */
export function withholdValues(
  texts: ValueTexts,
  ages: readonly SectionAge[],
  { names }: LookupPlan,
): ValueTexts {
  const isWithheld = (slot: number) => ages[slot]?.verdict === 'withheld';
  if (!names.some((_, slot) => isWithheld(slot))) return texts;
  return names.map((_, slot) => (isWithheld(slot) ? 'null' : texts?.[slot]));
}

/** By input of rules: 1 if it is withheld. `undefined`: none is. */
export function withheldInputs(
  ages: readonly SectionAge[],
  { computed }: LookupPlan,
): Uint8Array | undefined {
  if (computed === null) return undefined;
  const withheld = computed.inputs.filter(
    ({ number }) => ages[computed.base + number]?.verdict === 'withheld',
  );
  if (withheld.length === 0) return undefined;
  const marks = new Uint8Array(computed.inputCount);
  for (const { number } of withheld) marks[number] = 1;
  return marks;
}

export interface Told {
  readonly plan: LookupPlan;
  readonly ages: readonly SectionAge[];
  /** Whether the slot has a value. */
  readonly isFilled: (slot: number) => boolean;
}

/** The JSON of the member `freshness`: one entry per field, in the order of the answer. */
export function tellFreshness({ plan, ages, isFilled }: Told): string {
  const ofComputed = computedAges(plan.computed, ages, isFilled);
  const entries = plan.slots.map(({ name, dataset, isNullImplied }, slot) => {
    const { asOfMs, verdict } = ofComputed.get(slot) ?? ages[slot] ?? fresh;
    const asOf = asOfMs === undefined ? 'null' : `"${new Date(asOfMs).toISOString()}"`;
    const status = statusOf(verdict, { isFilled: isFilled(slot), isNullImplied });
    const from = dataset === null ? 'null' : `"${dataset}"`;
    return `"${name}":{"dataset":${from},"as_of":${asOf},"status":"${status}"}`;
  });
  return `{${entries.join(',')}}`;
}

/** What is said of a value, in look-ups and explanations. */
export function statusOf(
  verdict: SectionAge['verdict'],
  { isFilled, isNullImplied }: { readonly isFilled: boolean; readonly isNullImplied: boolean },
): FreshnessStatus {
  if (verdict !== 'fresh') return verdict;
  if (isFilled) return 'present';
  return isNullImplied ? 'null' : 'implied';
}

/** The ages of what rules compute, by slot. */
function computedAges(
  computed: ComputedPlan | null,
  ages: readonly SectionAge[],
  isFilled: Told['isFilled'],
): ReadonlyMap<number, SectionAge> {
  if (computed === null) return new Map();
  const inputAge = (input: number): InputAge => {
    const slot = computed.base + input;
    return { ...(ages[slot] ?? fresh), isFilled: isFilled(slot) };
  };
  const slots = [...computed.fields, ...computed.lists];
  return new Map(slots.map(({ slot, reach }) => [slot, oldestAge(reach, inputAge)]));
}

export interface InputAge extends SectionAge {
  readonly isFilled: boolean;
}

/**
 * A value is as old as the oldest value that it was computed from.
 * @param reach what the value is computed from
 * @param inputAge the age of an input, by its number
 */
export function oldestAge(reach: Reach, inputAge: (input: number) => InputAge): SectionAge {
  const inputs = reach.inputs.map(inputAge);
  const verdicts = new Set(inputs.map(({ verdict }) => verdict));
  const stale = verdicts.has('stale') ? 'stale' : 'fresh';
  const verdict = verdicts.has('withheld') ? 'approximate' : stale;
  const isUnknown = inputs.some((input) => input.isFilled && input.asOfMs === undefined);
  const known = inputs.flatMap(({ asOfMs }) => asOfMs ?? []);
  const asOfMs = isUnknown || known.length === 0 ? undefined : Math.min(...known);
  return { asOfMs, verdict };
}
