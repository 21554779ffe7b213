/** What a command gets from its process: streams, environment, signals, clock and randomness. */
import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../settings/environment.ts';
import type { Machine } from '../settings/setting-values.ts';

export interface CommandIo {
  /** For data only. */
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** For messages and progress. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly environment: Environment;
  readonly machine: Machine;
  /** Who runs it, for the audit log. */
  readonly operator: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** A cryptographically secure source. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Aborted by a signal to stop: a command that reads it ends in good order, others at once. */
  readonly interrupted: AbortSignal;
  /** The same for a server, which has 10 s to answer open requests. Other commands have 2 s. */
  readonly drained: AbortSignal;
}
