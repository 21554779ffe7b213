/** What is kept of the calls of tokens, by hour. Writing it does not change the revision. */
import type { UsageRecord } from '../domain/usage-record.ts';

/** The calls of one token in one hour, or in a part of it. */
export interface TokenHour extends UsageRecord {
  readonly organizationId: number;
  /** `Token.rowId`. */
  readonly tokenRowId: number;
  /** Hours since the epoch, in UTC. */
  readonly hour: number;
}

export interface UsageRange {
  /** `Token.rowId`; if missing, all tokens. */
  readonly tokenRowId?: number | undefined;
  /** The first hour. */
  readonly fromHour: number;
  /** The hour after the last. */
  readonly toHour: number;
}

export interface UsageView {
  /** By hour, then by token. */
  listUsage(organizationId: number, range: UsageRange): Promise<readonly TokenHour[]>;
}

export interface UsageWriting {
  /**
   * Adds to what is kept. A call has each token and hour at most once. Drops hours that are more
   * than 30 days older than `nowHour`, and the oldest hours when there are too many rows.
   */
  addUsage(hours: readonly TokenHour[], nowHour: number): Promise<void>;
}
