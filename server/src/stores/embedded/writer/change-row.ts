/** Writes a row of a run or a push: what it claims, its section, and what follows from both. */
import type { SectionView } from '../../contact-codec.ts';
import { maxRecordBytes } from '../../limits.ts';
import { emptySection, mergeSections, recordRoom } from '../../merge-section.ts';
import { isSameSection } from '../../read-record.ts';
import { keepsAge } from '../../section-age.ts';
import type { KnownIdentity } from '../../store.ts';
import type { IdentityNode, NodeClaim, RowNode, StoredContact } from '../contacts/component.ts';
import type { StoredRowKind } from '../contacts/contact-list.ts';
import type { ComponentDecision } from '../contacts/decide-component.ts';
import type { StoredSection } from '../contacts/hidden-sections.ts';
import { withoutEmptyValues } from './add-contact.ts';
import type { AppliedChange, ChangeOrigin } from './applied-change.ts';
import { ComponentChange } from './component-change.ts';
import { findPatchedRow, isStrongerKey } from './find-patched-row.ts';
import { findRow } from './find-row.ts';
import { noteBefore } from './remove-row.ts';
import { storedSection } from './stored-section.ts';
import type { WriteSession } from './write-session.ts';

export interface GivenRow {
  readonly kind: 'replace' | 'patch' | 'identity';
  /** The row key first. */
  readonly identities: readonly KnownIdentity[];
  /** `undefined` if rows of the dataset have none. */
  readonly section: SectionView | undefined;
  /** Identity types that a patch lets go. */
  readonly cleared?: readonly number[];
}

export function changeRow(
  session: WriteSession,
  origin: ChangeOrigin,
  given: GivenRow,
): AppliedChange {
  const change = new ComponentChange(session, origin);
  const { component } = change;
  const nodes = [...new Set(given.identities.map((it) => component.node(it, it.value)))];
  const home = change.loadAlone(nodes);
  const isAlone = home !== undefined;
  if (!isAlone) component.gather();
  const found =
    given.kind === 'patch'
      ? findPatchedRow(session, change, origin, nodes)
      : findRow(change, origin, nodes[0] as IdentityNode);
  if (found === 'identity_shared') return { outcome: 'identity_shared' };
  const edit = editOf(session, origin, given, { nodes, row: found, rows: component.rows });
  if ('outcome' in edit) {
    const decision = isAlone || found === undefined ? undefined : change.noteUnchanged(found);
    return edit === unchanged ? decideAgain(change, home, decision) : edit;
  }
  const { row, claims, key, section, isSame } = edit;
  if (found === undefined) {
    origin.rollbackLog?.noteNewRow(key, section === undefined ? 'identity' : 'section');
  } else noteBefore(session, origin, found, { key, isSame });
  const isKnown = found !== undefined;
  if (isAlone && change.isInPlace(row, { claims, key, isKnown })) {
    setRow(row, edit, origin);
    if (section !== undefined) change.sections.set(row, section);
    if (!isKnown) change.addRow(row);
    const revision = change.writeInPlace(home);
    return { outcome: isSame ? 'unchanged' : 'changed', revision };
  }
  if (isAlone) component.gather();
  if (isKnown) change.noteReleased(row, claims, key);
  if (row.key !== key) change.renameRow(row, key);
  setRow(row, edit, origin);
  if (section !== undefined) change.sections.set(row, section);
  if (!isKnown) change.addRow(row);
  const { revision, isNew } = change.write(key);
  if (isSame) return { outcome: 'unchanged', revision };
  return { outcome: isNew && !isKnown ? 'added' : 'changed', revision };
}

/** The rules may have changed since the contact of an unchanged row was decided. */
function decideAgain(
  change: ComponentChange,
  home: StoredContact | undefined,
  decision: ComponentDecision | undefined,
): AppliedChange {
  if (home !== undefined && home.rows.length === 1) return unchanged;
  change.component.gather();
  return { outcome: 'unchanged', revision: change.write(undefined, decision).revision };
}

interface RowEdit {
  readonly row: RowNode;
  readonly claims: readonly NodeClaim[];
  readonly key: IdentityNode;
  readonly section: StoredSection | undefined;
  /** Whether the section stays. */
  readonly isSameSection: boolean;
  /** Whether the row says what it said before. */
  readonly isSame: boolean;
}

const rejected: AppliedChange = { outcome: 'value_invalid' };
const unchanged: AppliedChange = { outcome: 'unchanged' };

