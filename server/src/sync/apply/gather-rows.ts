/**
 * Brings rows that concern the same contacts together. Two rows that exchange an identity are then
 * nearly always written in one transaction: no look-up in between finds the identity nowhere, and
 * the pages of both contacts are written once.
 */
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { ContactChange } from '../../stores/store.ts';
import { maxGatheredBytes } from '../limits.ts';
import type { ChangeBatch } from '../stage/parse-changes.ts';

/** By the digest of the row key, in hexadecimal: the rows of the same group. */
export type RowGroups = ReadonlyMap<string, RowGroup>;

export interface RowGroup {
  /** How many rows it has. */
  readonly rows: number;
}

export const noGroups: RowGroups = new Map();

export function digestOf({ identities }: Pick<ContactChange, 'identities'>): string {
  const [key] = identities;
  return key === undefined ? '' : Buffer.from(key.digest).toString('hex');
}

interface Row {
  readonly change: ContactChange;
  readonly number: number | undefined;
}

/**
 * Each row once: those of no group in their order, and those of a group one after the other.
 * @param mostBytes values of rows that wait for others of their group; then all of them are sent
 */
export async function* gatherRows(
  batches: AsyncIterable<ChangeBatch>,
  groups: RowGroups,
  mostBytes: number = maxGatheredBytes,
): AsyncGenerator<ChangeBatch> {
  if (groups.size === 0) return yield* batches;
  const waiting = new Map<RowGroup, Row[]>();
  let waitingBytes = 0;
  let ready: Row[] = [];
  for await (const { changes, rows, release } of batches) {
    const others: Row[] = [];
    for (const [index, change] of changes.entries()) {
      const number = rows?.[index];
      const group = groups.get(digestOf(change));
      if (group === undefined) {
        others.push({ change, number });
        continue;
      }
      const known = waiting.get(group) ?? [];
      known.push({ change: copyOf(change), number });
      waitingBytes += change.section.length;
      waiting.set(group, known);
      if (known.length < group.rows) continue;
      ready.push(...known);
      waitingBytes -= bytesOf(known);
      waiting.delete(group);
    }
    if (others.length > 0) yield { ...batchOf(others), release };
    else release();
    if (waitingBytes > mostBytes) {
      ready.push(...takeAll(waiting));
      waitingBytes = 0;
    }
    while (ready.length >= maxRowsPerBatch) {
      yield batchOf(ready.slice(0, maxRowsPerBatch));
      ready = ready.slice(maxRowsPerBatch);
    }
  }
  // A row that was measured may be left out after all.
  ready.push(...takeAll(waiting));
  for (let at = 0; at < ready.length; at += maxRowsPerBatch) {
    yield batchOf(ready.slice(at, at + maxRowsPerBatch));
  }
}

function bytesOf(rows: readonly Row[]): number {
  return rows.reduce((sum, { change }) => sum + change.section.length, 0);
}

function takeAll(waiting: Map<RowGroup, Row[]>): Row[] {
  const all = [...waiting.values()].flat();
  waiting.clear();
  return all;
}

function batchOf(rows: readonly Row[]): ChangeBatch {
  const numbers = rows.flatMap(({ number }) => (number === undefined ? [] : [number]));
  return {
    changes: rows.map(({ change }) => change),
    ...(numbers.length > 0 && { rows: numbers }),
    release: () => undefined,
  };
}

/** A change lends the memory of its batch. */
function copyOf(change: ContactChange): ContactChange {
  const identities = change.identities.map((it) => ({ ...it, digest: Buffer.from(it.digest) }));
  return { ...change, identities, section: Buffer.from(change.section) };
}
