/** Walks a database in short read transactions. What is written meanwhile may or may not show. */
import { setImmediate } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { scanEntriesPerTransaction } from '../../limits.ts';
import type { KeyedDatabase } from '../keyed-database.ts';

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The entries whose keys start with `prefix`, ascending, in small batches. */
export async function* readEntries(
  root: RootDatabase,
  database: KeyedDatabase,
  prefix: readonly number[] = [],
): AsyncGenerator<readonly Entry[]> {
  const end = afterPrefix(prefix);
  let start = Uint8Array.from(prefix.length === 0 ? [0] : prefix);
  let exclusiveStart = false;
  for (;;) {
    root.resetReadTxn();
    const entries = [
      ...database.getRange({
        start,
        exclusiveStart,
        limit: scanEntriesPerTransaction,
        ...(end === undefined ? {} : { end }),
      }),
    ];
    root.resetReadTxn();
    if (entries.length > 0) yield entries;
    if (entries.length < scanEntriesPerTransaction) return;
    start = Uint8Array.from(entries.at(-1)?.key ?? []);
    exclusiveStart = true;
    await setImmediate();
  }
}

/** The first key after all keys with the prefix; `undefined`: there is none. */
function afterPrefix(prefix: readonly number[]): Uint8Array | undefined {
  const place = prefix.findLastIndex((byte) => byte < 0xff);
  if (place < 0) return undefined;
  return Uint8Array.from([...prefix.slice(0, place), (prefix[place] ?? 0) + 1]);
}
