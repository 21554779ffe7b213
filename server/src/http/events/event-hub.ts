/**
 * The event streams of a thread. While there are any, it looks once a second what has changed for
 * their organizations: one short read of the catalog for each.
 */

import { readSnapshot } from '../../administration/overview/overview-changes.ts';
import type { UsageBook } from '../../administration/overview/usage-figures.ts';
import { viewLimit, viewNow } from '../../administration/overview/usage-figures.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { CatalogState, OrganizationState } from '../../domain/catalog-state.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Awaitable } from '../../stores/store.ts';
import {
  eventIdleLooks,
  eventLookMs,
  heartbeatLooks,
  maxEventStreams,
  trafficLooks,
} from '../limits.ts';
import { EventStream, eventText, heartbeat } from './event-stream.ts';
import { OrganizationEvents } from './organization-events.ts';
import type { StreamCounts } from './stream-counts.ts';

export interface EventHubOptions {
  readonly catalog: Pick<Catalog, 'read'>;
  readonly state: () => CatalogState;
  readonly usage: UsageBook;
  readonly counts: StreamCounts;
  /** Whether the server is stopping. */
  readonly isDraining: () => boolean;
  readonly onError: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Names this hub in the ids of events: hexadecimal, never used before. */
  readonly name: string;
}

export interface StreamRequest {
  readonly organizationId: number;
  /** The token or the user. */
  readonly caller: string;
  readonly isAllowed: () => Awaitable<boolean>;
  /** The header `Last-Event-ID`. */
  readonly lastId: string | undefined;
}

export class EventHub {
  readonly #options: EventHubOptions;
  readonly #organizations = new Map<number, OrganizationEvents>();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #isLooking = false;
  #isClosed = false;

  constructor(options: EventHubOptions) {
    this.#options = options;
  }

  /** @throws UsherError `overloaded` for too many streams, and while the server stops */
  async open(request: StreamRequest): Promise<EventStream> {
    const { organizationId, caller, isAllowed, lastId } = request;
    const { counts, isDraining } = this.#options;
    if (this.#isClosed || isDraining()) throw new UsherError('overloaded', 'The server stops.');
    this.#endOldest(request);
    if (!counts.take(organizationId)) throw tooMany();
    try {
      const events = await this.#eventsOf(organizationId);
      const stream: EventStream = new EventStream({
        ...{ caller, isAllowed },
        onEnd: () => {
          events.streams.delete(stream);
          counts.release(organizationId);
        },
      });
      events.begin(stream, lastId);
      stream.push(this.#trafficOf(this.#stateOf(organizationId)));
      this.#timer ??= setInterval(() => void this.look(), eventLookMs);
      return stream;
    } catch (error) {
      counts.release(organizationId);
      throw error;
    }
  }

  /** Makes room among the streams of the caller, who may have left pages open. */
  #endOldest({ organizationId, caller }: StreamRequest): void {
    const all = this.#organizations.get(organizationId)?.streams ?? [];
    const own = [...all].filter((stream) => stream.caller === caller);
    const over = Math.max(0, 1 + own.length - maxEventStreams.perCaller);
    for (const stream of own.slice(0, over)) stream.end();
  }

  /** The open streams of an organization in this thread. */
  streamCount(organizationId: number): number {
    return this.#organizations.get(organizationId)?.streams.size ?? 0;
  }

  /** Sends what has changed, and ends streams whose callers may not see it any more. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    this.#looks += 1;
    try {
      for (const [organizationId, events] of this.#organizations) {
        await this.#lookAt(organizationId, events);
      }
    } catch (error) {
      this.#options.onError(error);
    } finally {
      this.#isLooking = false;
    }
    if (this.#organizations.size === 0) this.#stopLooking();
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosed = true;
    this.#stopLooking();
    for (const { streams } of this.#organizations.values()) {
      for (const stream of streams) stream.end();
    }
  }

  async #lookAt(organizationId: number, events: OrganizationEvents): Promise<void> {
    const { isDraining, catalog, clock } = this.#options;
    for (const stream of events.streams) {
      if (isDraining() || !(await stream.isAllowed())) stream.end();
    }
    events.idleLooks = events.streams.size === 0 ? events.idleLooks + 1 : 0;
    const state = this.#options.state().organizations.get(organizationId);
    if (state === undefined || events.idleLooks > eventIdleLooks) {
      this.#organizations.delete(organizationId);
      return;
    }
    events.update(await readSnapshot(catalog, state, clock()));
    if (this.#looks % trafficLooks === 0) this.#sendTraffic(state, events);
    if (this.#looks % heartbeatLooks === 0) events.send(heartbeat);
  }

  /** What the organization had before is known before the first stream begins. */
  async #eventsOf(organizationId: number): Promise<OrganizationEvents> {
    const known = this.#organizations.get(organizationId);
    if (known !== undefined) return known;
    const { catalog, clock, name } = this.#options;
    const snapshot = await readSnapshot(catalog, this.#stateOf(organizationId), clock());
    // Another call may have been faster.
    const events =
      this.#organizations.get(organizationId) ?? new OrganizationEvents(name, snapshot);
    this.#organizations.set(organizationId, events);
    return events;
  }

  #stateOf(organizationId: number): OrganizationState {
    const state = this.#options.state().organizations.get(organizationId);
    if (state === undefined)
      throw new UsherError('resource_not_found', 'The organization is gone.');
    return state;
  }

  /** Once more after the last call, so that pages do not show the traffic of before. */
  #sendTraffic(state: OrganizationState, events: OrganizationEvents): void {
    const hasTraffic = this.#options.usage.recent(state.organization.id).tokens.size > 0;
    if (hasTraffic || events.hadTraffic) events.send(this.#trafficOf(state));
    events.hadTraffic = hasTraffic;
  }

  #trafficOf({ organization }: OrganizationState): string {
    const recent = this.#options.usage.recent(organization.id);
    const tokens = [...this.#options.state().tokens.values()].filter(({ rowId }) =>
      recent.tokens.has(rowId),
    );
    const { units_per_second: _, ...use } = viewLimit(organization, recent, tokens);
    return eventText('traffic', { ...viewNow(recent), ...use });
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function tooMany(): UsherError {
  const { perOrganization, perServer } = maxEventStreams;
  return new UsherError(
    'overloaded',
    `Too many event streams are open: at most ${perOrganization} for an organization and ${perServer} for a server. Close one, or try again later.`,
  );
}
