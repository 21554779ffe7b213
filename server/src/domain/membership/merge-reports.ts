/**
 * Applies reports to a contact's memberships, and rolls them back. For each flow and each segment,
 * the newest report counts. Campaigns that were received at different times are separate entries.
 * Repeating a report changes nothing, and the order of a run's reports does not matter. If a later
 * run of the same dataset reports the same time with other content, its report counts, as a
 * correction.
 */
import {
  type CampaignEntry,
  compareTimes,
  emptyLedger,
  type FlowEntry,
  type MembershipLedger,
  packLedger,
  type ReportOrigin,
  type SegmentEntry,
  unpackLedger,
} from './membership-ledger.ts';
import type { MembershipReport } from './membership-report.ts';

/**
 * The packed memberships after these reports; `undefined` if nothing changes.
 * @param packed the memberships before; `undefined`: none
 */
export function mergeReports(
  packed: Buffer | undefined,
  reports: readonly MembershipReport[],
  by: ReportOrigin,
): Buffer | undefined {
  const before = ledgerOf(packed);
  const entries = new LedgerEntries(before);
  let isChanged = false;
  for (const report of reports) isChanged = entries.report(entryOf(report, by)) || isChanged;
  if (!isChanged) return undefined;
  const after = packLedger(entries.ledger(before));
  // The reports may be older than everything that is kept.
  return after.equals(packLedger(before)) ? undefined : after;
}

/**
 * The packed memberships without a dataset's reports; `undefined` if nothing remains. Returns
 * `packed` itself if the dataset reported nothing.
 */
export function forgetReports(packed: Buffer, datasetId: number): Buffer | undefined {
  const now = ledgerOf(packed);
  const entries = new LedgerEntries(now);
  const count = entries.count;
  entries.forgetAll((by) => by?.datasetId === datasetId);
  if (entries.count === count) return packed;
  return isEmpty(entries, now) ? undefined : packLedger(entries.ledger(now));
}

function isEmpty(entries: LedgerEntries, { journeys }: MembershipLedger): boolean {
  return entries.count === 0 && journeys.length === 0;
}

/**
 * The packed memberships without a run's reports. Where one of them counted, the state before the
 * run counts again. `undefined` if nothing remains.
 * @param before the packed memberships before the run's first report of this contact
 * @param isForgotten which reports of other datasets must not come back
 */
export function rollBackReports(
  packed: Buffer | undefined,
  before: Buffer | undefined,
  by: ReportOrigin,
  isForgotten: (by: ReportOrigin) => boolean = () => false,
): Buffer | undefined {
  const now = ledgerOf(packed);
  const earlier = ledgerOf(before);
  const entries = new LedgerEntries(now);
  const { datasetId, sourceVersion } = by;
  entries.forgetAll((it) => it?.datasetId === datasetId && it.sourceVersion === sourceVersion);
  entries.addMissing(earlier);
  entries.forgetAll((it) => it !== null && it.datasetId !== datasetId && isForgotten(it));
  const after = packLedger(entries.ledger(now));
  if (after.equals(packLedger(earlier))) return before;
  return isEmpty(entries, now) ? undefined : after;
}

function ledgerOf(packed: Buffer | undefined): MembershipLedger {
  return (packed && unpackLedger(packed)) ?? emptyLedger;
}

type Entry = FlowEntry | SegmentEntry | CampaignEntry;

function entryOf({ kind, ...report }: MembershipReport, by: ReportOrigin): Entry {
  return { ...report, by } as Entry;
}

function keyOf(entry: Entry): string {
  if ('flowName' in entry) return `flow ${entry.flowId}`;
  if ('segment' in entry) return `segment ${typeof entry.segment} ${entry.segment}`;
  return `campaign ${entry.receivedAt} ${entry.campaignId}`;
}

class LedgerEntries {
  readonly #entries: Map<string, Entry>;

  constructor({ flows, segments, campaigns }: MembershipLedger) {
    this.#entries = new Map([...flows, ...segments, ...campaigns].map((it) => [keyOf(it), it]));
  }

  /** @returns `false` if the old entry stays */
  report(entry: Entry): boolean {
    const key = keyOf(entry);
    const old = this.#entries.get(key);
    if (old !== undefined && !wins(entry, old)) return false;
    this.#entries.set(key, entry);
    return true;
  }

  get count(): number {
    return this.#entries.size;
  }

  forgetAll(isTheirs: (by: ReportOrigin | null) => boolean): void {
    for (const [key, { by }] of this.#entries) if (isTheirs(by)) this.#entries.delete(key);
  }

  addMissing({ flows, segments, campaigns }: MembershipLedger): void {
    for (const entry of [...flows, ...segments, ...campaigns]) {
      const key = keyOf(entry);
      if (!this.#entries.has(key)) this.#entries.set(key, entry);
    }
  }

  ledger({ journeys }: MembershipLedger): MembershipLedger {
    const all = [...this.#entries.values()];
    return {
      flows: all.filter((it) => 'flowName' in it),
      segments: all.filter((it) => 'segment' in it),
      campaigns: all.filter((it) => 'campaignId' in it),
      journeys,
    };
  }
}

function wins(entry: Entry, old: Entry): boolean {
  const [content, oldContent] = [contentOf(entry), contentOf(old)];
  // A feed without times repeats its reports at each run.
  const isUndated = 'isDated' in entry && !entry.isDated;
  if (isUndated && content === oldContent) return false;
  const order = compareTimes(timeOf(entry), timeOf(old));
  if (order !== 0) return order > 0;
  if (content === oldContent) return false;
  if (isLaterRun(entry.by, old.by)) return true;
  const ended = Number(isEnded(entry)) - Number(isEnded(old));
  return ended === 0 ? content > oldContent : ended > 0;
}

function contentOf(entry: Entry): string {
  return JSON.stringify({ ...entry, at: null, isDated: null, by: null });
}

function timeOf(entry: Entry): string | null {
  return 'at' in entry ? entry.at : entry.receivedAt;
}

function isEnded(entry: Entry): boolean {
  return 'isMember' in entry && !entry.isMember;
}

/** Any report replaces an entry that was set directly. */
function isLaterRun(by: ReportOrigin | null, old: ReportOrigin | null): boolean {
  if (by === null || old === null) return old === null;
  return by.datasetId === old.datasetId && by.sourceVersion > old.sourceVersion;
}
