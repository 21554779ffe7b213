/** How much a store holds, and what `verify` found. */

export interface StoreCounts {
  readonly contacts: number;
  readonly identities: number;
}

/** Updated by every write, so reading it is cheap. Does not count recorded memberships. */
export interface DatasetCounts {
  /** Contacts that have a section of the dataset. */
  readonly sections: number;
  /** By field id, how many of them have a value; fields without any value are left out. */
  readonly filled: ReadonlyMap<number, number>;
}

/** What `verify` found; all zero in a sound store. */
export interface StoreFaults {
  /**
   * Records that cannot be decoded, are stored under the key of another contact, or do not have the
   * sections of the contact's rows; and hidden sections without a row.
   */
  readonly tornContacts: number;
  /**
   * Index entries without a contact, identities of contacts without an index entry, and links that
   * do not agree with what rows claim.
   */
  readonly danglingIdentities: number;
  /**
   * How many organizations and datasets have wrong counts; 0 if something was written during
   * `verify`.
   */
  readonly wrongCounts: number;
}
