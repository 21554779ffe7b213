/**
 * How old the values of an answer are, and what that means: which of them are withheld, and what is
 * told of each field. It is asked only where a caller wants to know, or where a dataset of the plan
 * withholds old values; other look-ups pass it by.
 */
import type { MaxAge } from '../domain/dataset/dataset-definition.ts';
import { asOfAt, findSectionEntry } from '../stores/read-record.ts';
import { asOfOf } from '../stores/section-age.ts';
import type { LentBytes } from '../stores/store.ts';
import type { LookupPlan } from './lookup-plan.ts';

/** A later release may answer `approximate` for values that are computed; nothing is yet. */
type FreshnessStatus = 'present' | 'implied' | 'null' | 'stale' | 'withheld';

/** What is known of a dataset's age before the record is read. */
export interface AgeContext {
  readonly nowMs: number;
  /**
   * When each section's dataset was last brought in, in the order of the plan's sections;
   * `undefined`: not known.
   */
  readonly asOfMs: readonly (number | undefined)[];
}

interface SectionAge {
  /** Milliseconds since the epoch; `undefined`: there is no time to tell. */
  readonly asOfMs: number | undefined;
  readonly verdict: 'fresh' | 'stale' | 'withheld';
}

const fresh: SectionAge = { asOfMs: undefined, verdict: 'fresh' };

/** The age of each slot's value by the rules of its dataset; of built-in fields there is none. */
export function judgeAges(
  record: LentBytes,
  plan: LookupPlan,
  context: AgeContext,
): readonly SectionAge[] {
  const ages: SectionAge[] = new Array(plan.names.length).fill(fresh);
  for (const [place, section] of plan.sections.entries()) {
    const own = sectionAsOf(record, section.datasetId);
    const asOfMs = asOfOf(own ?? 0, context.asOfMs[place]);
    // A contact that nothing was ever pushed for has no value that could be old.
    const isEmpty = section.isPushed && asOfMs === undefined && own === undefined;
    const verdict = isEmpty ? 'fresh' : judge(section.maxAge, asOfMs, context.nowMs);
    for (const slot of section.slots) ages[slot] = { asOfMs, verdict };
  }
  return ages;
}

/** What may be too old and is of an age that nobody knows counts as too old. */
function judge(
  maxAge: MaxAge | null,
  asOfMs: number | undefined,
  nowMs: number,
): SectionAge['verdict'] {
  if (maxAge === null || maxAge.policy === 'serve') return 'fresh';
  if (asOfMs !== undefined && nowMs - asOfMs <= maxAge.ms) return 'fresh';
  return maxAge.policy === 'withhold' ? 'withheld' : 'stale';
}

/** `undefined`: the contact has no such section. */
function sectionAsOf(record: LentBytes, datasetId: number): number | undefined {
  const entry = findSectionEntry(record, datasetId);
  return entry < 0 ? undefined : asOfAt(record, entry);
}

/** The texts that stand for slots, with null for those that are withheld. */
export function withholdValues(
  texts: readonly (string | undefined)[] | undefined,
  ages: readonly SectionAge[],
): readonly (string | undefined)[] | undefined {
  if (!ages.some(({ verdict }) => verdict === 'withheld')) return texts;
  return ages.map(({ verdict }, slot) => (verdict === 'withheld' ? 'null' : texts?.[slot]));
}

export interface Told {
  readonly plan: LookupPlan;
  readonly ages: readonly SectionAge[];
  /** Whether each slot has a value of its own. */
  readonly filled: readonly boolean[];
}

/** The JSON of an answer's member `freshness`: an entry a field, in the order of the answer. */
export function tellFreshness({ plan, ages, filled }: Told): string {
  const entries = plan.slots.map(({ name, dataset, isNullImplied }, slot) => {
    const { asOfMs, verdict } = ages[slot] ?? fresh;
    const asOf = asOfMs === undefined ? 'null' : `"${new Date(asOfMs).toISOString()}"`;
    const missing: FreshnessStatus = isNullImplied ? 'null' : 'implied';
    const found: FreshnessStatus = filled[slot] === true ? 'present' : missing;
    const status: FreshnessStatus = verdict === 'fresh' ? found : verdict;
    const from = dataset === null ? 'null' : `"${dataset}"`;
    return `"${name}":{"dataset":${from},"as_of":${asOf},"status":"${status}"}`;
  });
  return `{${entries.join(',')}}`;
}
