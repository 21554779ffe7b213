/** Wires what one look-up thread counts by token, and the events that it sends. */
import { randomBytes } from 'node:crypto';
import type { Catalog } from '../catalog/catalog.ts';
import type { FollowedCatalog } from '../catalog/follow-catalog.ts';
import type { ReadyState } from '../http/api-context.ts';
import { EventHub } from '../http/events/event-hub.ts';
import { StreamCounts } from '../http/events/stream-counts.ts';
import type { Log } from '../observe/log.ts';
import { UsageRows } from '../observe/usage-counters.ts';
import { UsageHistory, usageSampleMs } from '../observe/usage-history.ts';
import type { LookupThreadData } from './thread-messages.ts';

/** What all threads counted by token. */
export function composeUsage({ memory, settings }: LookupThreadData) {
  const rows = new UsageRows(memory.usage, { rows: settings.workers });
  const history = new UsageHistory(() => rows.read(), Date.now);
  const sampling = setInterval(() => history.sample(), usageSampleMs);
  const stop = () => clearInterval(sampling);
  return { usageHistory: history, stop };
}

export interface EventParts {
  readonly catalog: Catalog;
  readonly followed: FollowedCatalog;
  readonly readiness: { state(): ReadyState };
  readonly log: Log;
}

export function composeEvents(
  { memory, row }: LookupThreadData,
  { catalog, followed, readiness, log }: EventParts,
  { usageHistory }: { readonly usageHistory: UsageHistory },
): EventHub {
  return new EventHub({
    ...{ catalog, usage: usageHistory, clock: Date.now },
    state: () => followed.current(),
    counts: new StreamCounts(memory.streams, row),
    isDraining: () => readiness.state() === 'draining',
    onError: (error) => log.warn({ error }, 'events could not be read'),
    name: randomBytes(8).toString('hex'),
  });
}
