/** Everything that the routes use. `serve/compose-api.ts` puts it together. */

import type { AccessCheck } from '../access/access-check.ts';
import type { AccessRetention } from '../access/trim-access.ts';
import type { Administration } from '../administration/administration.ts';
import type { PushedRows } from '../catalog/catalog.ts';
import type { Log } from '../observe/log.ts';
import type { RequestCounters } from '../observe/request-counters.ts';
import type { UsageClients } from '../observe/usage-clients.ts';
import type { UsageCounters } from '../observe/usage-counters.ts';
import type { UsageHistory } from '../observe/usage-history.ts';
import type { RunProcesses } from '../runs/run-processes.ts';
import type { ContactWriter } from '../stores/store.ts';
import type { SuppressionFiles } from '../stores/suppression-files.ts';
import type { UploadFiles } from '../sync/upload/upload-files.ts';
import type { UserDesk } from '../users/user-desk.ts';
import type { ErasureWork } from './erasure-work.ts';
import type { EventHub } from './events/event-hub.ts';
import type { LookupContext } from './lookup/answer-lookup.ts';
import type { PushRoom } from './push-room.ts';

export type ReadyState = 'starting' | 'ready' | 'draining';

export interface ApiContext extends LookupContext {
  /** Without the actor, which is the calling token or user. */
  readonly administration: Omit<Administration, 'actor'>;
  /** The client of the writer process, connected on first use. */
  readonly writer: () => Promise<ContactWriter>;
  readonly pushes: PushRoom;
  /** Counts rows that were pushed to a dataset. */
  readonly rowsPushed: (
    place: Pick<PushedRows, 'organizationId' | 'datasetId'>,
    rows: Pick<PushedRows, 'received' | 'rejected'>,
    nowMs: number,
  ) => void;
  readonly suppression: SuppressionFiles;
  readonly erasures: ErasureWork;
  /** Starts runs. */
  readonly runs: RunProcesses;
  /** Files that callers upload. */
  readonly uploads: { readonly files: UploadFiles; readonly maxBytes: number };
  readonly readiness: {
    state(): ReadyState;
    /** Somebody asks, and is to be told before the server stops. */
    noteAsked(): void;
  };
  /** What the access log keeps, and whether it is whole. */
  readonly accessLog: { readonly retention: AccessRetention; readonly check: AccessCheck };
  readonly metrics: { render(): Promise<string> };
  /** The counters of this thread. */
  readonly counters: RequestCounters;
  /** The counters of this thread by token. */
  readonly usage: UsageCounters;
  /** From where tokens are called, in this thread. */
  readonly usageClients: UsageClients;
  /** What all threads counted by token. */
  readonly usageHistory: UsageHistory;
  readonly events: EventHub;
  readonly log: Log;
  /** Whether to believe the peer's `X-Forwarded-For` (`domain/token/address-list.ts`). */
  readonly trustsProxy: (peer: string) => boolean;
  /** Whether this server does TLS itself. */
  readonly servesTls: boolean;
  /** Signs users of the console in. */
  readonly users: UserDesk;
  readonly newRequestId: () => string;
  /** A monotonic clock in milliseconds. */
  readonly elapsedMs: () => number;
  readonly version: string;
}
