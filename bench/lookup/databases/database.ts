/**
 * A database that a measured server needs. It is filled once, kept in the work folder, and runs
 * during the measurement.
 */

export interface Database {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}
