/** Erases people again who came back while their suppression list was lost. */
import type {
  AppliedSuppression,
  ApplySuppressionOptions,
  SuppressionFiles,
} from '../../stores/suppression-files.ts';
import { authorOf } from '../administration.ts';
import { type PrivacyCaller, requirePrivacy } from './privacy-caller.ts';

/**
 * Takes everyone out of the store whom a list of the data folder suppresses, of all organizations.
 * It may be called again after a kill.
 * @throws UsherError `store_unavailable` while another process writes the store
 */
export async function applyLists(
  caller: PrivacyCaller,
  suppression: SuppressionFiles,
  options: Omit<ApplySuppressionOptions, 'isRestored'>,
): Promise<AppliedSuppression> {
  requirePrivacy(caller);
  const { administration, organization } = caller;
  const applied = await suppression.apply({ ...options, isRestored: false });
  await administration.catalog.recordActs(authorOf(administration), [
    {
      organizationId: organization.organization.id,
      action: 'privacy.apply_lists',
      target: 'suppression',
      before: null,
      after: { ...applied },
    },
  ]);
  return applied;
}
