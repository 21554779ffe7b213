/** Who asks about a person's rights, with the checks of their own, and the parts that act. */
import { UsherError } from '../../domain/errors.ts';
import type { ContactReader, ContactWriter } from '../../stores/store.ts';
import type { SuppressionFiles, SuppressionKeyring } from '../../stores/suppression-files.ts';
import { type ContactCaller, requireScopes } from '../contact/contact-caller.ts';
import { sightOf } from '../token/actor-sight.ts';

export type PrivacyCaller = ContactCaller;

/** The opened store, and its suppression lists. */
export interface PrivacyStore {
  readonly reader: ContactReader;
  readonly writer: ContactWriter;
  readonly suppression: SuppressionFiles;
}

/** @throws UsherError `scope_missing`, also for a token with lists */
export function requirePrivacy(caller: PrivacyCaller): void {
  requireScopes(caller, ['privacy:write']);
  const { fields, identityTypes, dataset } = sightOf(caller.administration.actor);
  if (fields === null && identityTypes === null && dataset === null) return;
  throw new UsherError(
    'scope_missing',
    'This needs a token without lists of fields and identity types, and without a dataset of its own.',
    { members: { scope: 'privacy:write' } },
  );
}

/** Opens a suppression list with its key for `work`. */
export async function withKeyring<T>(
  { suppression }: Pick<PrivacyStore, 'suppression'>,
  keyId: string,
  work: (keyring: SuppressionKeyring) => T | Promise<T>,
): Promise<T> {
  const keyring = suppression.open(keyId);
  try {
    return await work(keyring);
  } finally {
    keyring.close();
  }
}
