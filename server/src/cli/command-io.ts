/**
 * What a command line is given of the world: where it reads and writes, who watches, the clock,
 * randomness.
 */
import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../settings/environment.ts';
import type { Machine } from '../settings/setting-values.ts';

export interface CommandIo {
  /** Data, and nothing else. */
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** Messages and progress. */
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
  /**
   * Aborted when the process is asked to stop (SIGINT, SIGTERM, SIGHUP). Whoever reads it ends in
   * good order then; as long as nobody has, such a signal ends the process at once.
   */
  readonly interrupted: AbortSignal;
  /**
   * The same for a server. It may take 10 s to answer what it was asked; any other command has 2 s.
   */
  readonly drained: AbortSignal;
}
