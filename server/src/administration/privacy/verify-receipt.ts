/** Checks that a receipt is genuine, and that the people of its erasure have not come back. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SuppressionKeyring } from '../../stores/suppression-files.ts';
import { verifiedPerTurn } from '../limits.ts';
import {
  type PrivacyCaller,
  type PrivacyStore,
  requirePrivacy,
  withKeyring,
} from './privacy-caller.ts';
import { isSigned, type Receipt } from './receipt.ts';
import { identityTypeNames } from './subjects.ts';

export interface VerifiedReceipt {
  /** Whether the receipt is genuine and nobody of it is in the store or off the list. */
  readonly is_valid: boolean;
  /**
   * `key_missing`: the data folder does not have the key that signed it. `other_organization`: it
   * is genuine, but belongs to another organization, whose contacts were not looked at.
   */
  readonly mac: 'valid' | 'invalid' | 'key_missing' | 'other_organization';
  readonly subjects: number;
  readonly suppressed: number;
  /** Taken off the list on purpose since: they may be in the store again. */
  readonly lifted: number;
  /** Neither on the list nor taken off it. */
  readonly missing: number;
  /** Identities of contacts that are subjects and were not lifted. */
  readonly found: number;
}

/**
 * Reads every identity of the organization: about a second for a million.
 * @throws UsherError `scope_missing`, `store_unavailable`
 */
export async function verifyReceipt(
  caller: PrivacyCaller,
  store: Pick<PrivacyStore, 'reader' | 'suppression'>,
  receipt: Receipt,
): Promise<VerifiedReceipt> {
  requirePrivacy(caller);
  const { subjects, key_id: keyId } = receipt;
  const counts = { subjects: subjects.length, suppressed: 0, lifted: 0, missing: 0, found: 0 };
  const isKeyKnown = store.suppression.describe().some((list) => list.keyId === keyId);
  if (!isKeyKnown) return { is_valid: false, mac: 'key_missing', ...counts };
  return withKeyring(store, keyId, async (keyring) => {
    if (!isSigned(keyring, receipt)) return { is_valid: false, mac: 'invalid', ...counts };
    if (receipt.organization !== caller.organization.organization.name) {
      return { is_valid: false, mac: 'other_organization', ...counts };
    }
    const states = keyring.states(subjects);
    const count = (state: string) => states.filter((it) => it === state).length;
    const notLifted = new Set(subjects.filter((_, place) => states[place] !== 'lifted'));
    const found = await countFound(caller, store, { keyring, subjects: notLifted });
    const missing = count('unknown');
    return {
      is_valid: missing === 0 && found === 0,
      mac: 'valid',
      subjects: subjects.length,
      ...{ suppressed: count('suppressed'), lifted: count('lifted'), missing, found },
    };
  });
}

interface Wanted {
  readonly keyring: SuppressionKeyring;
  readonly subjects: ReadonlySet<string>;
}

async function countFound(
  { organization }: PrivacyCaller,
  { reader }: Pick<PrivacyStore, 'reader'>,
  { keyring, subjects }: Wanted,
): Promise<number> {
  const { id: organizationId } = organization.organization;
  let found = 0;
  let read = 0;
  for (const [typeId, type] of identityTypeNames(organization)) {
    // Ids of contacts are not suppressed: they are gone with their contact.
    if (typeId === 0) continue;
    for await (const { digest } of reader.scanIdentities(organizationId, typeId)) {
      const subject = keyring.keyedDigest({ organizationId, type, digest });
      if (subjects.has(subject)) found += 1;
      read += 1;
      if (read % verifiedPerTurn === 0) await nextTurn();
    }
  }
  return found;
}
