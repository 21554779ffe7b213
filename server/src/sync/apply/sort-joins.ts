/**
 * Sorts rows of identities by the largest one: mostly that of the younger contact, which becomes
 * part of the older one. The store then writes most pages of the younger contacts, and those of the
 * log of joins, once.
 */
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { ContactChange, KnownIdentity } from '../../stores/store.ts';
import type { ChangeBatch } from '../stage/parse-changes.ts';
import { PartsFile } from '../stage/parts-file.ts';
import { partEnd, rowEnd } from '../stage/row-sql.ts';

const digestDigits = 32;
/** Hexadecimal digits of an identity type, after the digest. */
const typeDigits = 4;
const noSection = new Uint8Array();

/**
 * @param batches rows of identities, each key once
 * @param path of a file that is written
 * @throws UsherError `storage_full`
 */
export async function* sortJoins(
  batches: AsyncIterable<ChangeBatch>,
  path: string,
): AsyncGenerator<ChangeBatch> {
  const parts = new PartsFile(path);
  try {
    for await (const { changes, release } of batches) {
      for (const { identities } of changes) addRow(parts, identities);
      release();
    }
    parts.finish();
  } finally {
    parts.close();
  }
  let changes: ContactChange[] = [];
  for await (const piece of parts.sorted({ dropped: undefined, areNumbered: false })) {
    for (const row of piece.toString('utf8').split(rowEnd).slice(0, -1)) {
      if (changes.push(changeOf(row)) < maxRowsPerBatch) continue;
      yield { changes, release: () => undefined };
      changes = [];
    }
  }
  if (changes.length > 0) yield { changes, release: () => undefined };
}

/** Before the identities comes the digest of the largest one, by which the file is sorted. */
function addRow(parts: PartsFile, identities: readonly KnownIdentity[]): void {
  const written = identities.map(({ typeId, digest, value }) => {
    const type = typeId.toString(16).padStart(typeDigits, '0');
    return { type, digest: Buffer.from(digest).toString('hex'), value };
  });
  const largest = written.reduce((one, other) =>
    one.type + one.digest > other.type + other.digest ? one : other,
  );
  const texts = written.map(({ type, digest, value }) => digest + type + value + partEnd);
  const bytes = Buffer.from(largest.digest + partEnd + texts.join('') + rowEnd);
  parts.add(0, bytes, 0, bytes.length);
}

function changeOf(row: string): ContactChange {
  const identities = row
    .split(partEnd)
    .slice(1, -1)
    .map((part): KnownIdentity => {
      const end = digestDigits + typeDigits;
      return {
        typeId: Number.parseInt(part.slice(digestDigits, end), 16),
        digest: Buffer.from(part.slice(0, digestDigits), 'hex'),
        value: part.slice(end),
      };
    });
  return { kind: 'identity', identities, section: noSection };
}
