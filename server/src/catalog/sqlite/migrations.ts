/**
 * The migrations: numbered steps that run once, in order, and are never edited after a release.
 * `migrate.ts` runs them.
 */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { defaultOrganization } from '../../domain/organization.ts';
import { pushedRowTables } from './push-tables.ts';
import { givenRoles, userTables } from './user-tables.ts';

const firstTables = [
  `create table catalog_state (
    id integer primary key check (id = 1),
    revision integer not null
  ) strict`,
  `create table organizations (
    id integer primary key autoincrement,
    name text not null unique,
    rate_limit integer not null,
    currency text not null,
    locale text not null,
    time_zone text not null,
    unknown_contact_status integer not null,
    token_pool_max integer not null,
    token_max_age_days integer not null,
    revision integer not null,
    created_at integer not null,
    next_identity_type_id integer not null default 2,
    next_dataset_id integer not null default 1,
    next_field_id integer not null default 1
  ) strict`,
  `create table identity_types (
    organization_id integer not null references organizations (id),
    id integer not null check (id between 2 and 65535),
    name text not null,
    normalisation text not null,
    primary key (organization_id, id),
    unique (organization_id, name)
  ) strict, without rowid`,
  `create table datasets (
    organization_id integer not null references organizations (id),
    id integer not null check (id between 1 and 65535),
    name text not null,
    definition text,
    definition_version integer not null default 0,
    created_at integer not null,
    primary key (organization_id, id),
    unique (organization_id, name)
  ) strict, without rowid`,
  `create table fields (
    organization_id integer not null,
    id integer not null check (id between 1 and 65535),
    dataset_id integer not null,
    name text not null,
    type text not null,
    display_name text,
    description text,
    content integer not null,
    condition integer not null,
    implied_value text,
    primary key (organization_id, id),
    unique (organization_id, name),
    foreign key (organization_id, dataset_id) references datasets (organization_id, id)
  ) strict, without rowid`,
  `create table built_in_content (
    organization_id integer not null references organizations (id),
    name text not null,
    content integer not null,
    primary key (organization_id, name)
  ) strict, without rowid`,
  `create table tokens (
    row_id integer primary key autoincrement,
    id text not null unique,
    organization_id integer not null references organizations (id),
    name text,
    created_by text not null,
    last_characters text not null,
    digest blob not null,
    scopes text not null,
    fields text,
    identity_types text,
    addresses text,
    max_share real,
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    revoked_at integer,
    replaced_by text
  ) strict`,
  'create index tokens_of_organization on tokens (organization_id, row_id)',
  `create table runs (
    id text primary key,
    organization_id integer not null,
    dataset_id integer not null,
    kind text not null,
    state text not null,
    started_at integer not null,
    ended_at integer,
    error_code text,
    rows_read integer not null default 0,
    added integer not null default 0,
    changed integer not null default 0,
    unchanged integer not null default 0,
    stale integer not null default 0,
    cleared integer not null default 0,
    rejected integer not null default 0,
    bytes integer not null default 0,
    foreign key (organization_id, dataset_id) references datasets (organization_id, id)
  ) strict`,
  'create index runs_of_organization on runs (organization_id, started_at)',
  `create table audit (
    id integer primary key autoincrement,
    organization_id integer not null references organizations (id),
    at integer not null,
    actor text not null,
    action text not null,
    target text not null,
    before text,
    after text
  ) strict`,
  'create index audit_of_organization on audit (organization_id, id)',
  `create trigger audit_is_never_changed before update on audit
    begin select raise(abort, 'the audit log only grows'); end`,
  `create trigger audit_is_never_removed before delete on audit
    begin select raise(abort, 'the audit log only grows'); end`,
];

