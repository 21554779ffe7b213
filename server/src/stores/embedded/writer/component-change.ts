/**
 * A component that a write changes: what it needs of the session, and where it notes what changed.
 */
import type { RollbackPlace } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import type { BatchEffects } from '../contacts/batch-effects.ts';
import {
  Component,
  type ComponentSource,
  type IdentityNode,
  type NodeClaim,
  type RowNode,
  type StoredContact,
} from '../contacts/component.ts';
import { type ComponentEdit, isRow } from '../contacts/component-work.ts';
import {
  type ComponentDecision,
  type DecisionContext,
  decideComponent,
  type JoinEvidence,
} from '../contacts/decide-component.ts';
import type { StoredSection } from '../contacts/hidden-sections.ts';
import { isOver, type JoinMemory } from '../contacts/identity-links.ts';
import { JoinLog, type LoggedClaim } from '../contacts/join-log.ts';
import { LinkBook } from '../contacts/link-book.ts';
import type { IdReturns } from '../contacts/pass-on-ids.ts';
import type { JoinNotes, RememberedJoin } from '../contacts/remember-joins.ts';
import {
  type WrittenComponent,
  writeComponent,
  writeInPlace,
} from '../contacts/write-component.ts';
import { metaKeys, readMeta } from '../meta.ts';
import { MemoryNotes } from '../rollback/memory-notes.ts';
import { waitedSince } from '../rollback/returned-ids.ts';
import type { NotedClaim } from '../rollback/rollback-entry.ts';
import type { NoteMark, RollbackLog } from '../rollback/rollback-log.ts';
import { storedSection } from './stored-section.ts';
import type { WriteSession } from './write-session.ts';

export interface ComponentChangeOptions {
  readonly organizationId: number;
  /** The version of the write: of its run, or of its push. */
  readonly version: bigint;
  readonly rollbackLog?: RollbackLog | undefined;
  /** Called for each mark of a list that goes with its contact. */
  readonly noteMark?: NoteMark | undefined;
  /** The dataset that is written; `undefined`: a person joins or parts contacts. */
  readonly datasetId?: number;
  readonly effects?: BatchEffects;
  /** The run that a rollback takes back. */
  readonly takesBack?: RollbackPlace;
}

export interface WrittenChange extends WrittenComponent {
  /** Whether the key's contact has only new rows. */
  readonly isNew: boolean;
}

export class ComponentChange {
  readonly component: Component;
  readonly book: LinkBook;
  readonly log: JoinLog;
  readonly sections = new Map<RowNode, StoredSection>();
  readonly #session: WriteSession;
  readonly #options: ComponentChangeOptions;
  /** Join memory that ended with the write. */
  readonly forgotten: RememberedJoin[] = [];
  readonly #removed: RowNode[] = [];
  readonly #renamed = new Map<IdentityNode, IdentityNode>();

  constructor(session: WriteSession, options: ComponentChangeOptions) {
    const { organizationId } = options;
    this.#session = session;
    this.#options = options;
    this.log = new JoinLog(session.environment.log, organizationId);
    this.component = new Component(sourceOf(session, organizationId, this.log));
    this.book = new LinkBook(this.component, session.environment);
  }

  rowOf(datasetId: number, key: IdentityNode): RowNode | undefined {
    return this.component.rows.find((row) => row.datasetId === datasetId && row.key === key);
  }

  /** Whether it counts that rows joined the keys. */
  remembers(one: IdentityNode, other: IdentityNode): boolean {
    const memory = this.book.memoryOf(one, other);
    const { isEnded, quietAt } = this.context();
    if (memory === undefined || isOver(memory, quietAt)) return false;
    return memory.pendingOn.every(isEnded);
  }

  addRow(row: RowNode): void {
    this.component.rows.push(row);
  }

  /** The row lets its identities go. */
  removeRow(row: RowNode): void {
    this.takeBackRow(row);
    this.noteReleased(row, [], row.key);
  }

