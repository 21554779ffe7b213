/** Checks that a receipt is genuine, and that the people of its erasure have not come back. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IdentityKey } from '../../stores/store.ts';
import type { SuppressionReader } from '../../stores/suppression-reader.ts';
import { verifiedPerTurn } from '../limits.ts';
import {
  type PrivacyCaller,
  type PrivacyStore,
  requirePrivacy,
  withSuppression,
} from './privacy-caller.ts';
import { isSigned, type Receipt } from './receipt.ts';
import { identityTypeNames } from './subjects.ts';

export interface VerifiedReceipt {
  /** Whether the receipt is genuine and nobody of it is in the store or off the list. */
  readonly is_valid: boolean;
  /** `key_missing`: the data folder does not have the key that signed it. */
  readonly mac: 'valid' | 'invalid' | 'key_missing';
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
  return withSuppression(store, async (lists) => {
    const { subjects, key_id: keyId } = receipt;
    const unknown = { suppressed: 0, lifted: 0, missing: 0, found: 0 };
    const known = { subjects: subjects.length, ...unknown };
    if (!lists.keyIds.includes(keyId)) return { is_valid: false, mac: 'key_missing', ...known };
    if (!isSigned(lists, receipt)) return { is_valid: false, mac: 'invalid', ...known };
    const states = subjects.map((subject) => lists.stateOf(keyId, subject));
    const count = (state: string) => states.filter((it) => it === state).length;
    const notLifted = new Set(subjects.filter((_, place) => states[place] !== 'lifted'));
    const found = await countFound(caller, store, { lists, keyId, subjects: notLifted });
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
  readonly lists: SuppressionReader;
  readonly keyId: string;
  readonly subjects: ReadonlySet<string>;
}

async function countFound(
  { organization }: PrivacyCaller,
  { reader }: Pick<PrivacyStore, 'reader'>,
  wanted: Wanted,
): Promise<number> {
  const { id: organizationId } = organization.organization;
  let found = 0;
  for (const [typeId, name] of identityTypeNames(organization)) {
    // Ids of contacts are not suppressed: they are gone with their contact.
    if (typeId === 0) continue;
    let some: IdentityKey[] = [];
    for await (const identity of reader.scanIdentities(organizationId, typeId)) {
      some.push(identity);
      if (some.length < verifiedPerTurn) continue;
      found += countSubjects(some, { organizationId, name }, wanted);
      some = [];
      await nextTurn();
    }
    found += countSubjects(some, { organizationId, name }, wanted);
  }
  return found;
}

function countSubjects(
  identities: readonly IdentityKey[],
  type: { readonly organizationId: number; readonly name: string },
  { lists, keyId, subjects }: Wanted,
): number {
  const digests = Buffer.concat(identities.map(({ digest }) => digest));
  const keyed = lists.digestsOf(keyId, type, digests);
  return identities.filter((_, at) => subjects.has(keyed.toString('hex', at * 16, at * 16 + 16)))
    .length;
}