const syncTables = [
  'alter table datasets add column version integer not null default 0',
  'update datasets set version = definition_version',
  'alter table fields add column sensitivity text',
  `create table dataset_versions (
    organization_id integer not null,
    dataset_id integer not null,
    version integer not null,
    definition_version integer not null,
    author text not null,
    at integer not null,
    definition text not null,
    fields text not null,
    primary key (organization_id, dataset_id, version),
    foreign key (organization_id, dataset_id) references datasets (organization_id, id)
  ) strict, without rowid`,
  // Earlier releases kept only the newest definition of a dataset. The audit log says who made it.
  `insert into dataset_versions
    select d.organization_id, d.id, d.version, d.definition_version,
      coalesce(a.actor, 'unknown'), coalesce(a.at, d.created_at), d.definition,
      (select json_group_array(json_object('id', f.id, 'dataset_id', f.dataset_id, 'name', f.name,
        'type', f.type, 'display_name', f.display_name, 'description', f.description,
        'content', f.content, 'condition', f.condition, 'implied_value', f.implied_value,
        'sensitivity', null) order by f.id)
        from fields f where f.organization_id = d.organization_id and f.dataset_id = d.id)
    from datasets d left join audit a on a.id = (
      select max(id) from audit where organization_id = d.organization_id and target = d.name
        and action in ('dataset.create', 'dataset.define'))
    where d.definition is not null`,
  "alter table runs add column trigger_kind text not null default 'command'",
  'alter table runs add column definition_version integer not null default 0',
  'alter table runs add column error_detail text',
  'alter table runs add column plan text',
  'alter table runs add column approved_by text',
  'alter table runs add column approval_of text',
  'create index runs_of_dataset on runs (organization_id, dataset_id, started_at)',
  `create table schedule_states (
    organization_id integer not null,
    dataset_id integer not null,
    paused_by text,
    last_due_at integer,
    attempts integer not null,
    retry_at integer,
    primary key (organization_id, dataset_id),
    foreign key (organization_id, dataset_id) references datasets (organization_id, id)
  ) strict, without rowid`,
  `create table field_reads (
    token_row_id integer not null references tokens (row_id),
    field_id integer not null,
    day integer not null,
    primary key (token_row_id, field_id)
  ) strict, without rowid`,
];

const definitionTables = [
  'alter table organizations add column definitions_revision integer not null default 1',
  'update organizations set definitions_revision = revision',
  'alter table organizations add column next_segment_id integer not null default 1',
  // Other tools have small ids for the flows that they report.
  'alter table organizations add column next_flow_id integer not null default 100001',
  'alter table organizations add column global_holdout text',
  // A computed field has no dataset. SQLite cannot make a column nullable, so the table is copied.
  `create table new_fields (
    organization_id integer not null references organizations (id),
    id integer not null check (id between 1 and 65535),
    dataset_id integer,
    name text not null,
    type text not null,
    display_name text,
    description text,
    content integer not null,
    condition integer not null,
    implied_value text,
    sensitivity text,
    currency text,
    rule text,
    primary key (organization_id, id),
    unique (organization_id, name),
    check ((dataset_id is null) = (rule is not null)),
    foreign key (organization_id, dataset_id) references datasets (organization_id, id)
  ) strict, without rowid`,
  `insert into new_fields
    select organization_id, id, dataset_id, name, type, display_name, description, content,
      condition, implied_value, sensitivity, currency, null from fields`,
  'drop table fields',
  'alter table new_fields rename to fields',
  `create table segments (
    organization_id integer not null references organizations (id),
    id integer not null check (id > 0),
    name text not null,
    description text,
    rule text not null,
    primary key (organization_id, id),
    unique (organization_id, name)
  ) strict, without rowid`,
  `create table flows (
    organization_id integer not null references organizations (id),
    id integer not null check (id > 0),
    name text not null,
    definition text not null,
    slots blob,
    primary key (organization_id, id),
    unique (organization_id, name)
  ) strict, without rowid`,
  `create table exclusion_groups (
    organization_id integer not null references organizations (id),
    name text not null,
    definition text not null,
    slots blob,
    primary key (organization_id, name)
  ) strict, without rowid`,
  `create table definition_edits (
    organization_id integer not null references organizations (id),
    kind text not null,
    id integer not null,
    number integer not null,
    author text not null,
    at integer not null,
    before text,
    after text,
    primary key (organization_id, kind, id, number)
  ) strict, without rowid`,
  `create table change_plans (
    id text primary key,
    organization_id integer not null references organizations (id),
    author text not null,
    created_at integer not null,
    plan text not null,
    approved_by text,
    ended_at integer
  ) strict`,
  'create index change_plans_of_organization on change_plans (organization_id, created_at)',
];

