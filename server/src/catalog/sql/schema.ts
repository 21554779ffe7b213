/**
 * The tables as Kysely sees them; `rows.ts` reads their rows. Times are milliseconds since the
 * epoch, flags are 0 or 1, lists and definitions are JSON text.
 */
import type { Generated } from 'kysely';

export interface OrganizationRow {
  readonly id: Generated<number>;
  name: string;
  rate_limit: number;
  currency: string;
  locale: string;
  time_zone: string;
  unknown_contact_status: number;
  token_pool_max: number;
  token_max_age_days: number;
  trust: Generated<string>;
  revision: number;
  created_at: number;
  next_identity_type_id: Generated<number>;
  next_dataset_id: Generated<number>;
  next_field_id: Generated<number>;
  definitions_revision: number;
  next_segment_id: Generated<number>;
  next_flow_id: Generated<number>;
  global_holdout: Generated<string | null>;
  separate_approval: Generated<number>;
}

export interface IdentityTypeRow {
  readonly organization_id: number;
  readonly id: number;
  readonly name: string;
  readonly normalisation: string;
}

/** The settings of identity types, built-in ones included, that differ from the usual ones. */
export interface IdentitySettingsRow {
  readonly organization_id: number;
  readonly type_id: number;
  blocked: string;
  joins: number;
  is_stable: number;
  max_per_contact: number;
  shared_limit: number;
}

export interface DatasetRow {
  readonly organization_id: number;
  readonly id: number;
  readonly name: string;
  definition: string | null;
  definition_version: Generated<number>;
  version: Generated<number>;
  readonly created_at: number;
}

export interface DatasetVersionRow {
  readonly organization_id: number;
  readonly dataset_id: number;
  readonly version: number;
  readonly definition_version: number;
  readonly author: string;
  readonly at: number;
  readonly definition: string;
  readonly fields: string;
}

export interface FieldRow {
  readonly organization_id: number;
  readonly id: number;
  /** `null` for a computed field. */
  readonly dataset_id: number | null;
  readonly name: string;
  type: string;
  display_name: string | null;
  description: string | null;
  content: number;
  condition: number;
  implied_value: string | null;
  sensitivity: string | null;
  lowered: string | null;
  currency: string | null;
  rule: string | null;
}

export interface SegmentRow {
  readonly organization_id: number;
  readonly id: number;
  name: string;
  description: string | null;
  rule: string;
}

export interface FlowRow {
  readonly organization_id: number;
  readonly id: number;
  name: string;
  /** Everything else but the owners of the slots. */
  definition: string;
  /** The owner of each slot, then for each slot whether it is held out. */
  slots: Uint8Array | null;
}

export interface ExclusionGroupRow {
  readonly organization_id: number;
  readonly name: string;
  definition: string;
  slots: Uint8Array | null;
}

export interface DefinitionEditRow {
  readonly organization_id: number;
  readonly kind: string;
  readonly id: number;
  readonly number: number;
  readonly author: string;
  readonly at: number;
  readonly before: string | null;
  readonly after: string | null;
}

export interface ChangePlanRow {
  readonly id: string;
  readonly organization_id: number;
  readonly author: string;
  readonly created_at: number;
  readonly plan: string;
  approved_by: string | null;
  ended_at: number | null;
}

export interface LastLiveRow {
  readonly organization_id: number;
  readonly flow_id: number;
  readonly definitions: Uint8Array;
}

export interface BuiltInContentRow {
  readonly organization_id: number;
  readonly name: string;
  content: number;
}

export interface TokenRow {
  readonly row_id: Generated<number>;
  readonly id: string;
  readonly organization_id: number;
  readonly name: string | null;
  readonly created_by: string;
  readonly last_characters: string;
  readonly digest: Uint8Array;
  readonly scopes: string;
  readonly fields: string | null;
  readonly identity_types: string | null;
  readonly addresses: string | null;
  readonly max_share: number | null;
  readonly dataset: string | null;
  readonly created_at: number;
  expires_at: number | null;
  last_used_at: Generated<number | null>;
  revoked_at: Generated<number | null>;
  replaced_by: Generated<string | null>;
}

