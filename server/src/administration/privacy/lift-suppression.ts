/** Lets an erased person come back: takes an identity off the suppression lists. */
import { UsherError } from '../../domain/errors.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { performRequest } from './perform-request.ts';
import { type PrivacyCaller, type PrivacyStore, requirePrivacy } from './privacy-caller.ts';
import { makeSubjects } from './subjects.ts';

/**
 * Lifts the suppression of an identity. The next run of each dataset reads every row, so that rows
 * with the identity are applied.
 * @throws UsherError `resource_not_found` if it is not suppressed, `scope_missing`, `storage_full`,
 *   `store_unavailable`
 */
export async function liftSuppression(
  caller: PrivacyCaller,
  store: PrivacyStore,
  identity: IdentityKey,
): Promise<{ readonly id: string }> {
  requirePrivacy(caller);
  const { organization } = caller;
  const { id } = await performRequest(caller, 'lift', async () => {
    const isLifted = await store.writer.liftSuppression(organization.organization.id, identity);
    if (!isLifted) {
      throw new UsherError(
        'resource_not_found',
        'This identity is not suppressed. Check its type and spelling. Other identities of the person may be suppressed: lift each of them.',
      );
    }
    const subjects = await makeSubjects(store, { organization, identities: [identity] });
    return { subjects, counts: { identities: 1 }, result: undefined };
  });
  return { id };
}
