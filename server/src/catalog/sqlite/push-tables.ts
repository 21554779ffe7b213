/** The statements of a migration: counts of pushed rows. Never edited after a release. */

export const pushedRowTables = [
  `create table pushed_rows (
    organization_id integer not null references organizations (id),
    dataset_id integer not null,
    last_at integer not null,
    day integer not null,
    received integer not null,
    rejected integer not null,
    primary key (organization_id, dataset_id)
  ) strict, without rowid`,
];
