/** What a contact is called: by its fields, else by an identity. */
import { contactWords, identityWords } from '../../../parts/identity-chip.tsx';
import type { Explanation } from './use-contact.ts';

export function contactName({ fields, identities }: Explanation): string {
  const text = (name: string) => {
    const value = fields.find(({ field }) => field === name)?.value;
    return typeof value === 'string' ? value.trim() : '';
  };
  const full = text('full_name') || `${text('first_name')} ${text('last_name')}`.trim();
  if (full !== '') return full;
  const known = identities.find(
    ({ leads_here, identity }) => leads_here && identity.value !== null,
  );
  return known === undefined ? 'A contact' : identityWords(known.identity);
}

/** For the window: a browser keeps titles in its history, so this one names nobody. */
export function contactTitle(id: string): string {
  return contactWords({ id, identity: null }).replace('contact', 'Contact');
}
