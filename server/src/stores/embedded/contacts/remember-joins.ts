/** Remembers what rows joined, and forgets what was parted, once a component is decided. */
import type { IdentityKey } from '../../store.ts';
import type { Component, IdentityNode } from './component.ts';
import type { ComponentDecision, JoinEvidence } from './decide-component.ts';
import { isLapsed, type JoinMemory } from './identity-links.ts';
import type { LinkBook } from './link-book.ts';

/** A pair of row keys and the version that joined them. */
export interface RememberedJoin {
  readonly keys: readonly [IdentityKey, IdentityKey];
  readonly version: bigint;
}

/** What the rules need to know of runs, and where it is noted what changed. */
export interface JoinNotes {
  /** The version of this write. */
  readonly version: bigint;
  /** The last version. */
  readonly now: bigint;
  readonly quietAt: bigint;
  /** The version of a dataset's unfinished run. */
  readonly openVersion: (datasetId: number) => bigint | undefined;
  readonly hasOpenRuns: boolean;
  /** Whether a run of an earlier version is unfinished. */
  readonly hasOpenBefore: (version: bigint) => boolean;
  /** Whether a run of this version is unfinished. */
  readonly isOpen: (version: bigint) => boolean;
  readonly noteJoin: (join: JoinEvidence, version: bigint) => void;
  /** What was joined for a moment was never a join. */
  readonly noteUnfounded: (join: RememberedJoin) => void;
  readonly noteForgotten: (join: RememberedJoin) => void;
  /** What was parted for a moment was never forgotten. */
  readonly noteRecovered: (join: RememberedJoin) => void;
  readonly noteBreak: (identity: IdentityNode, before: bigint | undefined) => void;
}

export function rememberJoins(
  component: Component,
  decision: ComponentDecision,
  book: LinkBook,
  notes: JoinNotes,
): void {
  const evident = new Set(decision.evidence.map(({ keys: [one, other] }) => pairName(one, other)));
  for (const node of component.nodes) {
    for (const memory of node.links.memory) {
      const other = component.find(memory.other);
      if (other !== undefined) reviewMemory({ decision, book, notes, evident }, node, other);
    }
  }
  for (const join of fewestOpenFirst(decision.evidence, notes)) {
    const [one, other] = join.keys;
    const known = book.memoryOf(one, other);
    if (known !== undefined && !isPending(known, notes)) continue;
    const version = known?.version ?? notes.version;
    const pendingOn = runsToWaitFor(join, version, notes);
    const isAsKnown = known?.partedAt === 0n && pendingOn.join() === known.pendingOn.join();
    if (!isAsKnown) {
      book.memory(one, other, { version, partedAt: 0n, pendingOn });
    }
    if (known === undefined) notes.noteJoin(join, version);
  }
  dropBreaks(component, book, notes);
}

/** One join for each pair of keys: the one that waits for the fewest runs. */
function fewestOpenFirst(evidence: readonly JoinEvidence[], notes: JoinNotes): JoinEvidence[] {
  if (evidence.length < 2) return [...evidence];
  const openOf = (join: JoinEvidence) => pendingRuns(join, notes.version, notes).length;
  const best = new Map<number, JoinEvidence>();
  for (const join of evidence) {
    const pair = pairName(...join.keys);
    const known = best.get(pair);
    if (known === undefined || openOf(join) < openOf(known)) best.set(pair, join);
  }
  return [...best.values()];
}

/** The unfinished runs that the join comes from: it is remembered once they have ended. */
function pendingRuns(
  { claims }: JoinEvidence,
  version: bigint,
  { openVersion, isOpen }: JoinNotes,
): bigint[] {
  const open = claims
    .filter(({ row, since }) => openVersion(row.datasetId) === since)
    .map(({ since }) => since);
  return [...new Set(isOpen(version) ? [version, ...open] : open)];
}

/** A join that waits for no other run waits for this one, whose next rows may part the two. */
function runsToWaitFor(join: JoinEvidence, version: bigint, notes: JoinNotes): bigint[] {
  const pending = pendingRuns(join, version, notes);
  return pending.length === 0 && notes.isOpen(notes.version) ? [notes.version] : pending;
}

