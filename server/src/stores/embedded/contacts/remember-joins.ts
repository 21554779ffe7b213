/** Remembers what rows joined, and forgets what was parted, once a component is decided. */
import type { IdentityKey } from '../../store.ts';
import type { Component, IdentityNode } from './component.ts';
import type { ComponentDecision, JoinEvidence } from './decide-component.ts';
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
  /** Whether a run of this version is unfinished. */
  readonly isOpen: (version: bigint) => boolean;
  readonly noteJoin: (join: JoinEvidence, version: bigint) => void;
  readonly noteForgotten: (join: RememberedJoin) => void;
  readonly noteBreak: (identity: IdentityNode, before: bigint | undefined) => void;
}

export function rememberJoins(
  component: Component,
  decision: ComponentDecision,
  book: LinkBook,
  notes: JoinNotes,
): void {
  const evident = new Set(
    decision.evidence.map(({ keys: [one, other] }) => pairName(component, one, other)),
  );
  for (const node of component.nodes) {
    for (const memory of node.links.memory) {
      const other = component.find(memory.other);
      if (other !== undefined)
        reviewMemory({ component, decision, book, notes, evident }, node, other);
    }
  }
  for (const join of fewestOpenFirst(decision.evidence, notes)) {
    const [one, other] = join.keys;
    const known = book.memoryOf(one, other);
    if (known !== undefined && !known.pendingOn.some(notes.isOpen)) continue;
    const version = known?.version ?? notes.version;
    const pendingOn = pendingRuns(join, version, notes);
    if (known === undefined || pendingOn.join() !== known.pendingOn.join()) {
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
  const sorted = [...evidence].sort((one, other) => openOf(one) - openOf(other));
  return sorted.filter(
    (join, place) => sorted.findIndex((it) => isSamePair(it.keys, join.keys)) === place,
  );
}

type Keys = JoinEvidence['keys'];

function isSamePair([one, other]: Keys, [left, right]: Keys): boolean {
  return (one === left && other === right) || (one === right && other === left);
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

interface Review {
  readonly component: Component;
  readonly decision: ComponentDecision;
  readonly book: LinkBook;
  readonly notes: JoinNotes;
  readonly evident: ReadonlySet<string>;
}

function reviewMemory(review: Review, one: IdentityNode, other: IdentityNode): void {
  const { component, decision, book, notes, evident } = review;
  const memory = book.memoryOf(one, other);
  if (memory === undefined) return;
  const isPending = memory.pendingOn.some(notes.isOpen);
  // Evidence of an unfinished run that is gone was never a join.
  if (isPending && !evident.has(pairName(component, one, other))) {
    book.memory(one, other, undefined);
    return;
  }
  const isOver = memory.partedAt !== 0n && memory.partedAt <= notes.quietAt;
  const isParted =
    decision.groupOf.get(one) !== decision.groupOf.get(other) &&
    isKey(component, one) &&
    isKey(component, other);
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
  const partedAt = isParted ? memory.partedAt || notes.now : 0n;
  if (partedAt !== memory.partedAt) book.memory(one, other, { ...memory, partedAt });
}

function isKey({ rows }: Component, node: IdentityNode): boolean {
  return rows.some(({ key, kind }) => key === node && kind !== 'list');
}

function pairName({ nodes }: Component, one: IdentityNode, other: IdentityNode): string {
  const [a, b] = [nodes.indexOf(one), nodes.indexOf(other)];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** A break ends when no claim is older than it. */
function dropBreaks({ nodes, rows }: Component, book: LinkBook, notes: JoinNotes): void {
  for (const node of nodes) {
    const { brokenAt } = node.links;
    if (brokenAt === undefined || node.isCrowded) continue;
    const isOlder = rows.some(
      ({ key, claims }) =>
        key !== node && claims.some((claim) => claim.node === node && claim.since < brokenAt),
    );
    if (isOlder) continue;
    notes.noteBreak(node, brokenAt);
    book.break(node, undefined);
  }
}
