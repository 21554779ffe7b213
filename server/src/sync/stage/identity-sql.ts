/**
 * The rules of `domain/contact/identity.ts` as SQL. The SQL gives the same value as JavaScript, or
 * NULL: then JavaScript reads the row. `test/sync/row-sql.test.ts` compares.
 */
import { normalEmailPattern } from '../../domain/contact/identity.ts';
import type { IdentityType, Normalisation } from '../../domain/contact/identity-type.ts';
import { maxIdentityBytes } from '../../domain/limits.ts';
import { sqlText } from '../../sources/workbench.ts';
import { isOneOfSql, pattern, plainIf } from './row-sql.ts';

/** The normalised value of an identity that is not NULL; NULL if JavaScript must normalise it. */
export function identitySql(
  { normalisation, blocked }: Pick<IdentityType, 'normalisation' | 'blocked'>,
  column: string,
): string {
  const value = normalisedSql(normalisation, column);
  if (blocked.length === 0) return value;
  if (normalisation === 'email') return emailSql(blocked, column);
  return `CASE WHEN NOT (${blockedSql(blocked, column)}) THEN ${value} END`;
}

/** To fold a value costs more than to see that it is an address in its usual form. */
function emailSql(blocked: readonly string[], column: string): string {
  const found = blocked
    .filter((entry) => entry.includes('@'))
    .map((entry) =>
      entry.endsWith('@')
        ? `starts_with(${column}, ${sqlText(entry)})`
        : `${column} = ${sqlText(entry)}`,
    );
  const usual = ['false', ...found].join(' OR ');
  return `CASE WHEN ${isUsualEmail(column)} THEN CASE WHEN NOT (${usual}) THEN ${column} END
    WHEN NOT (${blockedSql(blocked, column)}) THEN ${foldedEmailSql(column)} END`;
}

/** Whether a value that SQL can normalise, so one of ASCII characters, is blocked. */
function blockedSql(blocked: readonly string[], column: string): string {
  const folded = `lower(trim(${column}))`;
  const starts = blocked.filter((entry) => entry.endsWith('@'));
  const wholes = blocked.filter((entry) => !entry.endsWith('@'));
  const longest = Math.max(...wholes.map((entry) => entry.length));
  // Most values are longer than these, and need no folding.
  const isWhole = `strlen(trim(${column})) <= ${longest} AND ${isOneOfSql(folded, wholes)}`;
  return [
    ...(wholes.length > 0 ? [`(${isWhole})`] : []),
    ...(wholes.includes('0') ? [`ltrim(${column}, ' 0') = ''`] : []),
    ...starts.map((entry) => `starts_with(${folded}, ${sqlText(entry)})`),
  ].join(' OR ');
}

function normalisedSql(normalisation: Normalisation, column: string): string {
  if (normalisation !== 'email') return plainIf(column, identityForms[normalisation], column);
  // `lower` costs more than checking whether there is anything to lower.
  return `CASE WHEN ${isUsualEmail(column)} THEN ${column} ELSE ${foldedEmailSql(column)} END`;
}

/** Whether an address is normalised already. */
function isUsualEmail(column: string): string {
  return `strlen(${column}) <= ${maxIdentityBytes} AND regexp_full_match(${column}, ${pattern(normalEmailPattern)})`;
}

function foldedEmailSql(column: string): string {
  const anyCase = normalEmailPattern.source
    .replaceAll('a-z0-9', 'A-Za-z0-9')
    .replace(/^\^|\$$/g, '');
  return `CASE WHEN strlen(${column}) <= ${maxIdentityBytes} AND regexp_full_match(trim(${column}), ${sqlText(anyCase)})
    THEN lower(trim(${column})) END`;
}

/** The form of identities that are already normalised. */
const identityForms: Readonly<Record<Exclude<Normalisation, 'email'>, RegExp>> = {
  'email-hash': /^[0-9a-f]{64}$/,
  phone: /^\+[1-9][0-9]{6,14}$/,
  // Characters that JSON escapes are excluded: the check of the row's text counts quotes.
  exact: /^[!#-[\]-~](?:[ !#-[\]-~]{0,500}[!#-[\]-~])?$/,
  'contact-id': /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
};

/** The digest of a normalised identity as 32 hexadecimal digits; the twin of `identityDigest`. */
export function digestSql(normalisation: Normalisation, value: string): string {
  if (normalisation === 'email-hash') return `left(${value}, 32)`;
  if (normalisation === 'contact-id') return `replace(${value}, '-', '')`;
  return `left(sha256(${value}), 32)`;
}