/** Whether the join does not count yet. */
function isPending(memory: JoinMemory, { isOpen }: JoinNotes): boolean {
  return isLapsed(memory) || memory.pendingOn.some(isOpen);
}

interface Review {
  readonly decision: ComponentDecision;
  readonly book: LinkBook;
  readonly notes: JoinNotes;
  readonly evident: ReadonlySet<number>;
}

function reviewMemory(review: Review, one: IdentityNode, other: IdentityNode): void {
  const { decision, book, notes } = review;
  const memory = book.memoryOf(one, other);
  if (memory === undefined) return;
  if (isPending(memory, notes)) {
    reviewPending(review, [one, other], memory);
    return;
  }
  const isOver = memory.partedAt !== 0n && memory.partedAt <= notes.quietAt;
  const groups = [decision.groupOf.get(one), decision.groupOf.get(other)];
  // A key that is gone may return. But if it leads to another contact now, others contradict.
  const isParted =
    groups[0] !== groups[1] &&
    groups.every((group) => group?.rows.some(({ kind }) => kind !== 'list'));
  if (isOver) {
    book.memory(one, other, undefined);
    return;
  }
  if (isParted && memory.partedAt === 0n && memory.version !== notes.version) {
    notes.noteForgotten({ keys: [one, other], version: memory.version });
  }
  if (isParted && !notes.hasOpenRuns) {
    book.memory(one, other, undefined);
    return;
  }
  if (!isParted && memory.partedAt !== 0n) {
    notes.noteRecovered({ keys: [one, other], version: memory.version });
  }
  const partedAt = isParted ? memory.partedAt || notes.now : 0n;
  if (partedAt !== memory.partedAt) book.memory(one, other, { ...memory, partedAt, pendingOn: [] });
}

/**
 * A join that lapses in the midst of a run is as old as before if a later row of this run makes it
 * evident again. If it lapses in another way, it never was one.
 */
function reviewPending(
  { book, notes, evident }: Review,
  keys: readonly [IdentityNode, IdentityNode],
  memory: JoinMemory,
): void {
  const { version, isOpen } = notes;
  const isEvident = evident.has(pairName(...keys));
  const hasLapsed = isLapsed(memory);
  const isOver = hasLapsed
    ? memory.partedAt !== version
    : !isEvident && (memory.version === version || !isOpen(version));
  if (isOver) {
    notes.noteUnfounded({ keys, version: memory.version });
    book.memory(...keys, undefined);
  } else if (!isEvident && !hasLapsed) {
    const stillOpen = memory.pendingOn.filter(isOpen);
    book.memory(...keys, { ...memory, partedAt: version, pendingOn: stillOpen });
  }
}

/** The same for both orders of the two. */
function pairName(one: IdentityNode, other: IdentityNode): number {
  const [lower, upper] = one.place < other.place ? [one, other] : [other, one];
  return lower.place * 65_536 + upper.place;
}

/** A break ends when no claim is older than it, and none can come from an unfinished run. */
function dropBreaks({ nodes, rows }: Component, book: LinkBook, notes: JoinNotes): void {
  let oldest: ReadonlyMap<IdentityNode, bigint> | undefined;
  for (const node of nodes) {
    const { brokenAt } = node.links;
    if (brokenAt === undefined || node.isCrowded || notes.hasOpenBefore(brokenAt)) continue;
    oldest ??= oldestClaims(rows);
    const since = oldest.get(node);
    if (since !== undefined && since < brokenAt) continue;
    notes.noteBreak(node, brokenAt);
    book.break(node, undefined);
  }
}

/** Since when rows that are keyed by something else claim each identity. */
function oldestClaims(rows: Component['rows']): Map<IdentityNode, bigint> {
  const oldest = new Map<IdentityNode, bigint>();
  for (const { key, claims } of rows) {
    for (const { node, since } of claims) {
      const known = oldest.get(node);
      if (key !== node && (known === undefined || since < known)) oldest.set(node, since);
    }
  }
  return oldest;
}
