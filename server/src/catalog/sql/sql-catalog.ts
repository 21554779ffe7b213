/**
 * A catalog in an SQL database. This folder has what databases share. How each database connects,
 * locks and reports errors is in a folder of its own, behind `CatalogDatabase`.
 */
import type { Kysely } from 'kysely';
import type { AccessEnd } from '../../domain/access-end.ts';
import type { AccessHour } from '../../domain/access-hours.ts';
import type { CatalogState } from '../../domain/catalog-state.ts';
import type { RunPlan } from '../../domain/dataset/run-plan.ts';
import type { RunProgress } from '../../domain/dataset/run-progress.ts';
import type {
  AuditRecord,
  Catalog,
  CatalogChange,
  CatalogView,
  ChangeAuthor,
  Changed,
  FieldRead,
  NewRun,
  PushedRows,
  RunDecision,
  RunEnd,
  ScheduleChange,
  TokenUse,
} from '../catalog.ts';
import type { ChangePlan } from '../change-plans.ts';
import type {
  NewPrivacyRequest,
  PrivacyEnd,
  PrivacyFilter,
  PrivacyRequest,
  WholePrivacyRequest,
} from '../privacy-requests.ts';
import type { TokenHour } from '../usage-log.ts';
import type { UserChange, UserView } from '../users.ts';
import { findAccessEnd, noteAccessEnd } from './access-end.ts';
import { addAccessHours } from './access-hours.ts';
import { SqlCatalogChange } from './catalog-change.ts';
import { SqlCatalogView } from './catalog-view.ts';
import { keepChangePlan } from './change-plans.ts';
import { recordFieldReads } from './field-reads.ts';
import { loadState } from './load-state.ts';
import {
  endPrivacyRequest,
  findPrivacyRequest,
  findPrivacyRequestsAbout,
  insertPrivacyRequest,
  keepPrivacyRequest,
  listPrivacyRequests,
  listSilentPrivacyRequests,
} from './privacy-requests.ts';
import { recordPushes } from './pushed-rows.ts';
import { jsonText } from './rows.ts';
import {
  decideRun,
  endRun,
  putScheduleState,
  saveRunProgress,
  saveToRun,
  startRun,
} from './runs.ts';
import type { CatalogTables } from './schema.ts';
import { addUsage } from './usage.ts';
import { SqlUserChange, SqlUserView } from './users.ts';

/** What the catalog needs from a database. */
export interface CatalogDatabase {
  /**
   * Runs `work` in a transaction: `read` sees one moment, `write` also keeps other writers away
   * until it ends. Rolls back when `work` throws. `work` may run again when another writer was in
   * the way. Errors of the database become those that `catalog.ts` promises.
   */
  transact<T>(
    kind: 'read' | 'write',
    work: (connection: Kysely<CatalogTables>) => Promise<T>,
  ): Promise<T>;
  /** The revision in `catalog_state`, without a transaction. */
  readRevision(): Promise<number>;
  close(): Promise<void>;
}

export class SqlCatalog implements Catalog {
  readonly #database: CatalogDatabase;

  constructor(database: CatalogDatabase) {
    this.#database = database;
  }

  readRevision(): Promise<number> {
    return this.#database.readRevision();
  }

  loadState(previous?: CatalogState): Promise<CatalogState> {
    return this.#database.transact('read', (connection) => loadState(connection, previous));
  }

  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T> {
    return this.#database.transact('read', (connection) => work(new SqlCatalogView(connection)));
  }

