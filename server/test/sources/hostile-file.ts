/**
 * One file that means harm, or is broken as files break: how it is made, and what must become of
 * it.
 */

/** A value of the files that no message may show. */
export const canary = 'Kanarienvogel';

/**
 * Contacts added, rows rejected (`undefined`: whatever it is), and how the first rejection reads.
 */
export type ReadAs = readonly [
  added: number | undefined,
  rejected: number | undefined,
  first?: RegExp,
];

export interface HostileOptions {
  readonly identifier?: string;
}

/**
 * The outcome: a pattern is how it is refused, `any` is either, in words. `slow`: tried at night
 * only.
 */
export type HostileFile = readonly [
  name: string,
  extension: string,
  make: () => string | Buffer | Promise<Buffer>,
  outcome: RegExp | ReadAs | 'any',
  pace?: '' | 'slow',
  options?: HostileOptions,
];
