/** Decides which of several entries of one membership counts. */
import {
  compareTexts,
  compareTimes,
  type LedgerEntry,
  type ReportRun,
  timeOf,
} from './ledger-entry.ts';

/** Whether a new entry replaces the old entry of the same membership. */
export function wins(entry: LedgerEntry, old: LedgerEntry): boolean {
  const [content, oldContent] = [contentOf(entry), contentOf(old)];
  // A feed without times repeats its reports at each run.
  const isUndated = 'isDated' in entry && !entry.isDated;
  if (isUndated && content === oldContent) return false;
  const order = compareTimes(timeOf(entry), timeOf(old));
  if (order !== 0) return order > 0;
  if (content === oldContent) return false;
  if (isLaterRun(runOf(entry), runOf(old))) return true;
  const ended = Number(isEnded(entry)) - Number(isEnded(old));
  return ended === 0 ? content > oldContent : ended > 0;
}

function contentOf(entry: LedgerEntry): string {
  return JSON.stringify({ ...entry, at: null, isDated: null, by: null, key: null });
}

function runOf(entry: LedgerEntry): ReportRun | null {
  return entry.by;
}

function isEnded(entry: LedgerEntry): boolean {
  return 'isMember' in entry && !entry.isMember;
}

/** Any report replaces an entry that was set directly. */
function isLaterRun(by: ReportRun | null, old: ReportRun | null): boolean {
  if (by === null || old === null) return old === null;
  return by.datasetId === old.datasetId && by.sourceVersion > old.sourceVersion;
}

export interface Rival<Entry> {
  readonly entry: Entry;
  /** Entries of one group compete. */
  readonly group: string;
  /** Entries of one source do not compete with each other. */
  readonly source: string;
}

/**
 * Of each group, the entries of the source that has the winning entry, in the given order. The
 * result does not depend on that order, nor on the entries' keys.
 */
export function winningEntries<Entry extends LedgerEntry>(
  rivals: readonly Rival<Entry>[],
): readonly Entry[] {
  const winners = new Map<string, Rival<Entry>>();
  for (const rival of rivals.toSorted((a, b) => compareAge(a.entry, b.entry))) {
    const old = winners.get(rival.group);
    if (old === undefined || wins(rival.entry, old.entry)) winners.set(rival.group, rival);
  }
  return rivals
    .filter(({ group, source }) => winners.get(group)?.source === source)
    .map(({ entry }) => entry);
}

/** Oldest first, as reports usually arrive: a correction comes after what it corrects. */
function compareAge(one: LedgerEntry, other: LedgerEntry): number {
  const order = compareTimes(timeOf(one), timeOf(other));
  return order || compareRuns(one, other) || compareTexts(contentOf(one), contentOf(other));
}

function compareRuns(one: LedgerEntry, other: LedgerEntry): number {
  const [by, otherBy] = [runOf(one), runOf(other)];
  if (by === null || otherBy === null) return Number(by !== null) - Number(otherBy !== null);
  return (
    by.datasetId - otherBy.datasetId ||
    Number(by.sourceVersion > otherBy.sourceVersion) -
      Number(by.sourceVersion < otherBy.sourceVersion)
  );
}
