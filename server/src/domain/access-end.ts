/**
 * How far the access log goes, as the catalog notes it now and then: a log that ends before it was
 * removed, or put back to an older state.
 */

export interface AccessEnd {
  /** The number of the last block, its hash in hexadecimal, and the number of its file. */
  readonly block: number;
  readonly hash: string;
  readonly file: number;
}

export interface AccessEnds {
  /** `undefined`: none was noted yet. */
  findAccessEnd(): Promise<AccessEnd | undefined>;
  /** Does nothing if a later end was noted. Changes no revision. */
  noteAccessEnd(end: AccessEnd): Promise<void>;
}
