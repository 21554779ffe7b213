/**
 * A database that a measured server stands on: filled once, kept in the folder of work, running
 * while the measurement runs.
 */

export interface Database {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}
