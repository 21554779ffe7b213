/**
 * The catalog in one SQLite file (write-ahead log, so that readers and the one writer do not wait
 * for each other). Many processes and threads may have it open; each has a connection of its own.
 * The promises are `catalog.ts`'s.
 */
import { closeSync, openSync } from 'node:fs';
import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import type { CatalogState } from '../../domain/catalog-state.ts';
import type { RunPlan } from '../../domain/dataset/run-plan.ts';
import type {
  AuditRecord,
  Catalog,
  CatalogChange,
  CatalogView,
  ChangeAuthor,
  Changed,
  FieldRead,
  NewRun,
  RunDecision,
  RunEnd,
  ScheduleChange,
  TokenUse,
} from '../catalog.ts';
import { catalogBlockingWaitMs } from '../limits.ts';
import { SqliteCatalogChange } from '../sql/catalog-change.ts';
import { SqliteCatalogView } from '../sql/catalog-view.ts';
import { recordFieldReads } from '../sql/field-reads.ts';
import { loadState } from '../sql/load-state.ts';
import {
  decideRun,
  endRun,
  putScheduleState,
  saveRunFiles,
  saveRunPlan,
  startRun,
} from '../sql/runs.ts';
import type { CatalogTables } from '../sql/schema.ts';
import { fileError, whenFree } from './database-errors.ts';
import { migrate } from './migrate.ts';

/**
 * Opens the catalog at this path; makes it, with the organization `default`, when there is none.
 * @param nowMs when that organization is made
 */
export async function openSqliteCatalog(path: string, nowMs: number): Promise<Catalog> {
  makeFile(path);
  const handle = await whenFree(() => connect(path));
  const database = new Kysely<CatalogTables>({ dialect: new SqliteDialect({ database: handle }) });
  try {
    await whenFree(() => migrate(handle, database, nowMs));
  } catch (error) {
    handle.close();
    throw error;
  }
  return new SqliteCatalog(handle, database);
}

/**
 * Made here and not by SQLite, so that nobody else may read it at any time; its log files follow
 * its mode.
 */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw fileError(error);
  }
}

function connect(path: string): Database {
  const handle = new SqliteDatabase(path, { timeout: catalogBlockingWaitMs });
  try {
    handle.pragma('journal_mode = wal');
    // A revoked token must stay revoked when the machine loses power.
    handle.pragma('synchronous = full');
    handle.pragma('foreign_keys = on');
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

class SqliteCatalog implements Catalog {
  readonly #handle: Database;
  readonly #database: Kysely<CatalogTables>;
  readonly #selectRevision: Statement<[], number>;

  constructor(handle: Database, database: Kysely<CatalogTables>) {
    this.#handle = handle;
    this.#database = database;
    this.#selectRevision = handle.prepare<[], number>('select revision from catalog_state').pluck();
  }

  readRevision(): Promise<number> {
    return whenFree(() => this.#selectRevision.get() ?? 0);
  }

  loadState(previous?: CatalogState): Promise<CatalogState> {
    return this.#transact('deferred', (connection) => loadState(connection, previous));
  }

  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T> {
    return this.#transact('deferred', (connection) => work(new SqliteCatalogView(connection)));
  }

  async change<T>(
    author: ChangeAuthor,
    work: (change: CatalogChange) => Promise<Changed<T>>,
  ): Promise<T> {
    const nothing = Symbol('nothing changed');
    let result: T | typeof nothing = nothing;
    try {
      await this.#transact('immediate', async (connection) => {
        const revision = await moveRevision(connection);
        const changed = await work(new SqliteCatalogChange(connection, { revision, author }));
        result = changed.result;
        if (changed.audit.length === 0) throw nothing;
        await writeAudit(connection, author, changed.audit);
        const organizationIds = changed.audit.map((record) => record.organizationId);
        await connection
          .updateTable('organizations')
          .set({ revision })
          .where('id', 'in', organizationIds)
          .execute();
      });
    } catch (error) {
      if (error !== nothing) throw error;
    }
    return result as T;
  }

  startRun(run: NewRun): Promise<void> {
    return this.#transact('immediate', (connection) => startRun(connection, run));
  }

  endRun(runId: string, end: RunEnd): Promise<void> {
    return this.#transact('immediate', (connection) => endRun(connection, runId, end));
  }

  saveRunPlan(runId: string, plan: RunPlan): Promise<void> {
    return this.#transact('immediate', (connection) => saveRunPlan(connection, runId, plan));
  }

  saveRunFiles(runId: string, keys: readonly string[]): Promise<void> {
    return this.#transact('immediate', (connection) => saveRunFiles(connection, runId, keys));
  }

  decideRun(author: ChangeAuthor, organizationId: number, decision: RunDecision): Promise<boolean> {
    const { actor } = author;
    return this.#transact('immediate', async (connection) => {
      const dataset = await decideRun(connection, organizationId, { ...decision, actor });
      if (dataset === undefined) return false;
      const action = `run.${decision.verdict}`;
      const after = { run: decision.runId };
      const entry = { organizationId, action, target: dataset, before: null, after };
      await writeAudit(connection, author, [entry]);
      return true;
    });
  }

  putScheduleState(change: ScheduleChange): Promise<void> {
    return this.#transact('immediate', (connection) => putScheduleState(connection, change));
  }

  async recordFieldReads(reads: readonly FieldRead[]): Promise<void> {
    if (reads.length === 0) return;
    await this.#transact('immediate', (connection) => recordFieldReads(connection, reads));
  }

  async recordLastUsed(uses: readonly TokenUse[]): Promise<void> {
    if (uses.length === 0) return;
    await this.#transact('immediate', async (connection) => {
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

  async close(): Promise<void> {
    await this.#database.destroy();
    // Kysely closes only what it has used.
    this.#handle.close();
  }

  /**
   * `immediate` takes the write lock at once, so that what is read inside stays true until the end.
   */
  #transact<T>(
    kind: 'deferred' | 'immediate',
    work: (connection: Kysely<CatalogTables>) => Promise<T>,
  ): Promise<T> {
    const handle = this.#handle;
    return whenFree(() =>
      this.#database.connection().execute(async (connection) => {
        handle.exec(`begin ${kind}`);
        try {
          const result = await work(connection);
          handle.exec('commit');
          return result;
        } finally {
          // A full disk has already rolled back by itself.
          if (handle.inTransaction) handle.exec('rollback');
        }
      }),
    );
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

function jsonText(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
