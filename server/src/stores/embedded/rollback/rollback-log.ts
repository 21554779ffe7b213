/**
 * Keeps the state of each row before the run changed it, and of breaks and join memory. A run that
 * cannot be rolled back has no log.
 */
import type { RollbackPlace } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import type { RowNode } from '../contacts/component.ts';
import type { StoredSection } from '../contacts/hidden-sections.ts';
import type { CountedMoves } from '../contacts/identity-links.ts';
import { asValue, type KeyedDatabase, putNew } from '../keyed-database.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { type ReturnedId, returnedKey } from './returned-ids.ts';
import {
  type NotedRow,
  packRollbackEntry,
  type RollbackEntry,
  rollbackKey,
  unpackRollbackEntry,
} from './rollback-entry.ts';
import { openRollbackRun, type StoredRollbackRun, saveRollbackRun } from './rollback-runs.ts';

/** The change that is about to be made to a row. */
export interface NotedChange {
  readonly key: IdentityKey;
  /** `undefined` if the row is new. */
  readonly before: NotedRow | undefined;
  /** Whether the row goes. */
  readonly isGone: boolean;
  /** Whether the row only gets another age. */
  readonly isSame?: boolean;
  /** For a report: what the row had reported before, packed, or `none`. */
  readonly memberships?: Uint8Array | 'none';
}

export type NoteMark = (row: RowNode, section: StoredSection) => void;

export class RollbackLog {
  readonly #session: WriteSession;
  readonly #place: RollbackPlace;
  readonly #run: StoredRollbackRun;
  #touched = 0;
  #isSwept = false;
  #hasValued: boolean;
  #hasOnlyAges: boolean;

  constructor(
    session: WriteSession,
    place: RollbackPlace & { readonly runId: string; readonly version: bigint },
  ) {
    const now = { ms: session.nowMs(), revision: session.lastRevision };
    this.#session = session;
    this.#place = place;
    this.#run = openRollbackRun(session.environment.meta, place, now);
    this.#hasValued = this.#run.hasValued ?? false;
    this.#hasOnlyAges = this.#run.hasOnlyAges ?? false;
  }

  /** A new row. A dataset's first run needs no entries for these: its rows are found by version. */
  noteNewRow(key: IdentityKey, kind: 'section' | 'identity'): void {
    // Rows of identities have no sections, which would say that it is not the first run.
    const isFirst = this.#run.isFirst && (kind === 'section' || this.#run.before === null);
    if (!isFirst) {
      this.noteRow({ key, before: undefined, isGone: false });
      return;
    }
    this.#hasOnlyAges = false;
    this.#touched += 1;
    this.#isSwept = true;
  }

  /** Overwrites the bytes of the last read. */
  noteRow({ key, isGone, isSame = false, memberships, ...change }: NotedChange): void {
    this.#hasOnlyAges &&= isSame;
    const { rollback } = this.#session.environment;
    const before = this.#withoutOwnValues(change.before);
    const at = rollbackKey(this.#place, 'row', key);
    const entry = {
      before,
      isGone,
      isReport: memberships !== undefined,
      memberships: memberships === 'none' ? undefined : memberships,
    };
    if (putNew(rollback, at, this.#pack(entry))) {
      this.#touched += 1;
      return;
    }
    const found = rollback.getBinaryFast(at) as Buffer;
    // The noted state stays, since it is from before the run.
    const noted = unpackRollbackEntry(found, rollback.lastSize);
    const claims = noted.before?.claims ?? before?.claims;
    const first = noted.before && { ...noted.before, claims };
    rollback.put(at, this.#pack({ ...noted, before: first, isGone }));
  }

  #pack(entry: RollbackEntry): Uint8Array {
    const { rollbackScratch } = this.#session;
    const length = packRollbackEntry(rollbackScratch, entry);
    return asValue(rollbackScratch.bytes, length);
  }

  /** Values that the run gave were not there before. */
  #withoutOwnValues(before: NotedRow | undefined): NotedRow | undefined {
    if (!this.#hasValued || before?.claims === undefined) return before;
    const { rollback } = this.#session.environment;
    const isOwn = (claim: IdentityKey) =>
      rollback.getBinaryFast(rollbackKey(this.#place, 'value', claim)) !== undefined;
    const claims = before.claims.map((claim) => (isOwn(claim) ? { ...claim, value: '' } : claim));
    return { ...before, claims };
  }

  /** @param before `undefined`: there was none */
  noteBreak(identity: IdentityKey, before: bigint | undefined): void {
    this.#noteNumber(rollbackKey(this.#place, 'break', identity), before ?? 0n);
  }

  /** Join memory that ends. */
  noteForgotten([one, other]: readonly [IdentityKey, IdentityKey], version: bigint): void {
    this.#noteNumber(rollbackKey(this.#place, 'memory', one, other), version);
  }

  /** The id of a contact that had waited for its row. */
  noteReturned(id: ReturnedId, sinceMs: number): void {
    this.#noteNumber(returnedKey(this.#place, id), BigInt(Math.floor(sinceMs)));
  }

  /** An identity that was known by its hash alone. */
  noteValued(identity: IdentityKey): void {
    this.#hasValued = true;
    noteUnvalued(this.#session.environment.rollback, this.#place, identity);
  }

  /** A mark of a list that goes with its contact. */
  noteMark(row: RowNode, section: StoredSection): void {
    noteLostMark(this.#session, this.#place, row, section);
  }

  #noteNumber(at: Uint8Array, value: bigint): void {
    putNumber(this.#session.environment.rollback, at, value);
  }

  /** Stores how many contacts the run has changed. */
  save(): void {
    const contacts = this.#run.contacts + this.#touched;
    const isSwept = this.#run.isSwept || this.#isSwept;
    const [hasValued, hasOnlyAges] = [this.#hasValued, this.#hasOnlyAges];
    const run = { ...this.#run, contacts, isSwept, hasValued, hasOnlyAges };
    saveRollbackRun(this.#session.environment.meta, this.#place, run);
  }
}

/** Notes that an identity was known by its hash alone before the run. */
export function noteUnvalued(
  rollback: KeyedDatabase,
  place: RollbackPlace,
  identity: IdentityKey,
): void {
  putNumber(rollback, rollbackKey(place, 'value', identity), 0n);
}

/** What was noted first is from before the run, and stays. */
function putNumber(rollback: KeyedDatabase, at: Uint8Array, value: bigint): void {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(value);
  putNew(rollback, at, bytes);
}

/** Notes a mark that a run, or its rollback, takes away. The first note stays. */
export function noteLostMark(
  { environment: { rollback } }: WriteSession,
  place: RollbackPlace,
  row: RowNode,
  { asOfMs, sourceVersion }: StoredSection,
): void {
  const at = rollbackKey(place, 'mark', row.storedKey, listOf(row.datasetId));
  const bytes = Buffer.allocUnsafe(24);
  bytes.writeDoubleLE(asOfMs, 0);
  bytes.writeBigUInt64LE(sourceVersion, 8);
  bytes.writeBigUInt64LE(row.version, 16);
  putNew(rollback, at, bytes);
}

/** Notes how often an identity was moved before the run. The first note stays. */
export function noteMoves(
  rollback: KeyedDatabase,
  place: RollbackPlace,
  identity: IdentityKey,
  { datasetId, count }: CountedMoves,
): void {
  putNumber(rollback, rollbackKey(place, 'moves', identity, listOf(datasetId)), BigInt(count));
}

/** A dataset in the place of the second identity of a key. */
function listOf(datasetId: number): IdentityKey {
  return { typeId: datasetId, digest: new Uint8Array(16) };
}
