/** Checks the settings of an organization. */
import { rateLimitRange, tokenAgeDaysRange, tokenPoolRange } from '../domain/limits.ts';
import type { Organization } from '../domain/organization.ts';
import type { DefinitionProblems } from './dataset/definition-problems.ts';
import { checkCurrencyCode } from './field-settings.ts';

export interface OrganizationSettings {
  /** Units per second, 1 to 100,000. */
  readonly rateLimit?: number;
  /** ISO 4217. */
  readonly currency?: string;
  /** BCP 47. */
  readonly locale?: string;
  /** An IANA name, or `Z`. */
  readonly timeZone?: string;
  /** 404 or 400. */
  readonly unknownContactStatus?: number;
  readonly tokenPoolMax?: number;
  readonly tokenMaxAgeDays?: number;
}

type Settled = Omit<Organization, 'id'>;

const namePattern = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;

export function checkOrganizationName(name: string, problems: DefinitionProblems): void {
  problems.check(
    namePattern.test(name),
    '/name',
    'A name has 1 to 63 characters of a-z, 0-9, - and _, and starts and ends with a letter or digit.',
  );
}

/** The organization with the requested settings. Faults go to `problems`. */
export function checkOrganizationSettings(
  current: Settled,
  wanted: OrganizationSettings,
  problems: DefinitionProblems,
): Settled {
  checkWhole(wanted.rateLimit, { path: '/rate_limit', ...rateLimitRange }, problems);
  checkWhole(wanted.tokenPoolMax, { path: '/token_pool_max', ...tokenPoolRange }, problems);
  checkWhole(
    wanted.tokenMaxAgeDays,
    { path: '/token_max_age_days', ...tokenAgeDaysRange },
    problems,
  );
  const status = wanted.unknownContactStatus ?? current.unknownContactStatus;
  problems.check(status === 404 || status === 400, '/unknown_contact_status', 'Give 404 or 400.');
  return {
    name: current.name,
    rateLimit: wanted.rateLimit ?? current.rateLimit,
    currency: checkCurrency(wanted.currency, problems) ?? current.currency,
    locale: checkLocale(wanted.locale, problems) ?? current.locale,
    timeZone: checkTimeZone(wanted.timeZone, problems) ?? current.timeZone,
    unknownContactStatus: status === 400 ? 400 : 404,
    tokenPoolMax: wanted.tokenPoolMax ?? current.tokenPoolMax,
    tokenMaxAgeDays: wanted.tokenMaxAgeDays ?? current.tokenMaxAgeDays,
  };
}

function checkWhole(
  value: number | undefined,
  range: { readonly path: string; readonly min: number; readonly max: number },
  problems: DefinitionProblems,
): void {
  problems.check(
    value === undefined || (Number.isInteger(value) && value >= range.min && value <= range.max),
    range.path,
    `Give a whole number from ${range.min} to ${range.max}.`,
  );
}

function checkCurrency(text: string | undefined, problems: DefinitionProblems): string | undefined {
  return text === undefined ? undefined : checkCurrencyCode(text, problems);
}

function checkLocale(text: string | undefined, problems: DefinitionProblems): string | undefined {
  if (text === undefined) return undefined;
  try {
    const [locale] = Intl.NumberFormat.supportedLocalesOf(text);
    if (locale !== undefined) return locale;
  } catch {
    // Not in the form of a locale.
  }
  problems.add('/locale', 'Give a BCP 47 locale, such as en-US or de-DE.');
  return undefined;
}

function checkTimeZone(text: string | undefined, problems: DefinitionProblems): string | undefined {
  if (text === undefined || text === 'Z') return text;
  // `supportedValuesOf` lacks valid older names, and the constructor also takes offsets, which know
  // no summer time.
  if (/^[A-Za-z]/.test(text)) {
    try {
      return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
    } catch {
      // The system does not know the name.
    }
  }
  problems.add('/time_zone', 'Give an IANA time zone, such as America/New_York, or Z for UTC.');
  return undefined;
}
