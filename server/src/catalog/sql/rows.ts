/** Turns table rows into records of `catalog.ts`. `columns.ts` does the reverse. */
import type { Selectable } from 'kysely';
import {
  type Field,
  type FieldType,
  noDatasetId,
  type Sensitivity,
} from '../../domain/contact/field.ts';
import {
  type IdentitySettings,
  type IdentityType,
  type Normalisation,
  usualSettings,
} from '../../domain/contact/identity-type.ts';
import {
  type DatasetDefinition,
  formerKinds,
  usualDefinition,
} from '../../domain/dataset/dataset-definition.ts';
import { noPeople, type PeopleCounts } from '../../domain/dataset/people-counts.ts';
import type { RunPlan } from '../../domain/dataset/run-plan.ts';
import type { RunProgress } from '../../domain/dataset/run-progress.ts';
import type { RuleText } from '../../domain/rule/rule-text.ts';
import type { Scope } from '../../domain/token/token.ts';
import type {
  AuditEntry,
  DatasetRecord,
  DatasetVersion,
  OrganizationRecord,
  RejectionCounts,
  Run,
  RunKind,
  RunState,
  RunTrigger,
  ScheduleState,
  TokenRecord,
} from '../catalog.ts';
import type {
  AuditRow,
  DatasetRow,
  DatasetVersionRow,
  FieldRow,
  IdentitySettingsRow,
  IdentityTypeRow,
  OrganizationRow,
  RunRow,
  ScheduleStateRow,
  TokenRow,
} from './schema.ts';

export function organizationOf(row: Selectable<OrganizationRow>): OrganizationRecord {
  return {
    id: row.id,
    name: row.name,
    rateLimit: row.rate_limit,
    currency: row.currency,
    locale: row.locale,
    timeZone: row.time_zone,
    unknownContactStatus: row.unknown_contact_status === 400 ? 400 : 404,
    tokenPoolMax: row.token_pool_max,
    tokenMaxAgeDays: row.token_max_age_days,
    separateApproval: row.separate_approval === 1,
    trust: parsed(row.trust) as number[],
    revision: row.revision,
    definitionsRevision: row.definitions_revision,
    createdAtMs: row.created_at,
  };
}

export function identityTypeOf(row: Selectable<IdentityTypeRow>): IdentityType {
  const { id, name, normalisation } = row;
  return { id, name, normalisation: normalisation as Normalisation, ...usualSettings };
}

export function identitySettingsOf(row: Selectable<IdentitySettingsRow>): IdentitySettings {
  return {
    joins: row.joins === 1,
    isStable: row.is_stable === 1,
    maxPerContact: row.max_per_contact,
    sharedLimit: row.shared_limit,
    blocked: parsed(row.blocked) as string[],
  };
}

export function datasetOf(row: Selectable<DatasetRow>): DatasetRecord {
  return {
    id: row.id,
    name: row.name,
    definition: definitionOf(row.definition),
    definitionVersion: row.definition_version,
    version: row.version,
    createdAtMs: row.created_at,
  };
}

export function datasetVersionOf(row: Selectable<DatasetVersionRow>): DatasetVersion {
  return {
    version: row.version,
    definitionVersion: row.definition_version,
    author: row.author,
    atMs: row.at,
    definition: definitionOf(row.definition) ?? usualDefinition,
    fields: (parsed(row.fields) as Selectable<FieldRow>[]).map(fieldOf),
  };
}

export function fieldOf(row: Selectable<FieldRow>): Field {
  return {
    id: row.id,
    name: row.name,
    type: row.type as FieldType,
    datasetId: row.dataset_id ?? noDatasetId,
    displayName: row.display_name,
    description: row.description,
    content: row.content === 1,
    condition: row.condition === 1,
    impliedValue: row.implied_value,
    sensitivity: row.sensitivity as Sensitivity | null,
    ...(row.lowered && { lowered: parsed(row.lowered) as NonNullable<Field['lowered']> }),
    // Commits by earlier releases have no currency and no rule.
    currency: row.currency ?? null,
    rule: parsed(row.rule ?? null) as RuleText | null,
  };
}

export function tokenOf(row: Selectable<TokenRow>): TokenRecord {
  return {
    id: row.id,
    rowId: row.row_id,
    organizationId: row.organization_id,
    name: row.name,
    createdBy: row.created_by,
    lastCharacters: row.last_characters,
    digest: row.digest,
    scopes: parsed(row.scopes) as Scope[],
    fields: parsed(row.fields) as string[] | null,
    identityTypes: parsed(row.identity_types) as string[] | null,
    addresses: parsed(row.addresses) as string[] | null,
    maxShare: row.max_share,
    dataset: row.dataset,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    lastUsedAtMs: row.last_used_at,
    revokedAtMs: row.revoked_at,
    replacedBy: row.replaced_by,
  };
}

export function runOf(row: Selectable<RunRow>): Run {
  return {
    id: row.id,
    organizationId: row.organization_id,
    datasetId: row.dataset_id,
    kind: row.kind as RunKind,
    trigger: row.trigger_kind as RunTrigger,
    definitionVersion: row.definition_version,
    state: row.state as RunState,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
    errorCode: row.error_code,
    errorDetail: row.error_detail,
    plan: planOf(row.plan),
    progress: parsed(row.progress) as RunProgress | null,
    approvedBy: row.approved_by,
    approvalOf: row.approval_of,
    rowsRead: row.rows_read,
    added: row.added,
    changed: row.changed,
    unchanged: row.unchanged,
    stale: row.stale,
    cleared: row.cleared,
    rejected: row.rejected,
    rejections: (parsed(row.rejections) ?? {}) as RejectionCounts,
    people: (parsed(row.people) ?? noPeople) as PeopleCounts,
    bytes: row.bytes,
  };
}

export function scheduleStateOf(row: Selectable<ScheduleStateRow>): ScheduleState {
  return {
    organizationId: row.organization_id,
    datasetId: row.dataset_id,
    pausedBy: row.paused_by,
    lastDueMs: row.last_due_at,
    attempts: row.attempts,
    retryAtMs: row.retry_at,
  };
}

export function auditEntryOf(row: Selectable<AuditRow>): AuditEntry {
  return {
    id: row.id,
    organizationId: row.organization_id,
    atMs: row.at,
    actor: row.actor,
    action: row.action,
    target: row.target,
    before: parsed(row.before),
    after: parsed(row.after),
  };
}

export function jsonText(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

/** Plans by earlier releases lack rejected rows. */
function planOf(text: string | null): RunPlan | null {
  const stored = parsed(text) as RunPlan | null;
  return stored === null ? null : { ...stored, rejections: stored.rejections ?? null };
}

/** Definitions of earlier releases lack members, and may have an old spelling of their kind. */
function definitionOf(text: string | null): DatasetDefinition | null {
  const stored = parsed(text) as Partial<DatasetDefinition> | null;
  if (stored === null) return null;
  const definition = { ...usualDefinition, ...stored };
  return { ...definition, kind: formerKinds.get(definition.kind) ?? definition.kind };
}
