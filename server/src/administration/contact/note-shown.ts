/** Notes in the audit log that somebody looks at a contact. The entry has no identity. */
import { noteRead } from '../note-read.ts';
import type { ContactCaller } from './contact-caller.ts';

export interface ShownContact {
  readonly action: 'contact.identities' | 'contact.explain' | 'contact.reveal' | 'contact.search';
  /** The id of the token whose answer is shown too. */
  readonly tokenId?: string | undefined;
}

/** Call it before the contact is read, so that nothing is shown without an entry. */
export async function noteShown(
  { administration, organization }: ContactCaller,
  { action, tokenId }: ShownContact,
): Promise<void> {
  await noteRead(administration, organization.organization.id, {
    action,
    target: action === 'contact.search' ? 'contacts' : 'one contact',
    after: tokenId === undefined ? null : { token: tokenId },
  });
}