  /** As if the row had never been there. */
  takeBackRow(row: RowNode): void {
    const { rows } = this.component;
    rows.splice(rows.indexOf(row), 1);
    this.#removed.push(row);
  }

  /** Gives a row its stronger key. What hangs on the key of before goes with it. */
  renameRow(row: RowNode, key: IdentityNode): void {
    const before = row.key;
    row.key = key;
    const isKeyStill = this.component.rows.some((it) => it.key === before && it.kind !== 'list');
    if (!isKeyStill) this.#renameKey(before, key);
  }

  /** Row keys that a stronger key replaced; the nodes of before. */
  #renameKey(from: IdentityNode, to: IdentityNode): void {
    this.#renamed.set(from, to);
    this.#session.amendments.pass(this.#options.organizationId, from, to);
    for (const { other, ...memory } of from.links.memory) {
      const that = this.component.node(other);
      this.book.memory(from, that, undefined);
      if (that === to) continue;
      this.log.renameJoin(memory.version, [from, that], [to, that]);
      const known = this.book.memoryOf(to, that);
      this.book.memory(to, that, known === undefined ? memory : olderJoin(known, memory));
    }
    for (const entry of from.links.merges) {
      const merge = this.component.merges.get(entry);
      this.book.merge(from, entry, false);
      if (merge === undefined) continue;
      this.book.merge(to, entry, true);
      const renamed = (it: IdentityKey) => (this.component.find(it) === from ? to : it);
      const both = ([one, other]: readonly [IdentityKey, IdentityKey]) =>
        [renamed(one), renamed(other)] as const;
      const [left, right] = merge.sides;
      const sides = [left.map(renamed), right.map(renamed)] as const;
      const after = { ...merge, keys: both(merge.keys), sides };
      this.component.merges.set(entry, after);
      this.log.put(entry, after);
    }
  }

  /** Notes that a row lets go what it claimed before and does not claim now. */
  noteReleased(row: RowNode, claimsNow: RowNode['claims'], keyNow: IdentityNode): void {
    const { version, rollbackLog } = this.#options;
    const kept = new Set(claimsNow.map(({ node }) => node));
    for (const { node } of row.claims) {
      if (kept.has(node) || node === keyNow) continue;
      const known = node.links.brokenAt;
      rollbackLog?.noteBreak(node, known);
      this.book.break(node, known !== undefined && known > version ? known : version);
    }
  }

  /** Reads the contact that an identity leads to, and nothing that is connected with it. */
  loadContact(node: IdentityNode): StoredContact | undefined {
    const { entry } = node;
    if (!entry?.isLeading) return undefined;
    node.contact ??= this.component.contactAt(entry.contactId);
    return node.contact;
  }

  /**
   * The contact that all known ones of these identities lead to, if no identity of it has links:
   * then nothing else is connected with it. `undefined` if not, or if there is none.
   */
  loadAlone(nodes: readonly IdentityNode[]): StoredContact | undefined {
    let home: StoredContact | undefined;
    for (const node of nodes) {
      if (node.entry === undefined) continue;
      if (node.entry.isLinked) return undefined;
      const contact = this.loadContact(node);
      if (contact === undefined || (home !== undefined && contact !== home)) return undefined;
      home = contact;
    }
    return home?.nodes.some(({ entry }) => entry === undefined || entry.isLinked)
      ? undefined
      : home;
  }

  /**
   * Whether the change of a row cannot change who answers, in a contact that is connected with
   * nothing else: its identities stay, or it is the contact's only row; or the row is new, and has
   * the key of all others.
   */
  isInPlace(
    row: RowNode,
    now: {
      readonly claims: RowNode['claims'];
      readonly key: IdentityNode;
      readonly isKnown: boolean;
    },
  ): boolean {
    if (row.kind === 'identity' || row.key !== now.key) return false;
    const rows = this.component.rows.filter(({ kind }) => kind !== 'list');
    if (now.isKnown) {
      const hasJoins = this.component.contacts.some(({ list }) => list.joins.length > 0);
      const isOnly = rows.length === 1 && this.component.rows.length === 1 && !hasJoins;
      const isSame = (one: RowNode['claims'], other: RowNode['claims']) =>
        one.every(({ node }) => other.some((claim) => claim.node === node));
      return isOnly || (isSame(row.claims, now.claims) && isSame(now.claims, row.claims));
    }
    const areKnown = now.claims.every(({ node }) => node.entry !== undefined);
    return (
      areKnown && rows.every(({ key, datasetId }) => key === now.key && datasetId !== row.datasetId)
    );
  }

  /** Writes one contact whose rows and identities stay together. */
  writeInPlace(contact: StoredContact): bigint | undefined {
    return writeInPlace(this.#session, this.#edit(0n), contact);
  }

  /** Decides again who answers, and writes what differs from before. */
  write(key?: IdentityNode, decided?: ComponentDecision): WrittenChange {
    const context = this.context();
    const decision = decided ?? decideComponent(this.component, context);
    this.#noteLostMarks(decision);
    this.#session.decidedRows += this.component.rows.length;
    const written = writeComponent(this.#session, this.#edit(context.quietAt), decision);
    this.#forgetApplied(written.unmarked);
    this.#session.joinedContacts += written.joined;
    this.#noteClaims(this.component.rows, written.decision, key);
    const group = key && written.decision.groupOf.get(key);
    const isNew = group?.rows.every(({ home }) => home === undefined) ?? false;
    return { ...written, isNew };
  }

  /**
   * Notes which claims of a row that stays as it is have no effect.
   * @returns who answers, if that was decided
   */
  noteUnchanged(row: RowNode): ComponentDecision | undefined {
    if (this.#options.effects === undefined) return undefined;
    const isRefused = ({ node }: NodeClaim) => node !== row.key && node.contact !== row.home;
    if (!row.claims.some(isRefused)) return undefined;
    const decision = decideComponent(this.component, this.context());
    this.#noteClaims([row], decision, row.key);
    return decision;
  }

  #noteClaims(
    rows: readonly RowNode[],
    decision: ComponentDecision,
    key: IdentityNode | undefined,
  ): void {
    const { effects, datasetId } = this.#options;
    const own = rows.filter((row) => row.datasetId === datasetId && row.kind !== 'list');
    effects?.noteClaims(own, decision);
    if (key !== undefined) effects?.noteRow(key);
  }

  #edit(quietAt: bigint): ComponentEdit {
    this.#noteValues();
    return {
      organizationId: this.#options.organizationId,
      component: this.component,
      book: this.book,
      sections: this.sections,
      removed: this.#removed,
      renamed: this.#renamed,
      returns: this.#returns(),
      effects: this.#options.effects,
      notes: this.#notes(quietAt),
    };
  }

  #returns(): IdReturns {
    const { rollbackLog, takesBack } = this.#options;
    const { rollback } = this.#session.environment;
    return {
      note: (id, sinceMs) => rollbackLog?.noteReturned(id, sinceMs),
      waitedSince: (id) => takesBack && waitedSince(rollback, takesBack, id),
    };
  }

  #noteLostMarks({ groupOf }: ComponentDecision): void {
    const { rollbackLog, noteMark, organizationId } = this.#options;
    if (rollbackLog === undefined && noteMark === undefined) return;
    for (const row of this.component.rows) {
      const isLost = row.kind === 'list' && !groupOf.get(row.key)?.rows.some(isRow);
      const section = isLost ? storedSection(this.#session, organizationId, row) : undefined;
      if (section === undefined) continue;
      rollbackLog?.noteMark(row, section);
      noteMark?.(row, section);
    }
  }

  /** Identities that were known by their hash alone, and whose value the run gives. */
  #noteValues(): void {
    const { rollbackLog } = this.#options;
    if (rollbackLog === undefined) return;
    for (const node of this.component.nodes) {
      const isNew = node.value !== '' && node.entry?.isValueKnown === false;
      if (isNew) rollbackLog.noteValued(node);
    }
  }

  context(): DecisionContext {
    const { organizationId } = this.#options;
    const { openRuns } = this.#session;
    const open = new Set(openRuns.of(organizationId).values());
    return {
      rules: this.#session.rules(organizationId),
      isEnded: (version) => !open.has(version),
      quietAt: openRuns.quietAt(organizationId),
    };
  }

  #notes(quietAt: bigint): JoinNotes {
    const { organizationId, version, rollbackLog } = this.#options;
    const open = this.#session.openRuns.of(organizationId);
    const openVersions = new Set(open.values());
    return {
      version,
      now: this.#session.lastVersion,
      quietAt,
      openVersion: (datasetId) => open.get(datasetId),
      hasOpenRuns: open.size > 0,
      hasOpenBefore: (it) => [...openVersions].some((one) => one < it),
      isOpen: (it) => openVersions.has(it),
      noteJoin: ({ keys, by, claims }, joinedBy) => {
        const isOwn = joinedBy === version && this.#options.datasetId !== undefined;
        const newest = isOwn ? this.#options.datasetId : newestOf(claims)?.row.datasetId;
        const datasetId = newest ?? 0;
        const atMs = this.#session.nowMs();
        const join = { kind: 'join', atMs, datasetId, keys, identity: by } as const;
        this.log.put(joinedBy, isOwn ? join : { ...join, said: saidBy(claims) });
      },
      noteUnfounded: ({ keys, version: joinedBy }) => this.log.removeJoin(joinedBy, keys),
      noteForgotten: (join) => {
        if (open.size === 0) this.forgotten.push(join);
        rollbackLog?.noteForgotten(join.keys, join.version);
      },
      noteRecovered: (join) => {
        // Only a run that began since the last quiet time can have parted the two.
        new MemoryNotes(this.#session.environment, organizationId, quietAt).forget(join);
      },
      noteBreak: (identity, before) => rollbackLog?.noteBreak(identity, before),
    };
  }

  /** A list that lost a mark must be read whole by its next run. */
  #forgetApplied(datasetIds: ReadonlySet<number>): void {
    const { meta } = this.#session.environment;
    const { organizationId } = this.#options;
    for (const datasetId of datasetIds) {
      const at = metaKeys.appliedRun({ organizationId, datasetId });
      if (readMeta(meta, at) !== undefined) meta.remove(at);
    }
  }
}

