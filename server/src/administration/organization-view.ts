/** An organization, as the API answers it. */
import type { OrganizationRecord } from '../catalog/catalog.ts';
import { rfc3339 } from './administration.ts';

export interface OrganizationView {
  readonly id: number;
  readonly name: string;
  /** Units per second. */
  readonly rate_limit: number;
  readonly currency: string;
  readonly locale: string;
  readonly time_zone: string;
  readonly unknown_contact_status: 404 | 400;
  readonly token_pool_max: number;
  readonly token_max_age_days: number;
  readonly created_at: string;
}

export function viewOrganization(record: OrganizationRecord): OrganizationView {
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
    created_at: rfc3339(record.createdAtMs),
  };
}
