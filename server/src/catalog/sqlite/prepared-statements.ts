/**
 * Keeps the prepared statements of a connection by their SQL. Kysely prepares a statement for each
 * query, which takes longer than most queries of the catalog.
 */
import type { Database, Statement } from 'better-sqlite3';

/** The catalog has about 200 queries. Lists of different lengths make more. */
const mostStatements = 400;

export class PreparedStatements {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#database.prepare(sql);
    if (this.#statements.size >= mostStatements) this.#statements.clear();
    this.#statements.set(sql, made);
    return made;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}
