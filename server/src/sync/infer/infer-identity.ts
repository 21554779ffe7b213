/**
 * Finds the columns that identify the contacts: one with e-mail addresses, and one with a number
 * of the person, which stays when the address changes.
 */

import { isBlockedValue } from '../../domain/contact/blocked-value.ts';
import { normaliseIdentity } from '../../domain/contact/identity.ts';
import { usualBlocked } from '../../domain/contact/identity-type.ts';
import { UsherError } from '../../domain/errors.ts';
import type { ImportRequest } from '../import-request.ts';
import { isPersonIdName } from './column-name.ts';

export interface SampledColumn {
  readonly column: string;
  readonly texts: readonly string[];
  /** Whether the source stores the column as doubles. */
  readonly isDouble: boolean;
}

const typeHint =
  'Use an identity type that the organization has (usher identity-type list), or create one: usher identity-type create user_id';

/** Share of the values, without empty ones, that must be e-mail addresses. */
const emailShare = 0.9;

/**
 * `undefined` if there is no such column, or several, and the request allows that.
 * @throws UsherError as `inferIdentityColumn`
 */
export function findIdentityColumn(
  columns: readonly SampledColumn[],
  { commandWith, isDraft }: Pick<ImportRequest, 'commandWith' | 'isDraft'>,
): string | undefined {
  try {
    return inferIdentityColumn(columns, commandWith);
  } catch (error) {
    if (isDraft === true && error instanceof UsherError) return undefined;
    throw error;
  }
}

/**
 * @param commandWith returns the command that was called, with more flags
 * @throws UsherError `definition_invalid` if there is no such column, or several. The message lists
 *   the candidates, with a command for each
 */
export function inferIdentityColumn(
  columns: readonly SampledColumn[],
  commandWith: ImportRequest['commandWith'],
): string {
  const emails = columns.filter(({ texts }) => looksLikeEmail(texts));
  const [only, ...others] = emails;
  if (only !== undefined && others.length === 0) return only.column;
  if (only !== undefined) {
    const commands = emails.map(
      ({ column }) => `  ${commandWith('--identifier', `email=${column}`)}`,
    );
    throw new UsherError(
      'definition_invalid',
      [
        'Several columns look like e-mail. Say which one identifies the contacts:',
        ...commands,
      ].join('\n'),
      { members: { candidates: emails.map(({ column }) => column) } },
    );
  }
  // Columns that almost qualify come before columns that may be ids.
  const nearly = columns.filter((one) => mayBeEmail(one));
  const keys = nearly.length > 0 ? [] : columns.filter(isLikeKey);
  const candidates = [...nearly, ...keys].slice(0, 5);
  const type = nearly.length > 0 ? 'email' : 'user_id';
  const commands = candidates.map(
    ({ column }) => `  ${commandWith('--identifier', `${type}=${column}`)}`,
  );
  const hint =
    commands.length === 0
      ? [`Say which column identifies them: ${commandWith('--identifier', 'TYPE=COLUMN')}`]
      : ['Say which column identifies them, for example:', ...commands];
  throw new UsherError(
    'definition_invalid',
    [
      nearly.length > 0
        ? 'No column has e-mail addresses in nine of ten of its values, so no column identifies the contacts.'
        : 'No column looks like e-mail, so no column identifies the contacts.',
      ...hint,
      ...(nearly.length > 0 ? [] : [typeHint]),
    ].join('\n'),
    { members: { candidates: candidates.map(({ column }) => column) } },
  );
}

/**
 * The column with a number or an id of each person: no value of the sample is empty or repeated.
 * `undefined` if there is none.
 */
export function inferKeyColumn(columns: readonly SampledColumn[]): string | undefined {
  return columns.find(isPersonId)?.column;
}

function isPersonId({ column, texts }: SampledColumn): boolean {
  if (!isPersonIdName(column) || texts.length === 0) return false;
  const values = texts.map((text) => text.trim());
  const areIds = values.every(
    (value) => /^[A-Za-z0-9._:/-]{1,64}$/.test(value) && !isBlockedValue(usualBlocked, value),
  );
  return areIds && values.some((value) => /[0-9]/.test(value)) && areDistinct(values);
}

function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function looksLikeEmail(texts: readonly string[]): boolean {
  return emailShareOf(texts) >= emailShare;
}

/** Whether the column has e-mail addresses, but too few to choose it without asking. */
function mayBeEmail({ column, texts }: SampledColumn): boolean {
  const share = emailShareOf(texts);
  return share >= emailShare / 2 || (share > 0 && /e-?mail/i.test(column));
}

function emailShareOf(texts: readonly string[]): number {
  const values = texts.filter((text) => text.trim() !== '');
  const emails = values.filter((text) => normaliseIdentity('email', text) !== undefined);
  return values.length === 0 ? 0 : emails.length / values.length;
}

/** Whether the column's values are never empty and never repeated in the sample. */
function isLikeKey({ column, texts }: SampledColumn): boolean {
  const values = texts.map((text) => text.trim());
  if (values.length === 0 || values.includes('')) return false;
  return areDistinct(values) && (values.length > 3 || /id|key|phone|number|no$/i.test(column));
}
