/**
 * A decided component while it is written: the contacts that it becomes, and the sections of its
 * rows.
 */
import type { IdentityRules } from '../../../domain/contact/identity-rules.ts';
import { compareStrength } from '../../../domain/contact/identity-strength.ts';
import type { RecordView } from '../../read-record.ts';
import { storedRecord, storedSection } from '../writer/stored-section.ts';
import type { WriteSession } from '../writer/write-session.ts';
import type { BatchEffects } from './batch-effects.ts';
import type { Component, IdentityNode, RowNode, StoredContact } from './component.ts';
import type { ComponentDecision, Group } from './decide-component.ts';
import type { StoredSection } from './hidden-sections.ts';
import type { LinkBook } from './link-book.ts';
import type { FoundedId, IdReturns } from './pass-on-ids.ts';
import type { JoinNotes } from './remember-joins.ts';

export interface ComponentEdit {
  readonly organizationId: number;
  readonly component: Component;
  /** New sections of rows. */
  readonly sections: ReadonlyMap<RowNode, StoredSection>;
  /** Rows that are no longer in the component. */
  readonly removed: readonly RowNode[];
  /** Row keys that a stronger key replaces. */
  readonly renamed: ReadonlyMap<IdentityNode, IdentityNode>;
  readonly returns: IdReturns;
  readonly book: LinkBook;
  readonly notes: JoinNotes;
  /** `undefined` if nobody asks what the write does to people. */
  readonly effects: BatchEffects | undefined;
}

/** A contact as it is to be stored. */
export interface ComponentContact {
  readonly contactId: Uint8Array;
  /** What is stored under its id. */
  readonly known: StoredContact | undefined;
  /** Its ids, the one that answers first. */
  readonly ids: readonly FoundedId[];
  readonly group: Group;
  /** By dataset: the row that answers. */
  readonly answering: ReadonlyMap<number, RowNode>;
}

export class ComponentWork {
  readonly session: WriteSession;
  readonly edit: ComponentEdit;
  readonly rules: IdentityRules;
  readonly decision: ComponentDecision;
  readonly #sections = new Map<RowNode, StoredSection | undefined>();

  constructor(session: WriteSession, edit: ComponentEdit, decision: ComponentDecision) {
    this.session = session;
    this.edit = edit;
    this.rules = session.rules(edit.organizationId);
    this.decision = decision;
  }

  /** Reads what is stored of contacts that change, before anything is written over it. */
  readStored(contacts: readonly ComponentContact[]): void {
    for (const { known, group } of contacts) {
      if (known !== undefined) this.recordOf(known);
      for (const row of group.rows) this.sectionOf(row);
    }
  }

  /** Of each dataset the newest row answers; at a tie the one with the stronger key. */
  answeringRows({ rows }: Group): ReadonlyMap<number, RowNode> {
    const answering = new Map<number, RowNode>();
    for (const row of rows) {
      if (!hasSection(row)) continue;
      const known = answering.get(row.datasetId);
      if (known === undefined || this.#comesBefore(row, known)) answering.set(row.datasetId, row);
    }
    return answering;
  }

  #comesBefore(row: RowNode, known: RowNode): boolean {
    if (row.version !== known.version) return row.version > known.version;
    return compareStrength(this.rules, row.key, known.key) < 0;
  }

  /** The section of a row, as it is to be stored. */
  sectionOf(row: RowNode): StoredSection | undefined {
    const edited = this.edit.sections.get(row);
    if (edited !== undefined) return edited;
    if (this.#sections.has(row)) return this.#sections.get(row);
    const section = storedSection(this.session, this.edit.organizationId, row);
    this.#sections.set(row, section);
    return section;
  }

  recordOf(contact: StoredContact): RecordView | undefined {
    return storedRecord(this.session, this.edit.organizationId, contact);
  }

  placeOf(contactId: Uint8Array) {
    return { organizationId: this.edit.organizationId, contactId };
  }
}

/** Marks of lists are no rows: they claim nothing. */
export function isRow({ kind }: RowNode): boolean {
  return kind !== 'list';
}

export function hasSection({ kind }: RowNode): boolean {
  return kind === 'contact' || kind === 'list';
}
