/** What processes that do not write the store may ask of its suppression lists. */

/** The keys and lists of a data folder, as of the moment of opening. Close it soon. */
export interface SuppressionReader {
  /** The ids of the keys. Empty: there is no list yet. */
  readonly keyIds: readonly string[];
  /**
   * Keyed digests of identities of one type.
   * @param digests 16 bytes each, one after the other; the result is like that too
   */
  digestsOf(
    keyId: string,
    type: { readonly organizationId: number; readonly name: string },
    digests: Buffer,
  ): Buffer;
  /** Proves that a text was written with the key; in hexadecimal. */
  mac(keyId: string, text: string): string;
  /** @param subject a keyed digest, in hexadecimal */
  stateOf(keyId: string, subject: string): 'suppressed' | 'lifted' | 'unknown';
  close(): void;
}
