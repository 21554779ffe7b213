/** What a contact of format 3 or older has. It does not know its rows. */
import { entriesOf } from '../../../domain/membership/ledger-entry.ts';
import { readLedger } from '../../../domain/membership/membership-ledger.ts';
import { eachSection, isContact } from '../../read-record.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import type { ContactList } from './contact-list.ts';

/** The place of the strongest identity by the usual rules. */
export function founderOf({ identities }: ContactList): number {
  let founder = 0;
  for (const [place, { typeId, digest }] of identities.entries()) {
    const known = identities[founder];
    if (known === undefined) continue;
    const order = typeId - known.typeId || Buffer.compare(digest, known.digest);
    if (order < 0) founder = place;
  }
  return founder;
}

/** One row for each section, and one for each dataset that reported memberships. */
export function rowsOf(
  { rec, mem }: { readonly rec: KeyedDatabase; readonly mem: KeyedDatabase },
  key: Uint8Array,
): { readonly datasetId: number; readonly kind: 'contact' | 'report' }[] {
  const rows: { datasetId: number; kind: 'contact' | 'report' }[] = [];
  const record = rec.getBinaryFast(key);
  if (record !== undefined && isContact(record)) {
    eachSection({ bytes: record, length: rec.lastSize }, (datasetId) => {
      rows.push({ datasetId, kind: 'contact' });
    });
  }
  const packed = mem.getBinaryFast(key);
  if (packed === undefined) return rows;
  const ledger = readLedger(Buffer.from(packed.subarray(0, mem.lastSize)));
  const reporting = new Set(entriesOf(ledger).map((it) => it.by?.datasetId ?? 0));
  // Memberships that were set directly need a row only if nothing else fills the contact.
  if (rows.length > 0 || reporting.size > 1) reporting.delete(0);
  if (rows.length === 0 && reporting.size === 0) reporting.add(0);
  for (const datasetId of reporting) rows.push({ datasetId, kind: 'report' });
  return rows;
}
