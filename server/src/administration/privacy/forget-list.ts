/** Gives up a suppression list that is lost for good, so that the store can be written again. */
import type { DescribedList, SuppressionFiles } from '../../stores/suppression-files.ts';
import { authorOf } from '../administration.ts';
import { type PrivacyCaller, requirePrivacy } from './privacy-caller.ts';

/**
 * The people of the list may come back then. For operators alone: a list counts for all
 * organizations.
 * @throws UsherError `resource_not_found` for an unknown list, `parameter_invalid` for one that can
 *   be used, `store_unavailable` while another process writes the store
 */
export async function forgetList(
  caller: PrivacyCaller,
  suppression: SuppressionFiles,
  keyId: string,
): Promise<DescribedList> {
  requirePrivacy(caller);
  const { administration, organization } = caller;
  const forgotten = await suppression.forget(keyId);
  const { entries, fault } = forgotten;
  await administration.catalog.recordActs(authorOf(administration), [
    {
      organizationId: organization.organization.id,
      action: 'privacy.forget_list',
      target: keyId,
      before: { entries, fault },
      after: null,
    },
  ]);
  return forgotten;
}
