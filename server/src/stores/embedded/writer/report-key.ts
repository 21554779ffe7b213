/** By which key a contact notes the reports of a row. */
import { joinLedgers, partLedger, withoutKeys } from '../../../domain/membership/join-ledgers.ts';
import type { IdentityNode, RowNode } from '../contacts/component.ts';
import { identityBytes } from '../contacts/identity-links.ts';

/** `null` while the rows of the contact have one key. */
export function reportKey(rows: readonly RowNode[] = [], key: IdentityNode): string | null {
  const keys = new Set(rows.filter(({ kind }) => kind !== 'list').map((row) => row.key));
  keys.add(key);
  return keys.size === 1 ? null : identityBytes(key).toString('hex');
}

/** The reports that came by a key, without it: the contact may be parted before they come back. */
export function reportsBy(
  packed: Buffer,
  rows: readonly RowNode[] | undefined,
  key: IdentityNode,
): Buffer | undefined {
  const by = reportKey(rows, key);
  const [own] = partLedger(packed, (it) => (it === by ? 0 : 1), 2);
  return own && by !== null ? withoutKeys(own, by) : own;
}

/** The reverse of `reportsBy`. */
export function reportsWithKey(
  packed: Buffer,
  rows: readonly RowNode[] | undefined,
  key: IdentityNode,
): Buffer {
  const by = reportKey(rows, key);
  return by === null ? packed : joinLedgers([{ packed, key: by }]);
}
