/**
 * Reads a dataset's document, from a catalog file or the API, into a request. It checks the form
 * only; `check-dataset.ts` checks the rest. `dataset-view.ts` does the reverse.
 */
import {
  type DatasetColumn,
  type DatasetDefinition,
  type DatasetIdentifier,
  datasetKinds,
  formerKinds,
  type MaxAge,
  type SyncSchedule,
  stalePolicies,
  syncModes,
  usualDefinition,
} from '../../domain/dataset/dataset-definition.ts';
import { maxSourceColumns } from '../../domain/limits.ts';
import { type Feed, feedColumns, feeds } from '../../domain/membership/membership-feed.ts';
import type { DatasetRequest } from '../dataset/dataset-request.ts';
import { durationForm, parseDuration } from '../duration.ts';
import { maxNameLength, maxPathLength } from '../limits.ts';
import type { DocumentReader } from './document-reader.ts';
import { readFieldDocument } from './field-document.ts';
import { readSourceDocument } from './source-document.ts';

const datasetMembers = [
  ...['kind', 'source', 'identifiers', 'key', 'feed', 'mode', 'updated_at', 'schedule'],
  ...['max_change_share', 'max_rejected_share', 'max_joined_share', 'max_age'],
  ...['columns', 'skip', 'fields'],
] as const;

/** Faults are noted in the reader's problems. Use the request only if there are none. */
export function readDatasetDocument(place: DocumentReader, name: string): DatasetRequest {
  if (!place.takes(datasetMembers)) {
    return { name, definition: usualDefinition, fields: new Map() };
  }
  const named = place.member('kind');
  const kind = formerKinds.get(named.value) ?? named.word(datasetKinds) ?? usualDefinition.kind;
  const feed = place.member('feed').word(feeds) ?? null;
  const read = readFields(place.member('fields'));
  const columns =
    kind === 'membership' ? readFeedColumns(place.member('columns'), feed ?? 'flow') : read.columns;
  if (kind !== 'membership' && !place.member('columns').isAbsent) {
    place.member('columns').fail('Only membership feeds have columns. Name columns in `fields`.');
  }
  const skipped = place.member('skip').elements('columns', maxSourceColumns);
  const modeWhereUnsaid = kind === 'reference' ? 'snapshot' : usualDefinition.mode;
  const definition: DatasetDefinition = {
    kind,
    source: readSourceDocument(place.member('source')),
    identifiers: readIdentifiers(place.member('identifiers')),
    key: place.member('key').text(maxPathLength) ?? null,
    feed,
    columns: [
      ...columns,
      ...skipped.map((one) => ({ column: one.text(maxPathLength) ?? '', field: null })),
    ],
    format: read.formats.length === 0 ? {} : { columns: read.formats },
    mode: place.member('mode').word(syncModes) ?? modeWhereUnsaid,
    updatedAt: place.member('updated_at').text(maxPathLength) ?? null,
    schedule: readSchedule(place.member('schedule')),
    maxChangeShare:
      place.member('max_change_share').number({ min: 0, max: 1 }) ?? usualDefinition.maxChangeShare,
    maxRejectedShare:
      place.member('max_rejected_share').number({ min: 0, max: 1 }) ??
      usualDefinition.maxRejectedShare,
    maxJoinedShare:
      place.member('max_joined_share').number({ min: 0, max: 1 }) ?? usualDefinition.maxJoinedShare,
    maxAge: readMaxAge(place.member('max_age')),
  };
  return { name, definition, fields: read.fields };
}

function readIdentifiers(place: DocumentReader): readonly DatasetIdentifier[] {
  const named = place.entries('identity types, each with its column');
  return named.flatMap(([identityType, columns]) => {
    if (columns.isAbsent) columns.fail('Name the column.');
    return columns
      .elements('columns', maxSourceColumns)
      .map((column) => ({ identityType, column: column.text(maxPathLength) ?? '' }));
  });
}

/** A required column without a mapping is read from the source's column of the same name. */
function readFeedColumns(place: DocumentReader, feed: Feed): DatasetColumn[] {
  const known = feedColumns(feed);
  if (!place.isAbsent) place.takes(known.map(({ name }) => name));
  return known.flatMap(({ name, required }) => {
    const column = place.member(name).text(maxPathLength) ?? (required ? name : undefined);
    return column === undefined ? [] : [{ column, field: name }];
  });
}

interface ReadFields {
  readonly fields: DatasetRequest['fields'];
  readonly columns: readonly DatasetColumn[];
  /** Pairs of a column and its format. */
  readonly formats: readonly (readonly [column: string, options: object])[];
}

function readFields(place: DocumentReader): ReadFields {
  const named = place
    .entries('names of fields, each with its column and type')
    .map(([name, field]) => ({ name, ...readFieldDocument(field, name) }));
  return {
    fields: new Map(named.map(({ name, settings }) => [name, settings])),
    columns: named.map(({ name, column }) => ({ column, field: name })),
    formats: named.flatMap(({ column, format }) =>
      format === undefined ? [] : [[column, format] as const],
    ),
  };
}

function readSchedule(place: DocumentReader): SyncSchedule | null {
  if (place.isAbsent || !place.takes(['cron', 'time_zone'])) return null;
  const cron = place.member('cron');
  if (cron.isAbsent) cron.fail('This member is missing.');
  return {
    cron: cron.text(maxNameLength) ?? '',
    timeZone: place.member('time_zone').text(maxNameLength) ?? 'UTC',
  };
}

function readMaxAge(place: DocumentReader): MaxAge | null {
  if (place.isAbsent || !place.takes(['after', 'policy'])) return null;
  const after = place.member('after');
  const policy = place.member('policy');
  if (after.isAbsent) after.fail('This member is missing.');
  const text = after.text(maxNameLength);
  const ms = text === undefined ? undefined : parseDuration(text);
  if (text !== undefined && ms === undefined) after.fail(`Give ${durationForm}.`);
  return { ms: ms ?? 0, policy: policy.word(stalePolicies) ?? 'flag' };
}
