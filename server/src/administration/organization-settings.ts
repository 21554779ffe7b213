/** Checks the settings of an organization, and shows them as the API returns them. */
import type { DatasetRecord, NewOrganization, OrganizationRecord } from '../catalog/catalog.ts';
import {
  maxDatasetsPerOrganization,
  rateLimitRange,
  tokenAgeDaysRange,
  tokenPoolRange,
} from '../domain/limits.ts';
import { nearestWord } from '../domain/nearest-word.ts';
import type { Organization } from '../domain/organization.ts';
import { rfc3339 } from './administration.ts';
import type { DefinitionProblems } from './dataset/definition-problems.ts';
import { checkCurrencyCode } from './field-settings.ts';

export type OrganizationSettings = Partial<
  Omit<Organization, 'id' | 'name' | 'trust' | 'unknownContactStatus'> & {
    /** 404 or 400. */
    readonly unknownContactStatus: number;
  }
>;

export type OrganizationChange = OrganizationSettings & {
  /** Names of datasets, the most trusted first. */
  readonly trust?: readonly string[];
};

/** The datasets of an organization, or those of them that the actor may see. */
export type NamedDatasets = readonly Pick<DatasetRecord, 'id' | 'name'>[];

export type OrganizationView = ReturnType<typeof viewOrganization>;

export function viewOrganization(record: OrganizationRecord, datasets: NamedDatasets) {
  const names = new Map(datasets.map(({ id, name }) => [id, name]));
  return {
    id: record.id,
    name: record.name,
    rate_limit: record.rateLimit,
    currency: record.currency,
    locale: record.locale,
    time_zone: record.timeZone,
    unknown_contact_status: record.unknownContactStatus,
    token_pool_max: record.tokenPoolMax,
    token_max_age_days: record.tokenMaxAgeDays,
    separate_approval: record.separateApproval,
    trust: record.trust.flatMap((id) => names.get(id) ?? []),
    created_at: rfc3339(record.createdAtMs),
  };
}

const namePattern = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;

export function checkOrganizationName(name: string, problems: DefinitionProblems): void {
  if (namePattern.test(name)) return;
  const detail =
    'A name has 1 to 63 characters of a-z, 0-9, - and _, and starts and ends with a letter or digit.';
  problems.add('/name', detail);
}

/**
 * The organization with the requested settings; its order of trust stays. Faults go to `problems`.
 */
export function checkOrganizationSettings(
  current: NewOrganization,
  wanted: OrganizationSettings,
  problems: DefinitionProblems,
): NewOrganization {
  const { rateLimit, tokenPoolMax, tokenMaxAgeDays } = wanted;
  checkWhole(rateLimit, { path: '/rate_limit', ...rateLimitRange }, problems);
  checkWhole(tokenPoolMax, { path: '/token_pool_max', ...tokenPoolRange }, problems);
  checkWhole(tokenMaxAgeDays, { path: '/token_max_age_days', ...tokenAgeDaysRange }, problems);
  const status = wanted.unknownContactStatus ?? current.unknownContactStatus;
  problems.check(status === 404 || status === 400, '/unknown_contact_status', 'Give 404 or 400.');
  return {
    name: current.name,
    rateLimit: rateLimit ?? current.rateLimit,
    currency:
      wanted.currency === undefined
        ? current.currency
        : checkCurrencyCode(wanted.currency, problems),
    locale: checkLocale(wanted.locale, problems) ?? current.locale,
    timeZone: checkTimeZone(wanted.timeZone, problems) ?? current.timeZone,
    unknownContactStatus: status === 400 ? 400 : 404,
    tokenPoolMax: tokenPoolMax ?? current.tokenPoolMax,
    tokenMaxAgeDays: tokenMaxAgeDays ?? current.tokenMaxAgeDays,
    separateApproval: wanted.separateApproval ?? current.separateApproval,
    trust: current.trust,
  };
}

/** The ids of the named datasets, in the order of the names. Faults go to `problems`. */
export function checkTrust(
  names: readonly string[],
  datasets: NamedDatasets,
  problems: DefinitionProblems,
): readonly number[] {
  const ids = new Map(datasets.map(({ id, name }) => [name, id]));
  return names.slice(0, maxDatasetsPerOrganization).flatMap((name, place) => {
    const id = ids.get(name);
    if (id === undefined) problems.add(`/${place}`, unknownDataset(name, [...ids.keys()]));
    else if (names.indexOf(name) < place) problems.add(`/${place}`, `${name} is named twice.`);
    return id ?? [];
  });
}

function unknownDataset(name: string, known: readonly string[]): string {
  const near = nearestWord(name, known);
  const advice =
    near === undefined ? 'List the datasets: usher dataset list' : `Did you mean ${near}?`;
  return `There is no dataset ${name}. ${advice}`;
}

function checkWhole(
  value: number | undefined,
  range: { readonly path: string; readonly min: number; readonly max: number },
  problems: DefinitionProblems,
): void {
  const { path, min, max } = range;
  const isWhole = value === undefined || (Number.isInteger(value) && value >= min && value <= max);
  problems.check(isWhole, path, `Give a whole number from ${min} to ${max}.`);
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
