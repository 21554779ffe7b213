/**
 * Stores once a minute, and at the end, what the look-up threads have counted by token. A crash
 * loses at most the last minute.
 */
import type { TokenHour, UsageWriting } from '../catalog/usage-log.ts';
import { addRecords, type UsageRecord } from '../domain/usage-record.ts';
import { noUsage } from '../domain/usage-sums.ts';
import type { Log } from '../observe/log.ts';
import type { TokenClient } from '../observe/usage-clients.ts';
import type { UsageRows } from '../observe/usage-counters.ts';
import { usedSince } from '../observe/usage-history.ts';
import { usageHoursPerWrite, usageStoredMs } from './limits.ts';

const hourMs = 3_600_000;

export interface TokenFields {
  readonly tokenRowId: number;
  readonly organizationId: number;
  readonly fieldId: number;
  readonly reads: number;
}

/** What a thread has told since the last time. */
export interface ToldUsage {
  readonly clients: readonly TokenClient[];
  readonly fields: readonly TokenFields[];
}

export interface UsageRecorderOptions {
  readonly catalog: UsageWriting;
  readonly rows: UsageRows;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export class UsageRecorder {
  readonly #options: UsageRecorderOptions;
  #stored: ReturnType<UsageRows['read']>;
  #startMs: number;
  /** What threads told since the last time, by the token's row id. */
  #told = new Map<number, TokenHour>();
  #storing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UsageRecorderOptions) {
    this.#options = options;
    this.#stored = options.rows.read();
    this.#startMs = options.clock();
  }

  start(): void {
    // A start that fails does not wait for it.
    this.#timer = setInterval(() => void this.store(), usageStoredMs).unref();
  }

  note({ clients, fields }: ToldUsage): void {
    for (const { tokenRowId, organizationId, ...client } of clients) {
      this.#add({ tokenRowId, organizationId }, { clients: [client], fields: [] });
    }
    for (const { tokenRowId, organizationId, ...field } of fields) {
      this.#add({ tokenRowId, organizationId }, { clients: [], fields: [field] });
    }
  }

  /** Stores what was counted since the last time. One call at a time works. */
  store(): Promise<void> {
    this.#storing = this.#storing.then(() => this.#store());
    return this.#storing;
  }

  /** Stores the rest. Call it when the threads have ended. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.store();
  }

  async #store(): Promise<void> {
    const { catalog, rows, clock, log } = this.#options;
    const counted = rows.read();
    const told = this.#told;
    this.#told = new Map();
    for (const { tokenRowId, organizationId, ...sums } of usedSince(counted, this.#stored)) {
      const known = told.get(tokenRowId) ?? this.#emptyHour({ tokenRowId, organizationId });
      told.set(tokenRowId, { ...known, sums });
    }
    this.#stored = counted;
    this.#startMs = clock();
    const hours = [...told.values()];
    try {
      // In short transactions, because others wait for them.
      for (let start = 0; start < hours.length; start += usageHoursPerWrite) {
        const some = hours.slice(start, start + usageHoursPerWrite);
        await catalog.addUsage(some, Math.floor(this.#startMs / hourMs));
      }
    } catch (error) {
      log.warn({ error }, 'the usage of tokens was not written');
    }
  }

  #add(key: Pick<TokenHour, 'tokenRowId' | 'organizationId'>, more: Omit<UsageRecord, 'sums'>) {
    const known = this.#told.get(key.tokenRowId) ?? this.#emptyHour(key);
    const record = addRecords(known, { sums: noUsage, ...more });
    this.#told.set(key.tokenRowId, { ...known, ...record });
  }

  /** Calls belong to the hour in which the minute began. */
  #emptyHour(key: Pick<TokenHour, 'tokenRowId' | 'organizationId'>): TokenHour {
    const hour = Math.floor(this.#startMs / hourMs);
    return { ...key, hour, sums: noUsage, clients: [], fields: [] };
  }
}
