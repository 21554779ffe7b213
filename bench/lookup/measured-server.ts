/**
 * What every measured server looks like from outside: it starts, tells which processes are its own
 * and how a contact is asked for, and stops. Each has a file in `peers/`.
 */
import type { RequestText } from './load.ts';

export interface StartedServer {
  readonly port: number;
  /**
   * The processes whose CPU time counts, with all their descendants: its own and its database's.
   */
  readonly pids: readonly number[];
}

export interface MeasuredServer {
  /** What options call it. */
  readonly key: string;
  readonly name: string;
  /** What it answers: the fields asked for, or its whole value because it cannot choose. */
  readonly answers: 'asked fields' | 'whole contact' | 'one contact always';
  /** How to ask for a contact. */
  readonly request: RequestText;
  /** Resolves once it answers requests. Its database, if it has one, is running already. */
  start(): Promise<StartedServer>;
  stop(): Promise<void>;
}
