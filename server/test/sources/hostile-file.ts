/** One malicious or damaged file: how it is made, and the expected outcome. */

/** A value in the files that no message may show. */
export const canary = 'Kanarienvogel';

/**
 * Contacts added, rows rejected, and a pattern for the first rejection. `undefined` accepts any
 * number.
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
 * The outcome is a pattern for the refusal, the counts of an import, or `any` for either one.
 * `slow`: only the nightly tests try the file.
 */
export type HostileFile = readonly [
  name: string,
  extension: string,
  make: () => string | Buffer | Promise<Buffer>,
  outcome: RegExp | ReadAs | 'any',
  pace?: '' | 'slow',
  options?: HostileOptions,
];
