/** A checkout that `npm run bench:identities` measures, and the steps of its round. */
import type { Checkout } from '../lookup/checkout.ts';
import type { Program } from '../lookup/run-program.ts';
import { usherProgram } from '../lookup/usher-data.ts';
import type { Edition } from './contact-files.ts';

/** A checkout whose command fills a data folder. */
export interface Side {
  readonly checkout: Checkout;
  readonly folder: string;
  readonly contacts: number;
}

/**
 * `first`: an import into an empty data folder. `again`: of the same file. `changed` and `moved`:
 * of those editions. `joined`: a sync of the list of pairs, and its approval if it waits for one.
 */
export const phases = ['first', 'again', 'changed', 'moved', 'joined'] as const;
export type Phase = (typeof phases)[number];
export type ImportPhase = Exclude<Phase, 'joined'>;

/** What a run reports, as far as it is checked. */
export interface Said {
  readonly run_id: string;
  readonly state?: string;
  readonly rows_read: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly cleared: number;
  readonly rejected: number;
}

/** The command of the checkout for its data folder. */
export function usher({ checkout, folder }: Side, parameters: readonly string[]): Program {
  return usherProgram(checkout.command, folder, parameters);
}

export function editionOf(phase: ImportPhase): Edition {
  return phase === 'first' || phase === 'again' ? 'base' : phase;
}
