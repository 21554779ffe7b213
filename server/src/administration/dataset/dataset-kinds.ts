/** Checks that a dataset's kind, source, mode and schedule fit together. */
import type { DatasetDefinition, DatasetKind } from '../../domain/dataset/dataset-definition.ts';
import { feedColumns, feeds } from '../../domain/membership/membership-feed.ts';
import { findScheduleFault } from '../../sync/sync-schedule.ts';
import { maxAgeRangeMs } from '../limits.ts';
import type { DefinitionProblems } from './definition-problems.ts';

/** Sources that can be asked for the rows that changed since a watermark. */
const incrementalSources: readonly string[] = ['postgres', 'mysql', 'sqlite', 'query', 'file'];

/** Faults go to `problems`. */
export function checkDatasetKind(
  definition: DatasetDefinition,
  problems: DefinitionProblems,
): void {
  checkMembers(definition, problems);
  checkMode(definition, problems);
  checkColumns(definition, problems);
  checkSchedule(definition, problems);
  checkGuards(definition, problems);
}

/** Refuses members that only another kind has. */
function checkMembers(definition: DatasetDefinition, problems: DefinitionProblems): void {
  const { kind, key, feed, identifiers } = definition;
  const only = (holds: boolean, path: string, owner: DatasetKind) =>
    problems.check(
      holds || kind === owner,
      path,
      `Only the kind ${owner} has this member. Remove it.`,
    );
  only(key === null, '/key', 'reference');
  only(feed === null, '/feed', 'membership');
  if (kind === 'membership' && feed === null) {
    problems.add('/feed', `Say what the rows report: one of ${feeds.join(', ')}.`);
  }
  if (kind === 'identity' && identifiers.length < 2) {
    const detail = 'Name two or more: the identities that a row has belong to one contact.';
    problems.add('/identifiers', detail);
  }
  if (kind !== 'reference') return;
  problems.check(key !== null, '/key', 'Name the key column of the rows.');
  if (identifiers.length > 0) {
    const detail =
      'Rows of the kind reference have a key, not identifiers: they belong to no contact.';
    problems.add('/identifiers', detail);
  }
}

function checkMode(definition: DatasetDefinition, problems: DefinitionProblems): void {
  const { kind, mode, source, updatedAt } = definition;
  if (source?.kind === 'push') {
    const isPushed = kind === 'contact' || kind === 'identity';
    const detail = 'Only rows of the kinds contact and identity can be pushed.';
    problems.check(isPushed, '/source/kind', detail);
    const isAppend = mode === 'append';
    problems.check(isAppend, '/mode', 'Pushed rows are changes, so the mode is append.');
  }
  if (kind === 'membership' && mode === 'snapshot') {
    problems.add('/mode', 'Reports of memberships add up, so the mode is append or incremental.');
  }
  if (kind === 'reference' && mode !== 'snapshot') {
    problems.add('/mode', 'Reference rows are always read as a whole, so the mode is snapshot.');
  }
  if (kind === 'list' && mode === 'incremental') {
    problems.add('/mode', 'A list is always read as a whole, so the mode is append or snapshot.');
  }
  if (kind === 'identity' && mode === 'incremental') {
    const detail = 'Rows with one key add up, so all are read: the mode is append or snapshot.';
    problems.add('/mode', detail);
  }
  if (mode !== 'incremental') {
    problems.check(
      updatedAt === null,
      '/updated_at',
      'Only the mode incremental has this member. Remove it.',
    );
    return;
  }
  if (updatedAt === null) {
    problems.add('/updated_at', 'Name the column that says when a row last changed.');
  }
  if (source === null || !incrementalSources.includes(source.kind)) {
    const kinds = incrementalSources.join(', ');
    problems.add('/mode', `Only a source of the kinds ${kinds} can be asked for changed rows.`);
  }
}

function checkColumns(definition: DatasetDefinition, problems: DefinitionProblems): void {
  const { kind, feed, columns } = definition;
  const seen = new Set<string>();
  for (const { column, field } of columns) {
    const isRepeated = kind === 'contact' && seen.has(column);
    seen.add(column);
    if (!isRepeated) continue;
    const path = field === null ? '/skip' : `/fields/${field}`;
    problems.add(path, `The column ${column} is named twice.`);
  }
  if (kind !== 'membership' || feed === null) return;
  const known = feedColumns(feed);
  for (const { field } of columns) {
    if (field === null || known.some(({ name }) => name === field)) continue;
    const names = known.map(({ name }) => name).join(', ');
    problems.add(
      `/columns/${field}`,
      `A ${feed} feed has no column "${field}". Its columns are ${names}.`,
    );
  }
  for (const { name } of known.filter(({ required }) => required)) {
    const isThere = columns.some(({ field }) => field === name);
    problems.check(
      isThere,
      `/columns/${name}`,
      `A ${feed} feed needs this column. Name the column of the source.`,
    );
  }
}

const unscheduled: ReadonlyMap<string, string> = new Map([
  ['push', 'Pushed rows have no schedule: remove it.'],
  ['upload', 'A run reads the file that was uploaded for it, so there is no schedule: remove it.'],
]);

function checkSchedule(definition: DatasetDefinition, problems: DefinitionProblems): void {
  const { schedule, source } = definition;
  if (schedule === null) return;
  const why =
    source === null ? 'Without a source there is nothing to sync.' : unscheduled.get(source.kind);
  problems.check(why === undefined, '/schedule', why ?? '');
  const fault = findScheduleFault(schedule);
  if (fault === undefined) return;
  const member = fault.includes('time zone') ? 'time_zone' : 'cron';
  problems.add(`/schedule/${member}`, `This ${fault}.`);
}

function checkGuards(definition: DatasetDefinition, problems: DefinitionProblems): void {
  const { maxChangeShare, maxRejectedShare, maxJoinedShare, maxAge } = definition;
  const isShare = (share: number) => share >= 0 && share <= 1;
  problems.check(isShare(maxChangeShare), '/max_change_share', 'Give a share from 0 to 1.');
  problems.check(isShare(maxRejectedShare), '/max_rejected_share', 'Give a share from 0 to 1.');
  problems.check(isShare(maxJoinedShare), '/max_joined_share', 'Give a share from 0 to 1.');
  const { min, max } = maxAgeRangeMs;
  const isAge = maxAge === null || (maxAge.ms >= min && maxAge.ms <= max);
  problems.check(isAge, '/max_age/after', 'Give a duration from 1m to 3650d.');
}
