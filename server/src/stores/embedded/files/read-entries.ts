/**
 * Reads a database in short read transactions. What is written meanwhile may or may not be
 * included.
 */
import { setImmediate } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { scanEntriesPerTransaction } from '../../limits.ts';
import { type KeyedDatabase, type RangeRequest, rangeUnder } from '../keyed-database.ts';

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The entries whose keys start with `prefix`, ascending, in small batches. */
export async function* readEntries(
  root: RootDatabase,
  database: KeyedDatabase,
  prefix = new Uint8Array(0),
): AsyncGenerator<readonly Entry[]> {
  let range: RangeRequest = { ...rangeUnder(prefix), limit: scanEntriesPerTransaction };
  for (;;) {
    root.resetReadTxn();
    const entries = [...database.getRange(range)];
    root.resetReadTxn();
    if (entries.length > 0) yield entries;
    if (entries.length < scanEntriesPerTransaction) return;
    range = { ...range, start: Uint8Array.from(entries.at(-1)?.key ?? []), exclusiveStart: true };
    await setImmediate();
  }
}
