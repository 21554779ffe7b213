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
  /** The revision of this moment. */
  readonly now: bigint;
  readonly quietAt: bigint;
  /** The version of a dataset's unfinished run. */
  readonly openVersion: (datasetId: number) => bigint | undefined;
  readonly hasOpenRuns: boolean;
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
  const evident = new Set(decision.evidence.map(({ keys: [one, other] }) => pairName(component, one, other)));
  for (const node of component.nodes) {
    for (const memory of node.links.memory) {
      const other = component.find(memory.other);
      if (other !== undefined) reviewMemory({ component, decision, book, notes, evident }, node, other);
    }
  }
  for (const join of decision.evidence) {
    const [one, other] = join.keys;
    if (book.memoryOf(one, other) !== undefined) continue;
    const version = versionOf(join, notes);
    book.memory(one, other, { version, partedAt: 0n });
    notes.noteJoin(join, version);
  }
  dropBreaks(component, book, notes);
}

/** Joins by an unfinished run count once it has ended. */
function versionOf({ claims }: JoinEvidence, { version, openVersion }: JoinNotes): bigint {
  const open = claims
    .filter(({ row, since }) => openVersion(row.datasetId) === since)
    .map(({ since }) => since);
  return open.reduce((newest, since) => (since > newest ? since : newest), open[0] ?? version);
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
  const isPending = component.rows.some(
    ({ datasetId }) => notes.openVersion(datasetId) === memory.version,
  );
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
  if (isOver || (isParted && !notes.hasOpenRuns)) {
    book.memory(one, other, undefined);
    if (memory.version !== notes.version) {
      notes.noteForgotten({ keys: [one, other], version: memory.version });
    }
    return;
  }
  const partedAt = isParted ? memory.partedAt || notes.now : 0n;
  if (partedAt !== memory.partedAt) book.memory(one, other, { version: memory.version, partedAt });
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
