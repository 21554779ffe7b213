/** Names of users. The audit log and the access log show them, so that they must be readable. */
import { isPlainText, plainTextForm } from '../domain/text-characters.ts';
import { maxUserNameLength } from './limits.ts';
import { invalid } from './user-error.ts';

/**
 * @param otherwise the name if none was chosen
 * @throws UsherError `definition_invalid`
 */
export function chosenName(chosen: string | undefined, otherwise: string): string {
  const name = chosen?.trim() ?? '';
  if (name === '') return otherwise;
  if (isPlainText(name, maxUserNameLength)) return name;
  throw invalid('/name', `A name has ${plainTextForm(maxUserNameLength)}.`);
}
