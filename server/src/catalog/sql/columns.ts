/** Turns organizations and fields into columns of their tables. `rows.ts` does the reverse. */
import type { NewField, NewOrganization } from '../catalog.ts';
import { jsonText } from './rows.ts';

export function organizationColumns(organization: NewOrganization) {
  return {
    name: organization.name,
    rate_limit: organization.rateLimit,
    currency: organization.currency,
    locale: organization.locale,
    time_zone: organization.timeZone,
    unknown_contact_status: organization.unknownContactStatus,
    token_pool_max: organization.tokenPoolMax,
    token_max_age_days: organization.tokenMaxAgeDays,
    separate_approval: Number(organization.separateApproval),
    trust: JSON.stringify(organization.trust),
  };
}

export function fieldColumns(field: NewField) {
  return {
    type: field.type,
    display_name: field.displayName,
    description: field.description,
    content: Number(field.content),
    condition: Number(field.condition),
    implied_value: field.impliedValue,
    sensitivity: field.sensitivity,
    lowered: jsonText(field.lowered ?? null),
    currency: field.currency,
    rule: jsonText(field.rule),
  };
}
