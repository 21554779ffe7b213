/** The tables of users, their sessions and links, as the migration `0014-users` makes them. */
export const userTables = [
  `create table users (
    row_id integer primary key autoincrement,
    id text not null unique,
    organization_id integer not null references organizations (id),
    email text not null,
    name text not null,
    role text not null,
    state text not null,
    password_hash text,
    totp text,
    pending_totp text,
    totp_step integer not null,
    oidc_subject text,
    created_at integer not null,
    last_sign_in_at integer,
    revoked_at integer
  ) strict`,
  "create unique index users_by_email on users (email) where state <> 'revoked'",
  `create unique index users_by_subject on users (oidc_subject)
    where oidc_subject is not null and state <> 'revoked'`,
  'create index users_of_organization on users (organization_id, row_id)',
  `create table user_sessions (
    digest text primary key,
    id text not null unique,
    user_id text not null references users (id),
    method text not null,
    address text not null,
    user_agent text not null,
    created_at integer not null,
    last_seen_at integer not null,
    idle_end integer not null,
    "end" integer not null,
    confirmed_until integer not null
  ) strict, without rowid`,
  'create index sessions_of_user on user_sessions (user_id)',
  `create table user_links (
    digest text primary key,
    user_id text not null references users (id),
    kind text not null,
    "end" integer not null
  ) strict, without rowid`,
  'create index links_of_user on user_links (user_id)',
  `create table user_devices (
    digest text primary key,
    user_id text not null references users (id),
    seen_at integer not null
  ) strict, without rowid`,
  'create index devices_of_user on user_devices (user_id)',
  `create table sign_in_failures (
    key text primary key,
    count integer not null,
    last_at integer not null
  ) strict, without rowid`,
  'create index failures_by_time on sign_in_failures (last_at)',
];

/**
 * Notes which role an administrator gave, as the migration `0018-given-roles` does. A user who has
 * come from an OpenID provider was given what the audit log says: the provider writes as `console`.
 */
export const givenRoles = [
  'alter table users add column given_role text',
  'update users set given_role = role where oidc_subject is null',
  `update users set given_role = json_extract(given.after, '$.role')
    from (
      select organization_id, target, after, max(id) from audit
      where action in ('user.invite', 'user.link', 'user.role') and actor <> 'console'
        and json_extract(after, '$.role') is not null
      group by organization_id, target
    ) as given
    where oidc_subject is not null
      and given.target = users.id and given.organization_id = users.organization_id`,
];
