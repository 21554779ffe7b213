/**
 * Joins the memberships of contacts, and parts them again. Each entry of a joined contact notes the
 * row key that it came by. When contacts are parted, it stays with that key.
 */
import { entriesOf, type LedgerEntry, ledgerWith, membershipOf } from './ledger-entry.ts';
import { packLedger, readLedger } from './membership-ledger.ts';
import { type Rival, winningEntries } from './winning-entry.ts';

export interface LedgerPart {
  readonly packed: Buffer;
  /** The row key of the contact's founder. Entries without a key get it. */
  readonly key: string;
}

/**
 * The packed memberships of the joined contact, in which every entry has a key. Entries of one
 * membership with different keys are all kept. The order of the parts makes no difference. A
 * contact that joins one without memberships needs this call too, so that its entries get a key.
 */
export function joinLedgers(parts: readonly LedgerPart[]): Buffer {
  const rivals = parts.flatMap(({ packed, key }, place) =>
    entriesOf(readLedger(packed)).map((it) => withKey(it, it.key ?? key, place)),
  );
  return packLedger(ledgerWith(winningEntries(rivals)));
}

/**
 * The packed memberships of each contact after they are parted; `undefined` for a contact without
 * any. Entries keep their keys: `withoutKeys` removes the key of the founder.
 * @param homeOf the place of the contact that has this key, or that entries without a key go to
 * @param count the number of contacts
 */
export function partLedger(
  packed: Buffer,
  homeOf: (key: string | null) => number,
  count: number,
): readonly (Buffer | undefined)[] {
  const homes = Array.from({ length: count }, (): LedgerEntry[] => []);
  for (const entry of entriesOf(readLedger(packed))) {
    const home = homes[homeOf(entry.key)];
    if (home === undefined) throw new Error('The key of a membership belongs to no contact.');
    home.push(entry);
  }
  return homes.map((home) => (home.length === 0 ? undefined : packLedger(ledgerWith(home))));
}

/**
 * The packed memberships in which the entries of this key belong to the founder. Returns `packed`
 * itself if there are none.
 */
export function withoutKeys(packed: Buffer, key: string): Buffer {
  const entries = entriesOf(readLedger(packed));
  if (!entries.some((it) => it.key === key)) return packed;
  const rivals = entries.map((it) => withKey(it, it.key === key ? null : it.key, 0));
  return packLedger(ledgerWith(winningEntries(rivals)));
}

/** The entry with another key. It competes with an entry that has this key already. */
function withKey(entry: LedgerEntry, key: string | null, place: number): Rival<LedgerEntry> {
  return {
    entry: { ...entry, key },
    group: `${key} ${membershipOf(entry)}`,
    source: `${place} ${entry.key}`,
  };
}
