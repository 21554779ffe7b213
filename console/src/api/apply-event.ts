/** What an event of the server changes in what pages have read. */
import type { QueryClient } from '@tanstack/react-query';
import type { changedEventSchema, trafficEventSchema } from '@usher/contract/event-schema';
import type { shortRunSchema } from '@usher/contract/overview-schema';
import type { Static } from 'typebox';
import type { AnswerOf, Page } from './operation-types.ts';
import type { Run } from './page-entries.ts';

export const eventNames = ['run', 'traffic', 'changed', 'reset'] as const;

export interface ServerEvent {
  readonly name: (typeof eventNames)[number];
  readonly data: unknown;
}

type ShortRun = Static<typeof shortRunSchema>;
type Overview = AnswerOf<'GET /admin/v1/overview'>;

/** Which queries each changed part makes stale. */
const keysOfParts: Readonly<Record<string, readonly string[]>> = {
  definitions: ['dataset', 'fields', 'dataset-status'],
  settings: ['tokens', 'dataset-status'],
  datasets: ['dataset-status', 'overview'],
  waiting: ['dataset-status', 'overview'],
};

export function applyEvent(client: QueryClient, { name, data }: ServerEvent): void {
  if (name === 'traffic') applyTraffic(client, data as Static<typeof trafficEventSchema>);
  else if (name === 'run') applyRun(client, data as ShortRun);
  else if (name === 'changed') {
    const { parts } = data as Static<typeof changedEventSchema>;
    readAgain(client, new Set(parts.flatMap((part) => keysOfParts[part] ?? [])));
  } else readAllAgain(client);
}

/** After events may have been missed. */
export function readAllAgain(client: QueryClient): void {
  readAgain(client, ['dataset', 'dataset-status', 'fields', 'overview', 'run-list', 'runs']);
  // The role may be another one. The keys below it are questions of dialogs.
  void client.invalidateQueries({ queryKey: ['session'], exact: true });
}

function readAgain(client: QueryClient, keys: Iterable<string>): void {
  for (const key of keys) void client.invalidateQueries({ queryKey: [key] });
}

/** It comes with its figures, so nothing is read. */
function applyTraffic(client: QueryClient, data: Static<typeof trafficEventSchema>): void {
  const { used_per_second, free_per_second, tokens, ...now } = data;
  client.setQueryData<Overview>(['overview'], (known) => {
    if (known === undefined) return undefined;
    const limit = { ...known.limit, used_per_second, free_per_second, tokens };
    return { ...known, now, limit };
  });
}

/** Progress is put in its place. Anything else about a run is read again. */
function applyRun(client: QueryClient, { run_id, dataset, state, progress }: ShortRun): void {
  let isKnown = false;
  client.setQueriesData<Page<Run>>({ queryKey: ['runs', dataset] }, (page) => {
    const data = page?.data.map((run) => {
      if (run.run_id !== run_id || run.state !== state) return run;
      isKnown = true;
      return { ...run, progress };
    });
    return page === undefined || data === undefined ? page : { ...page, data };
  });
  if (isKnown && progress !== null) return;
  readAgain(client, ['runs', 'run-list', 'dataset-status', 'overview']);
}
