/** The event streams of an organization in a thread, and the last events for who comes back. */
import {
  changesBetween,
  type OverviewSnapshot,
} from '../../administration/overview/overview-changes.ts';
import { keptEvents } from '../limits.ts';
import { type EventStream, eventText } from './event-stream.ts';

interface KeptEvent {
  readonly number: number;
  readonly text: string;
}

export class OrganizationEvents {
  readonly streams = new Set<EventStream>();
  /** How many looks in a row found no stream. */
  idleLooks = 0;
  /** Whether the last figures told of calls. */
  hadTraffic = false;
  readonly #hub: string;
  #snapshot: OverviewSnapshot;
  #number = 0;
  #kept: KeptEvent[] = [];

  /** @param hub a name that no other thread and no other time has */
  constructor(hub: string, snapshot: OverviewSnapshot) {
    this.#hub = hub;
    this.#snapshot = snapshot;
  }

  /** Sends what has changed since the last call. */
  update(now: OverviewSnapshot): void {
    for (const { name, data } of changesBetween(this.#snapshot, now)) {
      this.#number += 1;
      const text = eventText(name, data, this.#id());
      this.#kept = [...this.#kept, { number: this.#number, text }].slice(-keptEvents);
      this.send(text);
    }
    this.#snapshot = now;
  }

  send(text: string): void {
    for (const stream of this.streams) stream.push(text);
  }

  /**
   * Begins a stream: with what the client has missed since its last event, or with `reset` if that
   * is not known any more.
   * @param lastId the header `Last-Event-ID`
   */
  begin(stream: EventStream, lastId: string | undefined): void {
    stream.push(`retry: ${retryMs}\n\n`);
    const missed = lastId === undefined ? [] : this.#after(lastId);
    for (const { text } of missed ?? []) stream.push(text);
    stream.push(eventText(missed === undefined ? 'reset' : 'open', {}, this.#id()));
    this.streams.add(stream);
  }

  #id(): string {
    return `${this.#hub}-${this.#number}`;
  }

  /** `undefined`: the event is of another time or thread, or too old. */
  #after(id: string): readonly KeptEvent[] | undefined {
    const [, hub, digits] = /^([0-9a-f]{1,32})-([0-9]{1,15})$/.exec(id) ?? [];
    const number = Number(digits);
    if (hub !== this.#hub || number > this.#number) return undefined;
    const oldest = this.#kept[0]?.number ?? this.#number + 1;
    return number < oldest - 1 ? undefined : this.#kept.filter((one) => one.number > number);
  }
}

/** How long a client waits before it comes back. */
const retryMs = 3_000;
