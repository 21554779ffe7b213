/** Turns staged rows of identities into changes, one for each key: what its rows say adds up. */
import { maxIdentitiesPerContact, maxRowsPerBatch } from '../../domain/limits.ts';
import type { ContactChange, KnownIdentity } from '../../stores/store.ts';
import { identityOf } from '../table/identity-text.ts';
import type { ChangeBatch } from './parse-changes.ts';
import { partEnd, rowEnd } from './row-sql.ts';

/** The store refuses a change with so many, so the others are not needed. */
const mostIdentities = maxIdentitiesPerContact + 1;

const digestDigits = 32;
const noSection = new Uint8Array();

/**
 * @param pieces whole rows, of one range of first digests after the other (`parts-file.ts`)
 * @param typeIds one for each identifier, in the order of keys
 */
export async function* sumUpRows(
  pieces: AsyncIterable<Buffer>,
  typeIds: readonly number[],
): AsyncGenerator<ChangeBatch> {
  let batch: ContactChange[] = [];
  for await (const changes of changesOf(pieces, typeIds)) {
    for (const change of changes) {
      if (batch.push(change) < maxRowsPerBatch) continue;
      yield { changes: batch, release: () => undefined };
      batch = [];
    }
  }
  if (batch.length > 0) yield { changes: batch, release: () => undefined };
}

interface Said {
  /** As text. */
  readonly identity: string;
  /** The index of the identifier. */
  readonly place: number;
  readonly value: string;
}

/** What the rows of a key say. The key comes first. */
type Sum = Said[];

/** The changes of one range of digests after the other: a step for each change would take long. */
async function* changesOf(
  pieces: AsyncIterable<Buffer>,
  typeIds: readonly number[],
): AsyncGenerator<readonly ContactChange[]> {
  const sums = new Map<string, Sum>();
  let range = '';
  for await (const piece of pieces) {
    for (const row of piece.toString('utf8').split(rowEnd).slice(0, -1)) {
      const said = readRow(row, typeIds);
      const [first] = said;
      if (first === undefined) continue;
      const { identity: key } = first;
      // All rows of a key are in one range.
      const rowRange = key.slice(key.indexOf(' '), key.indexOf(' ') + 3);
      if (rowRange !== range) {
        yield [...sums.values()].map(asChange);
        sums.clear();
        range = rowRange;
      }
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, sumOf(said));
      else for (const one of said) addTo(sum, one);
    }
  }
  yield [...sums.values()].map(asChange);
}

function readRow(row: string, typeIds: readonly number[]): Said[] {
  const parts = row.split(partEnd, typeIds.length);
  const said: Said[] = [];
  for (const [place, typeId] of typeIds.entries()) {
    const part = parts[place] ?? '';
    if (part === '') continue;
    const identity = `${typeId} ${part.slice(0, digestDigits)}`;
    said.push({ identity, place, value: part.slice(digestDigits) });
  }
  return said;
}

function sumOf(said: readonly Said[]): Sum {
  const sum: Sum = [];
  for (const one of said) addTo(sum, one);
  return sum;
}

function addTo(sum: Sum, said: Said): void {
  const { identity, place, value } = said;
  const at = sum.findIndex((it) => it.identity === identity);
  const known = sum[at];
  if (known === undefined) {
    if (sum.length < mostIdentities) sum.push(said);
    return;
  }
  sum[at] = { identity, place: Math.min(place, known.place), value: value || known.value };
}

/** The order of the source's rows must not matter. */
function asChange([key, ...others]: Sum): ContactChange {
  others.sort((one, other) => one.place - other.place || (one.identity < other.identity ? -1 : 1));
  const identities = [...(key === undefined ? [] : [key]), ...others].map(
    ({ identity, value }): KnownIdentity => ({ ...identityOf(identity), value }),
  );
  return { kind: 'identity', identities, section: noSection };
}
