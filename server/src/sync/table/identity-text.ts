/** Identities as the text that the tables of a run hold: `7 0123456789abcdef0123456789abcdef`. */
import type { IdentityKey } from '../../stores/store.ts';

export function identityText({ typeId, digest }: IdentityKey): string {
  return `${typeId} ${Buffer.from(digest).toString('hex')}`;
}

export function identityOf(text: string): IdentityKey {
  const blank = text.indexOf(' ');
  const digest = Buffer.from(text.slice(blank + 1), 'hex');
  return { typeId: Number(text.slice(0, blank)), digest };
}