/** Migrations that consist of statements alone. */
const laterSteps: Readonly<Record<string, readonly string[]>> = {
  '0002-syncs': syncTables,
  '0003-pushes': ['alter table tokens add column dataset text'],
  '0004-rejections': ['alter table runs add column rejections text'],
  '0005-currencies': ['alter table fields add column currency text'],
  '0006-files': ['alter table runs add column files text'],
  '0007-blocked-values': [
    `create table identity_settings (
      organization_id integer not null references organizations (id),
      type_id integer not null check (type_id between 1 and 65535),
      blocked text not null,
      primary key (organization_id, type_id)
    ) strict, without rowid`,
  ],
  '0008-identity-rules': [
    'alter table identity_settings add column joins integer not null default 1',
    'alter table identity_settings add column is_stable integer not null default 0',
    'alter table identity_settings add column max_per_contact integer not null default 20',
    'alter table identity_settings add column shared_limit integer not null default 3',
    "alter table organizations add column trust text not null default '[]'",
  ],
  '0009-people': ['alter table runs add column people text'],
  '0010-privacy-requests': [
    `create table privacy_requests (
      id text primary key,
      organization_id integer not null references organizations (id),
      kind text not null,
      state text not null,
      actor text not null,
      received_at integer not null,
      alive_at integer not null,
      ended_at integer,
      counts text,
      receipt text,
      failure text
    ) strict`,
    'create index privacy_requests_of_organization on privacy_requests (organization_id, received_at)',
    `create table privacy_subjects (
      organization_id integer not null,
      subject text not null,
      request_id text not null references privacy_requests (id),
      primary key (organization_id, subject, request_id)
    ) strict, without rowid`,
    'create index privacy_subjects_of_request on privacy_subjects (request_id)',
  ],
  '0011-definitions': definitionTables,
  '0012-separate-approval': [
    'alter table organizations add column separate_approval integer not null default 0',
  ],
  '0013-last-live': [
    `create table last_live_definitions (
      organization_id integer not null references organizations (id),
      flow_id integer not null check (flow_id > 0),
      definitions blob not null,
      primary key (organization_id, flow_id)
    ) strict, without rowid`,
  ],
  '0014-users': userTables,
  '0015-run-progress': ['alter table runs add column progress text'],
  '0016-usage': [
    `create table usage_hours (
      organization_id integer not null references organizations (id),
      hour integer not null,
      token_row_id integer not null,
      counts text not null,
      primary key (organization_id, hour, token_row_id)
    ) strict, without rowid`,
    'create index usage_hours_by_hour on usage_hours (hour)',
  ],
  '0017-lowered-fields': ['alter table fields add column lowered text'],
  '0018-given-roles': givenRoles,
  '0019-users-of-organizations': [
    'drop index users_by_email',
    "create unique index users_by_email on users (organization_id, email) where state <> 'revoked'",
  ],
  '0020-access-end': [
    `create table access_end (
      id integer primary key check (id = 1),
      block integer not null,
      hash text not null,
      file integer not null
    ) strict`,
  ],
  '0021-access-hours': [
    `create table access_hours (
      organization_id integer not null,
      hour integer not null,
      looks integer not null,
      by_users integer not null,
      reveals integer not null,
      primary key (organization_id, hour)
    ) strict, without rowid`,
    'create index access_hours_by_hour on access_hours (hour)',
  ],
  '0022-lost-roles': ['alter table users add column role_lost_at integer'],
  '0023-pushed-rows': pushedRowTables,
};

/** @param nowMs the creation time of the first organization, if this makes the catalog */
export function migrations(nowMs: number): Readonly<Record<string, Migration>> {
  const later = Object.entries(laterSteps).map(([name, statements]): [string, Migration] => [
    name,
    { up: (db) => runAll(db, statements) },
  ]);
  return {
    '0001-first': {
      up: async (db) => {
        await runAll(db, firstTables);
        await sql`insert into catalog_state (id, revision) values (1, 1)`.execute(db);
        await insertDefaultOrganization(db, nowMs);
      },
    },
    ...Object.fromEntries(later),
  };
}

async function runAll(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** The revision starts at 1, so that revision 0 means that there is no state yet. */
async function insertDefaultOrganization(db: Kysely<unknown>, nowMs: number): Promise<void> {
  const made = defaultOrganization('default');
  await sql`
    insert into organizations (id, name, rate_limit, currency, locale, time_zone,
      unknown_contact_status, token_pool_max, token_max_age_days, revision, created_at)
    values (1, ${made.name}, ${made.rateLimit}, ${made.currency}, ${made.locale}, ${made.timeZone},
      ${made.unknownContactStatus}, ${made.tokenPoolMax}, ${made.tokenMaxAgeDays}, 1, ${nowMs})
  `.execute(db);
}
