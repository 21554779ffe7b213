/** The embedded store's reader: look-ups (`contact-lender.ts`), and all reads off the hot path. */
import type { IdentityRules } from '../../domain/contact/identity-rules.ts';
import { UsherError } from '../../domain/errors.ts';
import { readAmendments } from '../amended-fields.ts';
import type { ContactWalk, WalkedContacts } from '../contact-walk.ts';
import type { ExplainedContact, JoinLogPage, JoinSearch } from '../join-answer.ts';
import type { AmendableField, Amendment } from '../privacy-answer.ts';
import type { AppliedRun, RollbackRun, RunHolder } from '../run-lease.ts';
import {
  type ConnectedContacts,
  type ContactQuery,
  type ContactReader,
  type DatasetCounts,
  type IdentityKey,
  type Kept,
  type LentContact,
  type RowKeys,
  type RowState,
  recordOnly,
  type StoreCounts,
  type StoreFaults,
  type TurnReader,
} from '../store.ts';
import { ContactLender } from './contact-lender.ts';
import { ConnectedContactsFinder } from './contacts/connected-contacts.ts';
import { explainContact } from './contacts/explain-contact.ts';
import { findRowState } from './contacts/find-row-state.ts';
import { hiddenKey, readHiddenRow } from './contacts/hidden-sections.ts';
import { JoinLog } from './contacts/join-log.ts';
import { walkContacts } from './contacts/walk-contacts.ts';
import type { Environment } from './environment.ts';
import { countMisfits } from './files/count-misfits.ts';
import { digestStore } from './files/digest-store.ts';
import { contactsPath } from './files/embedded-files.ts';
import { readEntries } from './files/read-entries.ts';
import { readTraces } from './files/read-traces.ts';
import { scanRows } from './files/scan-rows.ts';
import { verifyStore } from './files/verify-store.ts';
import { ReadTransaction } from './keyed-database.ts';
import {
  metaKeys,
  readMeta,
  type StoredAppliedRun,
  type StoredFinish,
  unpackAppliedRun,
} from './meta.ts';
import { preReadFile } from './pre-read.ts';
import { readFailure } from './read-failures.ts';
import { listRollbackRuns } from './rollback/silent-runs.ts';
import { requireDatasetCounts } from './store-format.ts';
import { SuppressedRowFinder } from './suppressed-rows.ts';
import { readDatasetCounts } from './writer/dataset-tally.ts';

export class EmbeddedReader implements ContactReader, TurnReader {
  readonly #environment: Environment;
  readonly #dataFolder: string;
  readonly #transaction: ReadTransaction;
  /** Of the look-ups of one turn of the event loop. */
  readonly #turnTransaction: ReadTransaction;
  readonly #lender: ContactLender;
  readonly #suppressedRows: SuppressedRowFinder;
  #isTurnOpen = false;
  #isClosed = false;

  constructor(environment: Environment, dataFolder: string) {
    this.#environment = environment;
    this.#dataFolder = dataFolder;
    this.#suppressedRows = new SuppressedRowFinder(environment, dataFolder);
    this.#transaction = new ReadTransaction(environment.root);
    this.#turnTransaction = new ReadTransaction(environment.root);
    this.#lender = new ContactLender(environment);
  }

  lendContact<Query extends ContactQuery, Result extends Kept>(
    query: Query,
    read: (contact: LentContact, query: Query) => Result,
  ): Result | undefined {
    this.#requireIdle();
    let isFound: boolean;
    try {
      isFound = this.#lender.find(query, this.#transaction);
    } finally {
      this.#transaction.end();
    }
    return isFound ? this.#lender.lend(query, read) : undefined;
  }

  lendInTurn<Query extends ContactQuery, Result extends Kept>(
    query: Query,
    read: (contact: LentContact, query: Query) => Result,
  ): Result | undefined {
    this.#requireIdle();
    this.#isTurnOpen = true;
    let isFound: boolean;
    try {
      isFound = this.#lender.find(query, this.#turnTransaction);
    } catch (error) {
      this.endTurn();
      throw error;
    }
    return isFound ? this.#lender.lend(query, read) : undefined;
  }

