/** Turns staged rows of identities into changes, one for each key: what its rows say adds up. */
import { maxIdentitiesPerContact } from '../../domain/limits.ts';
import type { ContactChange, KnownIdentity } from '../../stores/store.ts';
import { identityOf } from '../table/identity-text.ts';
import { inBatches } from '../table/table-rows.ts';
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
  for await (const changes of inBatches(changesOf(pieces, typeIds))) {
    yield { changes, release: () => undefined };
  }
}

interface Said {
  /** The index of the identifier. */
  readonly place: number;
  readonly value: string;
}

/** What the rows of a key say: identities as text. The key comes first. */
type Sum = Map<string, Said>;

async function* changesOf(
  pieces: AsyncIterable<Buffer>,
  typeIds: readonly number[],
): AsyncGenerator<ContactChange> {
  const sums = new Map<string, Sum>();
  let range = '';
  for await (const piece of pieces) {
    for (const row of piece.toString('utf8').split(rowEnd).slice(0, -1)) {
      const said = readRow(row, typeIds);
      const [first] = said;
      if (first === undefined) continue;
      const [key] = first;
      // All rows of a key are in one range.
      const rowRange = key.slice(key.indexOf(' '), key.indexOf(' ') + 3);
      if (rowRange !== range) {
        for (const sum of sums.values()) yield asChange(sum);
        sums.clear();
        range = rowRange;
      }
      const sum = sums.get(key) ?? new Map<string, Said>();
      sums.set(key, sum);
      for (const [identity, one] of said) addTo(sum, identity, one);
    }
  }
  for (const sum of sums.values()) yield asChange(sum);
}

function readRow(row: string, typeIds: readonly number[]): (readonly [string, Said])[] {
  const parts = row.split(partEnd, typeIds.length);
  return typeIds.flatMap((typeId, place) => {
    const part = parts[place] ?? '';
    const said = { place, value: part.slice(digestDigits) };
    return part === '' ? [] : [[`${typeId} ${part.slice(0, digestDigits)}`, said] as const];
  });
}

function addTo(sum: Sum, identity: string, { place, value }: Said): void {
  const known = sum.get(identity);
  if (known === undefined && sum.size >= mostIdentities) return;
  sum.set(identity, {
    place: Math.min(place, known?.place ?? place),
    value: value || (known?.value ?? ''),
  });
}

/** The order of the source's rows must not matter. */
function asChange(sum: Sum): ContactChange {
  const [key, ...others] = [...sum];
  others.sort(
    ([one, { place }], [other, { place: otherPlace }]) =>
      place - otherPlace || (one < other ? -1 : 1),
  );
  const identities = [...(key === undefined ? [] : [key]), ...others].map(
    ([identity, { value }]): KnownIdentity => ({ ...identityOf(identity), value }),
  );
  return { kind: 'identity', identities, section: noSection };
}