/** Of two joins that became one, the older: what the younger came from may be rolled back. */
function olderJoin<Join extends Omit<JoinMemory, 'other'>>(one: Join, other: Join): Join {
  if ((one.partedAt === 0n) !== (other.partedAt === 0n)) return one.partedAt === 0n ? one : other;
  return one.version < other.version ? one : other;
}

function saidBy(claims: JoinEvidence['claims']): LoggedClaim[] {
  return claims.map(({ row, since }) => ({ datasetId: row.datasetId, version: since }));
}

function newestOf<Said extends { readonly since: bigint }>(
  claims: readonly Said[],
): Said | undefined {
  return claims.reduce<Said | undefined>(
    (newest, it) => (newest === undefined || it.since > newest.since ? it : newest),
    undefined,
  );
}

function sourceOf(session: WriteSession, organizationId: number, log: JoinLog): ComponentSource {
  const { id, ids, link } = session.environment;
  return {
    ...{ organizationId, id, ids, link, cache: session.cache },
    identityKey: (organization, typeId, digest) =>
      session.identityKey(organization, typeId, digest),
    contactKey: (place) => session.contactKey(place),
    mergeAt: (entry) => log.mergeAt(entry),
  };
}

/** What the row claims, with the values that are stored: the change may know more. */
export function notedClaims({ claims }: Pick<RowNode, 'claims'>): NotedClaim[] {
  return claims.map(({ node: { typeId, digest, value, entry }, since, isOfSnapshot }) => {
    const stored = entry?.isValueKnown === false ? '' : value;
    return { typeId, digest, value: stored, since, isOfSnapshot };
  });
}