  async change<T>(
    author: ChangeAuthor,
    work: (change: CatalogChange) => Promise<Changed<T>>,
  ): Promise<T> {
    const nothing = Symbol('nothing changed');
    let result: T | typeof nothing = nothing;
    try {
      await this.#database.transact('write', async (connection) => {
        const revision = await moveRevision(connection);
        const change = new SqlCatalogChange(connection, { revision, author });
        const changed = await work(change);
        result = changed.result;
        if (changed.audit.length === 0) throw nothing;
        await writeAudit(connection, author, changed.audit);
        const organizationIds = changed.audit.map((record) => record.organizationId);
        await connection
          .updateTable('organizations')
          .set({ revision, ...(change.definesAnything && { definitions_revision: revision }) })
          .where('id', 'in', organizationIds)
          .execute();
      });
    } catch (error) {
      if (error !== nothing) throw error;
    }
    return result as T;
  }

  startRun(run: NewRun): Promise<void> {
    return this.#database.transact('write', (connection) => startRun(connection, run));
  }

  endRun(runId: string, end: RunEnd): Promise<void> {
    return this.#database.transact('write', (connection) => endRun(connection, runId, end));
  }

  saveRunPlan(runId: string, plan: RunPlan): Promise<void> {
    return this.#database.transact('write', (connection) => saveToRun(connection, runId, { plan }));
  }

  saveRunProgress(runId: string, progress: RunProgress): Promise<void> {
    return this.#database.transact('write', (connection) =>
      saveRunProgress(connection, runId, progress),
    );
  }

  saveRunFiles(runId: string, keys: readonly string[]): Promise<void> {
    return this.#database.transact('write', (connection) =>
      saveToRun(connection, runId, { files: keys }),
    );
  }

  decideRun(author: ChangeAuthor, organizationId: number, decision: RunDecision): Promise<boolean> {
    const { actor } = author;
    return this.#database.transact('write', async (connection) => {
      const dataset = await decideRun(connection, organizationId, { ...decision, actor });
      if (dataset === undefined) return false;
      const action = `run.${decision.verdict}`;
      const after = { run: decision.runId };
      const entry = { organizationId, action, target: dataset, before: null, after };
      await writeAudit(connection, author, [entry]);
      return true;
    });
  }

  recordActs(author: ChangeAuthor, records: readonly AuditRecord[]): Promise<void> {
    return this.#database.transact('write', (connection) =>
      writeAudit(connection, author, records),
    );
  }

  keepChangePlan(author: ChangeAuthor, plan: ChangePlan): Promise<void> {
    return this.#database.transact('write', async (connection) =>
      writeAudit(connection, author, [await keepChangePlan(connection, plan)]),
    );
  }

  putScheduleState(change: ScheduleChange): Promise<void> {
    return this.#database.transact('write', (connection) => putScheduleState(connection, change));
  }

  async recordFieldReads(reads: readonly FieldRead[]): Promise<void> {
    if (reads.length === 0) return;
    await this.#database.transact('write', (connection) => recordFieldReads(connection, reads));
  }

  async recordPushes(pushes: readonly PushedRows[]): Promise<void> {
    if (pushes.length === 0) return;
    await this.#database.transact('write', (connection) => recordPushes(connection, pushes));
  }

  findAccessEnd(): Promise<AccessEnd | undefined> {
    return this.#database.transact('read', findAccessEnd);
  }

  noteAccessEnd(end: AccessEnd): Promise<void> {
    return this.#database.transact('write', (connection) => noteAccessEnd(connection, end));
  }

  addAccessHours(hours: readonly AccessHour[], nowHour: number): Promise<void> {
    return this.#database.transact('write', (connection) =>
      addAccessHours(connection, hours, nowHour),
    );
  }

  async addUsage(hours: readonly TokenHour[], nowHour: number): Promise<void> {
    if (hours.length === 0) return;
    await this.#database.transact('write', (connection) => addUsage(connection, hours, nowHour));
  }

  async recordLastUsed(uses: readonly TokenUse[]): Promise<void> {
    if (uses.length === 0) return;
    await this.#database.transact('write', async (connection) => {
      for (const { rowId, atMs } of uses) {
        const minuteMs = Math.floor(atMs / 60_000) * 60_000;
        await connection
          .updateTable('tokens')
          .set({ last_used_at: minuteMs })
          .where('row_id', '=', rowId)
          .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', minuteMs)]))
          .execute();
      }
    });
  }

  receivePrivacyRequest(author: ChangeAuthor, request: NewPrivacyRequest): Promise<void> {
    return this.#database.transact('write', async (connection) => {
      await writeAudit(connection, author, [await insertPrivacyRequest(connection, request)]);
    });
  }

  keepPrivacyRequest(
    id: string,
    at: { readonly nowMs: number; readonly silentSinceMs?: number },
  ): Promise<boolean> {
    return this.#database.transact('write', (connection) => keepPrivacyRequest(connection, id, at));
  }

  endPrivacyRequest(author: ChangeAuthor, id: string, end: PrivacyEnd): Promise<boolean> {
    const { atMs } = author;
    return this.#database.transact('write', async (connection) => {
      const entry = await endPrivacyRequest(connection, id, { ...end, atMs });
      if (entry !== undefined) await writeAudit(connection, author, [entry]);
      return entry !== undefined;
    });
  }

  listPrivacyRequests(
    organizationId: number,
    filter: PrivacyFilter,
  ): Promise<readonly PrivacyRequest[]> {
    return this.#database.transact('read', (connection) =>
      listPrivacyRequests(connection, organizationId, filter),
    );
  }

  findPrivacyRequest(organizationId: number, id: string): Promise<WholePrivacyRequest | undefined> {
    return this.#database.transact('read', (connection) =>
      findPrivacyRequest(connection, organizationId, id),
    );
  }

  findPrivacyRequestsAbout(
    organizationId: number,
    subjects: readonly string[],
  ): Promise<readonly PrivacyRequest[]> {
    return this.#database.transact('read', (connection) =>
      findPrivacyRequestsAbout(connection, organizationId, subjects),
    );
  }

  listSilentPrivacyRequests(silentSinceMs: number): Promise<readonly PrivacyRequest[]> {
    return this.#database.transact('read', (connection) =>
      listSilentPrivacyRequests(connection, silentSinceMs),
    );
  }

  readUsers<T>(work: (view: UserView) => Promise<T>): Promise<T> {
    return this.#database.transact('read', (connection) => work(new SqlUserView(connection)));
  }

  changeUsers<T>(
    author: ChangeAuthor,
    work: (change: UserChange) => Promise<Changed<T>>,
  ): Promise<T> {
    return this.#database.transact('write', async (connection) => {
      const { result, audit } = await work(new SqlUserChange(connection));
      await writeAudit(connection, author, audit);
      return result;
    });
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

async function moveRevision(connection: Kysely<CatalogTables>): Promise<number> {
  const state = await connection
    .updateTable('catalog_state')
    .set((has) => ({ revision: has('revision', '+', 1) }))
    .returning('revision')
    .executeTakeFirstOrThrow();
  return state.revision;
}

async function writeAudit(
  connection: Kysely<CatalogTables>,
  author: ChangeAuthor,
  records: readonly AuditRecord[],
): Promise<void> {
  for (const record of records) {
    await connection
      .insertInto('audit')
      .values({
        organization_id: record.organizationId,
        at: author.atMs,
        actor: author.actor,
        action: record.action,
        target: record.target,
        before: jsonText(record.before),
        after: jsonText(record.after),
      })
      .execute();
  }
}
