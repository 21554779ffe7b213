/** What the supervisor and its threads tell each other. */
import type { Settings } from '../settings/settings.ts';

/** Names of threads, as the system shows them. */
export const writerThreadName = 'usher-writer';

/** State of the whole server, in one shared Int32: what `/readyz` answers. */
export const serverStates = { starting: 0, ready: 1, draining: 2 } as const;

/** Memory that all threads of the server share. */
export interface SharedMemory {
  readonly state: SharedArrayBuffer;
  readonly rateLimit: SharedArrayBuffer;
  readonly failedAuthentication: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
}

export interface LookupThreadData {
  readonly settings: Settings;
  readonly memory: SharedMemory;
  /** Unique among all threads the process ever had; the holder's number in locks. */
  readonly thread: number;
  /** Its row in the counters; a replacement takes the row of the thread it replaces. */
  readonly row: number;
}

export interface WriterThreadData {
  readonly settings: Settings;
}

export type ToThread =
  | { readonly kind: 'listen'; readonly port: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'close' };

export type FromThread =
  /** Everything is loaded; the thread waits to be told to listen. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'listening'; readonly port: number }
  /** Tokens used since the last such message, and the fields they read. */
  | {
      readonly kind: 'used';
      readonly uses: readonly { rowId: number; atMs: number }[];
      readonly reads: readonly { tokenRowId: number; fieldId: number; day: number }[];
    }
  | { readonly kind: 'closed' }
  /** Start-up failed in a way that another try will not mend. */
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };
