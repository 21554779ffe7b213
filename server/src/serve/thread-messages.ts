/** The messages between the supervisor and its threads. */
import type { PushedRows } from '../catalog/catalog.ts';
import type { Settings } from '../settings/settings.ts';
import type { ToldUsage } from './usage-recorder.ts';

/** The name of the writer thread in the operating system. */
export const writerThreadName = 'usher-writer';

/** The state of the server, in a shared Int32. `/readyz` reports it. */
export const serverStates = { starting: 0, ready: 1, draining: 2 } as const;

/** Memory that all threads of the server share. */
export interface SharedMemory {
  readonly state: SharedArrayBuffer;
  /** When `/readyz` was asked last, in milliseconds of the monotonic clock, as a Float64; or 0. */
  readonly readinessAsked: SharedArrayBuffer;
  readonly rateLimit: SharedArrayBuffer;
  readonly failedAuthentication: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  /** The queues of the access log; `null` if it is off. */
  readonly access: SharedArrayBuffer | null;
  readonly passwords: SharedArrayBuffer;
  /** Counters by token. */
  readonly usage: SharedArrayBuffer;
  /** Open event streams. */
  readonly streams: SharedArrayBuffer;
  /** Turns of threads that share cores; `null` if each has a core of its own. */
  readonly coreSharing: SharedArrayBuffer | null;
}

export interface LookupThreadData {
  readonly settings: Settings;
  readonly memory: SharedMemory;
  /** Unique among all threads that the process ever had; identifies the holder of a lock. */
  readonly thread: number;
  /** The thread's row of counters. A replacement takes over its predecessor's row. */
  readonly row: number;
}

export type ToThread =
  /** The store can be read. A look-up thread receives this first. */
  | { readonly kind: 'open' }
  /** All look-up threads are loaded. */
  | { readonly kind: 'rehearse' }
  | { readonly kind: 'listen'; readonly port: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'close' };

export type FromThread =
  /** The thread has loaded everything. */
  | { readonly kind: 'loaded' }
  /** It has rehearsed look-ups, or does not. */
  | { readonly kind: 'rehearsed' }
  | { readonly kind: 'listening'; readonly port: number }
  /** Used tokens since the last such message, the fields that they read, and pushed rows. */
  | {
      readonly kind: 'used';
      readonly uses: readonly { rowId: number; atMs: number }[];
      readonly reads: readonly { tokenRowId: number; fieldId: number; day: number }[];
      readonly pushes: readonly PushedRows[];
      readonly usage: ToldUsage;
    }
  | { readonly kind: 'closed' }
  /** The start failed, and trying again would not help. */
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };
