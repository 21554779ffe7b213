/** The audit log, which only grows. Each search reads a bounded part of it. */

import type { AuditKind } from '@usher/contract/audit-words';

/** What was done. An `AuditEntry` also has the author of the change. */
export interface AuditRecord {
  readonly organizationId: number;
  /** An object and a verb, such as `token.create`. */
  readonly action: string;
  /** The name or id of what was changed. */
  readonly target: string;
  /** Plain JSON without secrets; `null` if it did not exist. */
  readonly before: unknown;
  /** The same after the change; `null` if it no longer exists. */
  readonly after: unknown;
}

export interface AuditEntry extends AuditRecord {
  /** Unique in the catalog, and growing. */
  readonly id: number;
  readonly atMs: number;
  readonly actor: string;
}

/** Missing members match every entry. */
export interface AuditFilter {
  readonly kind?: AuditKind | undefined;
  /** A whole actor such as `token:4fK2mXw9Q1zT`, or a kind of actors such as `token`. */
  readonly actor?: string | undefined;
  /** A whole action such as `token.create`, or the object of actions such as `token`. */
  readonly action?: string | undefined;
  /** A part of the target; ASCII letters match in both cases. */
  readonly target?: string | undefined;
  /** Not before this time. */
  readonly sinceMs?: number | undefined;
  /** Not after this time. */
  readonly untilMs?: number | undefined;
}

export interface AuditSearch extends AuditFilter {
  /** Only entries that are older than this one. If missing, from the newest. */
  readonly beforeId?: number | undefined;
  /** The most entries of the result. */
  readonly limit: number;
  /** The most entries that are read to find them. */
  readonly scan: number;
}

export interface FoundAudit {
  /** Newest first. Fewer than `limit`, even none, while more follow. */
  readonly entries: readonly AuditEntry[];
  /** The `beforeId` of the next search; `null`: there is nothing more to find. */
  readonly nextId: number | null;
}

export interface AuditLog {
  /**
   * Entries are in the order of their ids, which is about that of their times. A clock that was set
   * back by more than a day can hide entries from a search with times.
   */
  findAudit(organizationId: number, search: AuditSearch): Promise<FoundAudit>;
}
