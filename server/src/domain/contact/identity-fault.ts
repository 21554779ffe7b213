/**
 * Says why a text is no valid identity: for the list of rejected rows. The words never repeat the
 * text. `identity.ts` decides what is valid.
 */
import { maxIdentityBytes } from '../limits.ts';
import type { IdentityType, Normalisation } from './identity-type.ts';

/** @param text one that `normaliseIdentity` refuses */
export function identityFault(
  { name, normalisation }: Pick<IdentityType, 'name' | 'normalisation'>,
  text: string,
): string {
  if (text.length > maxIdentityBytes * 4) return tooLong;
  if (!text.isWellFormed()) return 'is not valid Unicode text';
  const bare = text.trim();
  const fault = faults[normalisation](bare);
  if (fault !== undefined) return fault;
  if (Buffer.byteLength(bare) > maxIdentityBytes) return tooLong;
  return `is not a valid value of the identity type ${name}`;
}

const tooLong = `is longer than ${maxIdentityBytes} bytes`;

const controlCharacter = /\p{Cc}/u;

const faults: Readonly<Record<Normalisation, (text: string) => string | undefined>> = {
  email: emailFault,
  'email-hash': () => 'is not a SHA-256 of 64 hexadecimal digits',
  phone: phoneFault,
  exact: (text) => (controlCharacter.test(text) ? 'has a control character' : undefined),
  'contact-id': () => 'is not the id of a contact',
};

function emailFault(text: string): string | undefined {
  const at = text.indexOf('@');
  if (at < 0) return 'has no @';
  if (at !== text.lastIndexOf('@')) return 'has more than one @';
  if (at === 0) return 'has nothing before the @';
  const domain = text.slice(at + 1);
  if (domain === '') return 'has nothing after the @';
  if (/\s/.test(text)) return 'has a space inside';
  if (controlCharacter.test(text)) return 'has a control character';
  if (domain.endsWith('.')) return 'ends in a dot';
  if (domain.startsWith('.')) return 'has a dot right after the @';
  if (domain.includes('..')) return 'has two dots in a row after the @';
  return /[^\p{L}\p{M}\p{N}._-]/u.test(domain)
    ? 'has a sign after the @ that no domain has'
    : undefined;
}

function phoneFault(text: string): string | undefined {
  const number = text.replace(/[\s().-]/g, '').replace(/^00/, '+');
  if (/[^0-9+]/.test(number)) return 'has letters or other signs that no phone number has';
  if (!number.startsWith('+')) return 'has no country code: it begins with neither + nor 00';
  if (number.lastIndexOf('+') > 0) return 'has a + inside';
  if (number.startsWith('+0')) return 'has a country code that begins with 0';
  if (number.length < 8) return 'has fewer than 7 digits';
  return number.length > 16 ? 'has more than 15 digits' : undefined;
}
