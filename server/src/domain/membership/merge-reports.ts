/**
 * Applies reports to a contact's memberships, and rolls them back. For each flow, segment and
 * journey, the newest report counts. Campaigns that were received at different times are separate
 * entries. Reports that came by different keys are kept beside each other, and the answers show the
 * newest. Repeating a report changes nothing, and the order of a run's reports does not matter. If
 * a later run of the same dataset reports the same time with other content, its report counts, as a
 * correction.
 */
import {
  entriesOf,
  type LedgerEntry,
  ledgerWith,
  type MembershipLedger,
  membershipOf,
  type ReportOrigin,
  type ReportRun,
} from './ledger-entry.ts';
import { packLedger, readLedger } from './membership-ledger.ts';
import type { MembershipReport } from './membership-report.ts';
import { wins } from './winning-entry.ts';

/**
 * The packed memberships after these reports; `undefined` if nothing changes.
 * @param packed the memberships before; `undefined`: none
 * @param by its key is the row key that the reports came by, if the contact is joined
 */
export function mergeReports(
  packed: Buffer | undefined,
  reports: readonly MembershipReport[],
  by: ReportOrigin,
): Buffer | undefined {
  const before = readLedger(packed);
  const entries = new LedgerEntries(before);
  let isChanged = false;
  for (const report of reports) isChanged = entries.report(entryOf(report, by)) || isChanged;
  if (!isChanged) return undefined;
  const after = packLedger(entries.ledger);
  // The reports may be older than everything that is kept.
  return after.equals(packLedger(before)) ? undefined : after;
}

/**
 * The packed memberships without a dataset's reports; `undefined` if nothing remains. Returns
 * `packed` itself if the dataset reported nothing.
 */
export function forgetReports(packed: Buffer, datasetId: number): Buffer | undefined {
  const entries = new LedgerEntries(readLedger(packed));
  const count = entries.count;
  entries.forgetAll((by) => by?.datasetId === datasetId);
  if (entries.count === count) return packed;
  return entries.count === 0 ? undefined : packLedger(entries.ledger);
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
  by: ReportRun,
  isForgotten: (by: ReportRun) => boolean = () => false,
): Buffer | undefined {
  const earlier = readLedger(before);
  const entries = new LedgerEntries(readLedger(packed));
  const { datasetId, sourceVersion } = by;
  const isOfRun = (it: ReportRun | null) =>
    it?.datasetId === datasetId && it.sourceVersion === sourceVersion;
  entries.forgetAll(isOfRun);
  entries.addMissing(earlier);
  // Another row of the contact may have reported in the same run before this state was noted.
  entries.forgetAll(isOfRun);
  entries.forgetAll((it) => it !== null && it.datasetId !== datasetId && isForgotten(it));
  const after = packLedger(entries.ledger);
  if (after.equals(packLedger(earlier))) return before;
  return entries.count === 0 ? undefined : after;
}

function entryOf({ kind, ...report }: MembershipReport, { key, ...by }: ReportOrigin): LedgerEntry {
  return { ...report, by, key } as LedgerEntry;
}

function placeOf(entry: LedgerEntry): string {
  return `${entry.key} ${membershipOf(entry)}`;
}

class LedgerEntries {
  readonly #entries: Map<string, LedgerEntry>;

  constructor(ledger: MembershipLedger) {
    this.#entries = new Map(entriesOf(ledger).map((it) => [placeOf(it), it]));
  }

  /** @returns `false` if the old entry stays */
  report(entry: LedgerEntry): boolean {
    const place = placeOf(entry);
    const old = this.#entries.get(place);
    if (old !== undefined && !wins(entry, old)) return false;
    this.#entries.set(place, entry);
    return true;
  }

  get count(): number {
    return this.#entries.size;
  }

  forgetAll(isTheirs: (by: ReportRun | null) => boolean): void {
    for (const [place, { by }] of this.#entries) if (isTheirs(by)) this.#entries.delete(place);
  }

  addMissing(ledger: MembershipLedger): void {
    for (const entry of entriesOf(ledger)) {
      const place = placeOf(entry);
      if (!this.#entries.has(place)) this.#entries.set(place, entry);
    }
  }

  get ledger(): MembershipLedger {
    return ledgerWith([...this.#entries.values()]);
  }
}