  endTurn(): void {
    if (!this.#isTurnOpen || this.#isClosed) return;
    this.#isTurnOpen = false;
    this.#turnTransaction.end();
  }

  readContacts<Query extends ContactQuery, Result extends Kept>(
    queries: readonly Query[],
    read: (contact: LentContact, query: Query) => Result,
  ): readonly (Result | undefined)[] {
    this.#requireIdle();
    const lender = this.#lender;
    try {
      return queries.map((query) =>
        lender.find(query, this.#transaction) ? lender.lend(query, read) : undefined,
      );
    } finally {
      this.#transaction.end();
    }
  }

  walkContacts<Result extends Kept>(
    walk: ContactWalk,
    read: (contact: LentContact) => Result,
  ): WalkedContacts<Result> {
    return this.#read((environment) => walkContacts(environment, walk, read));
  }

  async *scanIdentities(organizationId: number, typeId: number): AsyncIterable<IdentityKey> {
    const prefix = Uint8Array.of(organizationId >>> 8, organizationId, typeId >>> 8, typeId);
    for await (const entries of readEntries(this.#environment.root, this.#environment.id, prefix)) {
      for (const { key } of entries) yield { typeId, digest: key.subarray(4) };
    }
  }

  explainContact(
    organizationId: number,
    identity: IdentityKey,
    rules?: IdentityRules,
  ): ExplainedContact | undefined {
    return this.#read((environment) =>
      explainContact(environment, organizationId, identity, rules),
    );
  }

  listJoins(organizationId: number, page: Parameters<ContactReader['listJoins']>[1]): JoinLogPage {
    const { before, limit } = page;
    return this.#read(({ log }) => new JoinLog(log, organizationId).readBack(before, limit));
  }

  findJoins(organizationId: number, search: JoinSearch): JoinLogPage {
    return this.#read(({ log }) => new JoinLog(log, organizationId).search(search));
  }

  scanRows(organizationId: number, datasetId: number): AsyncIterable<RowKeys> {
    return scanRows(this.#environment, organizationId, datasetId);
  }

  findConnected(
    organizationId: number,
    datasetId: number,
    rows: readonly (readonly IdentityKey[])[],
  ): readonly (ConnectedContacts | undefined)[] {
    this.#requireIdle();
    const finder = new ConnectedContactsFinder(this.#environment, this.#transaction);
    try {
      return rows.map((row) => finder.find(organizationId, datasetId, row));
    } catch (error) {
      throw readFailure(error);
    } finally {
      this.#transaction.end();
    }
  }

  findRowStates(
    organizationId: number,
    datasetId: number,
    rows: readonly (readonly IdentityKey[])[],
  ): readonly RowState[] {
    return this.#read((environment) =>
      rows.map((row) => findRowState(environment, { organizationId, datasetId }, row)),
    );
  }

  findSuppressed(
    organizationId: number,
    datasetId: number,
    rows: readonly (readonly IdentityKey[])[],
  ): readonly boolean[] | undefined {
    return this.#read(() => this.#suppressedRows.find(organizationId, datasetId, rows));
  }

  appliedRun(organizationId: number, datasetId: number): AppliedRun | undefined {
    const at = metaKeys.appliedRun({ organizationId, datasetId });
    const applied = this.#readMeta<StoredAppliedRun>(at);
    return applied === undefined ? undefined : unpackAppliedRun(applied);
  }

  runHolder(organizationId: number, datasetId: number): RunHolder | undefined {
    return this.#readMeta<RunHolder>(metaKeys.lease({ organizationId, datasetId }));
  }

  asOf(organizationId: number, datasetId: number): number | undefined {
    return this.#finished(organizationId, datasetId)?.asOfMs;
  }

  watermark(organizationId: number, datasetId: number): string | undefined {
    return this.#finished(organizationId, datasetId)?.watermark ?? undefined;
  }

  #finished(organizationId: number, datasetId: number): StoredFinish | undefined {
    return this.#readMeta<StoredFinish>(metaKeys.finishedRun({ organizationId, datasetId }));
  }

  revision(): bigint {
    return BigInt(this.#readMeta<{ revision: string }>(metaKeys.clock)?.revision ?? 0);
  }

  storeId(): string {
    return this.#environment.storeId;
  }

  counts(organizationId: number): StoreCounts {
    const counts = this.#readMeta<StoreCounts>(metaKeys.counts(organizationId));
    return counts ?? { contacts: 0, identities: 0 };
  }

  datasetCounts(organizationId: number, datasetId: number): DatasetCounts {
    return this.#read(({ meta }) => {
      requireDatasetCounts(meta);
      return readDatasetCounts(meta, { organizationId, datasetId });
    });
  }

  listRollbackRuns(organizationId: number, datasetId: number): readonly RollbackRun[] {
    return this.#read((data) => listRollbackRuns(data, { organizationId, datasetId }));
  }

  verify(): Promise<StoreFaults> {
    return verifyStore(this.#environment);
  }

  readAmendments(organizationId: number, identity: IdentityKey): readonly Amendment[] | undefined {
    const query = { organizationId, identity, parts: recordOnly };
    return this.lendContact(query, ({ record }) => readAmendments(record));
  }

  async countMisfits(organizationId: number, fields: readonly AmendableField[]) {
    this.#requireIdle();
    return countMisfits(this.#environment, organizationId, fields);
  }

  async readTraces(organizationId: number, identities: readonly IdentityKey[]) {
    this.#requireIdle();
    return readTraces(this.#environment, organizationId, identities);
  }

  readHiddenRow(organizationId: number, datasetId: number, key: IdentityKey) {
    return this.#read(({ row }) =>
      readHiddenRow(row, hiddenKey({ organizationId, datasetId }, key)),
    );
  }

  digest(kind: 'content' | 'full'): Promise<string> {
    return digestStore(this.#environment, kind);
  }

  preRead(stop?: AbortSignal): Promise<number> {
    return preReadFile(contactsPath(this.#dataFolder), stop);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#suppressedRows.close();
    this.#transaction.close();
    this.#turnTransaction.close();
    await this.#environment.close();
  }

  #readMeta<T>(at: Uint8Array): T | undefined {
    return this.#read(({ meta }) => readMeta<T>(meta, at));
  }

  /** For reads off the hot path. */
  #read<T>(read: (environment: Environment) => T): T {
    this.#requireIdle();
    this.#environment.root.resetReadTxn();
    try {
      return read(this.#environment);
    } catch (error) {
      throw readFailure(error);
    } finally {
      this.#environment.root.resetReadTxn();
    }
  }

  /** Throws while a contact is lent, since any read reuses its memory. */
  #requireIdle(): void {
    if (this.#isClosed) throw new UsherError('store_unavailable', 'The reader is closed.');
    if (this.#lender.isLending)
      throw new Error('The reader was called while a contact of it was lent.');
  }
}
