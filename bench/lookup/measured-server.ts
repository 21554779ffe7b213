/**
 * The interface of every measured server: it starts, reports its processes and the form of its
 * requests, and stops. Each server has a file in `peers/`.
 */
import type { RequestText } from './load.ts';

export interface StartedServer {
  readonly port: number;
  /**
   * The processes whose CPU time counts, with all their descendants: those of the server and of its
   * database.
   */
  readonly pids: readonly number[];
}

export interface MeasuredServer {
  /** The key of the server in options. */
  readonly key: string;
  readonly name: string;
  /** What the server answers: the requested fields, or the whole value if it cannot select. */
  readonly answers: 'asked fields' | 'whole contact' | 'one contact always';
  /** The request for a contact. */
  readonly request: RequestText;
  /** Resolves when the server answers requests. Its database, if it has one, runs already. */
  start(): Promise<StartedServer>;
  stop(): Promise<void>;
}