/** What the row is to become; or the outcome, if nothing is to be written. */
function editOf(
  session: WriteSession,
  origin: ChangeOrigin,
  given: GivenRow,
  {
    nodes,
    row: found,
    rows,
  }: {
    readonly nodes: readonly IdentityNode[];
    readonly row: RowNode | undefined;
    /** All rows of the component. */
    readonly rows: readonly RowNode[];
  },
): RowEdit | AppliedChange {
  const old = found && storedSection(session, origin.organizationId, found);
  if (old !== undefined && old.sourceVersion > origin.sourceVersion) return { outcome: 'stale' };
  const key = keyOf(session, origin, given, { nodes, row: found });
  const claims = claimsOf(origin, given, { nodes, row: found, key, rows });
  const view = sectionOf(session, given, old);
  if (view !== undefined && recordRoom(1, view.length) > maxRecordBytes) return rejected;
  const isSameView =
    view === undefined ? found !== undefined : old !== undefined && isSameSection(old.view, view);
  const areSame = found !== undefined && key === found.key && areSameClaims(found.claims, claims);
  const isSettled = found !== undefined && !found.isConverted && areSame && isSameView;
  const isAgeKept = old === undefined || (!keepsAge(old.asOfMs) && origin.asOfMs <= old.asOfMs);
  if (isSettled && isAgeKept && !hasNewValue(nodes)) return unchanged;
  const { sourceVersion } = origin;
  if (old?.sourceVersion === sourceVersion) return { outcome: 'identity_repeated' };
  const asOfMs = old !== undefined && isSameView && isAgeKept ? old.asOfMs : origin.asOfMs;
  return {
    row: found ?? newRow(origin, given.kind === 'identity' ? 'identity' : 'contact', key),
    ...{ claims, key, isSameSection: isSameView },
    section: view && { view, asOfMs, sourceVersion },
    isSame: isSameView && found !== undefined && areSameIdentities(found.claims, claims),
  };
}

export function newRow(
  { datasetId, version, isPush }: Pick<ChangeOrigin, 'datasetId' | 'version' | 'isPush'>,
  kind: StoredRowKind,
  key: IdentityNode,
): RowNode {
  return {
    ...{ datasetId, kind, key, claims: [], version, isPushed: isPush, isConverted: false },
    ...{ home: undefined, wasHidden: false, storedKey: key, stored: undefined },
  };
}

function setRow(row: RowNode, edit: RowEdit, { version, isPush }: ChangeOrigin): void {
  row.key = edit.key;
  row.claims = edit.claims;
  row.isPushed = isPush;
  row.isConverted = false;
  if (!edit.isSameSection) row.version = version;
}

function keyOf(
  session: WriteSession,
  origin: ChangeOrigin,
  { kind }: GivenRow,
  { nodes, row }: { readonly nodes: readonly IdentityNode[]; readonly row: RowNode | undefined },
): IdentityNode {
  const named = nodes[0] as IdentityNode;
  if (kind !== 'patch' || row === undefined) return named;
  return row.isConverted || isStrongerKey(session, origin, named, row.key) ? named : row.key;
}

function claimsOf(
  { version, isOfSnapshot, isPush }: ChangeOrigin,
  { kind, cleared = [] }: GivenRow,
  {
    nodes,
    row,
    key,
    rows,
  }: {
    readonly nodes: readonly IdentityNode[];
    readonly row: RowNode | undefined;
    readonly key: IdentityNode;
    readonly rows: readonly RowNode[];
  },
): readonly NodeClaim[] {
  const known = row?.claims ?? [];
  const named = nodes.map((node) => {
    // What a push names it claims anew, if others claim it or let it go: the last push has it.
    const isAnew = isPush && isContested(node, row, rows);
    const before = isAnew ? undefined : known.find((claim) => claim.node === node);
    return before ?? { node, since: version, isOfSnapshot };
  });
  if (kind === 'identity' && isPush) {
    // What pushes say of one person adds up.
    return [...known.filter(({ node }) => !nodes.includes(node)), ...named];
  }
  if (kind !== 'patch') return named;
  const types = new Set(nodes.map(({ typeId }) => typeId));
  // A row may claim several values of its key's type: the key is not replaced by another one.
  const kept = known.filter(
    ({ node }) =>
      !nodes.includes(node) &&
      (node === key || (!types.has(node.typeId) && !cleared.includes(node.typeId))),
  );
  return [...kept, ...named];
}

/** Whether a row besides this one claims the identity, or another one let it go. */
function isContested(
  node: IdentityNode,
  row: RowNode | undefined,
  rows: readonly RowNode[],
): boolean {
  if (node.isCrowded || node.isBeyond || node.links.brokenAt !== undefined) return true;
  return rows.some(
    (it) =>
      it !== row &&
      it.kind !== 'list' &&
      (it.key === node || it.claims.some((claim) => claim.node === node)),
  );
}

function sectionOf(
  session: WriteSession,
  { kind, section }: GivenRow,
  old: StoredSection | undefined,
): SectionView | undefined {
  if (section === undefined) return undefined;
  if (kind === 'replace') return withoutEmptyValues(session, section);
  return mergeSections(session.sectionScratch, old?.view ?? emptySection, section);
}

function areSameClaims(one: readonly NodeClaim[], other: readonly NodeClaim[]): boolean {
  return (
    one.length === other.length &&
    other.every((claim) =>
      one.some(
        ({ node, since, isOfSnapshot }) =>
          node === claim.node && since === claim.since && isOfSnapshot === claim.isOfSnapshot,
      ),
    )
  );
}

function areSameIdentities(one: readonly NodeClaim[], other: readonly NodeClaim[]): boolean {
  return (
    one.length === other.length &&
    other.every(({ node }) => one.some((claim) => claim.node === node))
  );
}

/** Whether the row gives the value of an identity that was known by its hash alone. */
function hasNewValue(nodes: readonly IdentityNode[]): boolean {
  return nodes.some(
    ({ value, entry }) => value !== '' && entry !== undefined && !entry.isValueKnown,
  );
}
