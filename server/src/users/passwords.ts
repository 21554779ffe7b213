/** Which passwords users may choose. */
import { minPasswordVariety, passwordLength } from './limits.ts';
import { invalid } from './user-error.ts';

/** @throws UsherError `definition_invalid` */
export function requireGoodPassword(password: string, email: string, path: string): void {
  const characters = [...password.normalize('NFKC')];
  const { min, max } = passwordLength;
  if (characters.length < min || characters.length > max) {
    throw invalid(path, `The password must have ${min} to ${max} characters.`);
  }
  if (new Set(characters).size < minPasswordVariety) {
    throw invalid(path, `The password must have ${minPasswordVariety} different characters.`);
  }
  const [local = ''] = email.split('@');
  const lowered = password.toLowerCase();
  if (local.length >= 4 && lowered.replaceAll(local, '').length < min / 2) {
    throw invalid(path, 'The password must not be made of the e-mail address.');
  }
}
