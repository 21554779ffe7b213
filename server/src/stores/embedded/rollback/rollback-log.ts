/**
 * Keeps the state of each contact before the run changed it. A run that cannot be rolled back has
 * no log.
 */
import { markOthers, type RecordView } from '../../read-record.ts';
import type { RollbackPlace } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import { asValue } from '../keyed-database.ts';
import type { WriteSession } from '../writer/write-session.ts';
import {
  type PreviousSection,
  packRollbackEntry,
  type RollbackEntry,
  rollbackKey,
  unpackRollbackEntry,
} from './rollback-entry.ts';
import { openRollbackRun, type StoredRollbackRun, saveRollbackRun } from './rollback-runs.ts';

/** The change that is about to be made to a contact. */
export interface NotedChange {
  readonly contactId: Uint8Array;
  /** The new record. */
  readonly record: RecordView;
  readonly isAdded: boolean;
  readonly added: readonly IdentityKey[];
  readonly valued: readonly IdentityKey[];
  /** The dataset's current section; `undefined`: there is none. */
  readonly section: PreviousSection | undefined;
}

export class RollbackLog {
  readonly #session: WriteSession;
  readonly #place: RollbackPlace;
  readonly #run: StoredRollbackRun;
  #touched = 0;
  #isSwept = false;

  constructor(session: WriteSession, place: RollbackPlace & { readonly runId: string }) {
    const now = { ms: session.nowMs(), revision: session.lastRevision };
    this.#session = session;
    this.#place = place;
    this.#run = openRollbackRun(session.environment.meta, place, now);
  }

  /**
   * Call it before the record is put. If the contact had no section, it may overwrite the bytes of
   * the last read.
   */
  noteSection(change: NotedChange): void {
    const { section, isAdded, added, valued } = change;
    const isNew = isAdded || added.length + valued.length === 0;
    if (this.#run.isFirst && section === undefined && isNew) {
      this.#touched += 1;
      this.#isSwept = true;
      return;
    }
    const before = { isReport: false, memberships: undefined };
    this.#put(change, before, section === undefined && !isAdded);
  }

  /** Overwrites the bytes of the last read. `memberships`: the contact's current ones, packed. */
  noteReport(change: NotedChange, memberships: Uint8Array | undefined): void {
    this.#put(change, { isReport: true, memberships }, true);
  }

  /** Stores how many contacts the run has changed. */
  save(): void {
    const contacts = this.#run.contacts + this.#touched;
    const isSwept = this.#run.isSwept || this.#isSwept;
    const run = { ...this.#run, contacts, isSwept };
    saveRollbackRun(this.#session.environment.meta, this.#place, run);
  }

  #put(
    change: NotedChange,
    before: Pick<RollbackEntry, 'isReport' | 'memberships'>,
    mayBeNoted: boolean,
  ): void {
    const { rollback } = this.#session.environment;
    const key = rollbackKey(this.#place, change.contactId);
    // Computed before the next read, which may overwrite the record's bytes.
    const othersMark = markOthers(change.record, this.#place.datasetId);
    const known = mayBeNoted ? rollback.getBinaryFast(key) : undefined;
    let entry: RollbackEntry = { ...change, ...before, othersMark };
    if (known !== undefined) {
      // The noted state stays, since it is from before the run. Only the lists of identities that
      // the run added or gave values can have grown.
      const noted = unpackRollbackEntry(known, rollback.lastSize);
      const added = [...noted.added, ...change.added];
      entry = { ...noted, added, valued: [...noted.valued, ...change.valued], othersMark };
    } else this.#touched += 1;
    const length = packRollbackEntry(this.#session.rollbackScratch, entry);
    rollback.put(key, asValue(this.#session.rollbackScratch.bytes, length));
  }
}