export interface RunRow {
  readonly id: string;
  readonly organization_id: number;
  readonly dataset_id: number;
  readonly kind: string;
  state: string;
  readonly started_at: number;
  ended_at: Generated<number | null>;
  error_code: Generated<string | null>;
  error_detail: Generated<string | null>;
  readonly trigger_kind: string;
  readonly definition_version: number;
  plan: Generated<string | null>;
  progress: Generated<string | null>;
  approved_by: Generated<string | null>;
  readonly approval_of: string | null;
  rows_read: Generated<number>;
  added: Generated<number>;
  changed: Generated<number>;
  unchanged: Generated<number>;
  stale: Generated<number>;
  cleared: Generated<number>;
  rejected: Generated<number>;
  rejections: Generated<string | null>;
  people: Generated<string | null>;
  files: Generated<string | null>;
  bytes: Generated<number>;
}

export interface AccessHourRow {
  readonly organization_id: number;
  readonly hour: number;
  looks: number;
  by_users: number;
  reveals: number;
}

export interface UsageHourRow {
  readonly organization_id: number;
  readonly hour: number;
  readonly token_row_id: number;
  counts: string;
}

export interface ScheduleStateRow {
  readonly organization_id: number;
  readonly dataset_id: number;
  paused_by: string | null;
  last_due_at: number | null;
  attempts: number;
  retry_at: number | null;
}

export interface FieldReadRow {
  readonly token_row_id: number;
  /** Below 0 for a built-in field. */
  readonly field_id: number;
  day: number;
}

export interface PrivacyRequestRow {
  readonly id: string;
  readonly organization_id: number;
  readonly kind: string;
  state: string;
  readonly actor: string;
  readonly received_at: number;
  alive_at: number;
  ended_at: Generated<number | null>;
  counts: Generated<string | null>;
  receipt: Generated<string | null>;
  failure: Generated<string | null>;
}

/** Keyed digests of the identities that a request was about. */
export interface PrivacySubjectRow {
  readonly organization_id: number;
  readonly subject: string;
  readonly request_id: string;
}

export interface UserRow {
  readonly row_id: Generated<number>;
  readonly id: string;
  readonly organization_id: number;
  email: string;
  name: string;
  role: string;
  given_role: string | null;
  state: string;
  password_hash: string | null;
  totp: string | null;
  pending_totp: string | null;
  totp_step: number;
  oidc_subject: string | null;
  readonly created_at: number;
  last_sign_in_at: number | null;
  revoked_at: number | null;
  role_lost_at: number | null;
}

export interface UserSessionRow {
  readonly digest: string;
  readonly id: string;
  readonly user_id: string;
  readonly method: string;
  readonly address: string;
  readonly user_agent: string;
  readonly created_at: number;
  last_seen_at: number;
  idle_end: number;
  end: number;
  confirmed_until: number;
}

export interface UserLinkRow {
  readonly digest: string;
  readonly user_id: string;
  readonly kind: string;
  readonly end: number;
}

export interface UserDeviceRow {
  readonly digest: string;
  readonly user_id: string;
  seen_at: number;
}

export interface SignInFailuresRow {
  readonly key: string;
  count: number;
  last_at: number;
}

/** One row. */
export interface AccessEndRow {
  readonly id: number;
  block: number;
  hash: string;
  file: number;
}

export interface AuditRow {
  readonly id: Generated<number>;
  readonly organization_id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface PushedRowsRow {
  organization_id: number;
  dataset_id: number;
  last_at: number;
  day: number;
  received: number;
  rejected: number;
}

export interface CatalogTables {
  catalog_state: { readonly id: number; revision: number };
  organizations: OrganizationRow;
  identity_types: IdentityTypeRow;
  identity_settings: IdentitySettingsRow;
  datasets: DatasetRow;
  dataset_versions: DatasetVersionRow;
  fields: FieldRow;
  segments: SegmentRow;
  flows: FlowRow;
  exclusion_groups: ExclusionGroupRow;
  definition_edits: DefinitionEditRow;
  change_plans: ChangePlanRow;
  last_live_definitions: LastLiveRow;
  built_in_content: BuiltInContentRow;
  tokens: TokenRow;
  runs: RunRow;
  schedule_states: ScheduleStateRow;
  field_reads: FieldReadRow;
  pushed_rows: PushedRowsRow;
  usage_hours: UsageHourRow;
  access_hours: AccessHourRow;
  audit: AuditRow;
  access_end: AccessEndRow;
  privacy_requests: PrivacyRequestRow;
  privacy_subjects: PrivacySubjectRow;
  users: UserRow;
  user_sessions: UserSessionRow;
  user_links: UserLinkRow;
  user_devices: UserDeviceRow;
  sign_in_failures: SignInFailuresRow;
}
