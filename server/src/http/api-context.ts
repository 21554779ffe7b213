/** What the routes are given: everything real that a worker thread has, wired by `compose.ts`. */
import type { Administration } from '../administration/administration.ts';
import type { Log } from '../observe/log.ts';
import type { RequestCounters } from '../observe/request-counters.ts';
import type { RunProcesses } from '../runs/run-processes.ts';
import type { ContactWriter } from '../stores/store.ts';
import type { LookupContext } from './lookup/answer-lookup.ts';
import type { PushRoom } from './push-room.ts';

export type ReadyState = 'starting' | 'ready' | 'draining';

export interface ApiContext extends LookupContext {
  /** For administration in the name of the calling token. */
  readonly administration: Omit<Administration, 'actor'>;
  /** For pushed rows: the client of the process that writes, connected when first asked for. */
  readonly writer: () => Promise<ContactWriter>;
  readonly pushes: PushRoom;
  /** Runs that callers start. */
  readonly runs: RunProcesses;
  readonly readiness: { state(): ReadyState };
  /** The text that `/metrics` answers. */
  readonly metrics: { render(): Promise<string> };
  /** This thread's row of the counters. */
  readonly counters: RequestCounters;
  readonly log: Log;
  /**
   * Whether the peer is a proxy whose `X-Forwarded-For` is believed
   * (`domain/token/address-list.ts`).
   */
  readonly trustsProxy: (peer: string) => boolean;
  /** A new request id. */
  readonly newRequestId: () => string;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsedMs: () => number;
  /** Of the product. */
  readonly version: string;
}
