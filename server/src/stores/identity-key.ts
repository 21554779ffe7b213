/** Identities as a store knows them. */

/** A key of the identity index. */
export interface IdentityKey {
  /** `IdentityType.id`; 0 means that `digest` is the contact's id. */
  readonly typeId: number;
  /** 16 bytes: the first half of SHA-256 of the normalised value; for type 0 the contact's UUID. */
  readonly digest: Uint8Array;
}

/** An identity with its normalised value; `''` if only the hash is known. */
export interface KnownIdentity extends IdentityKey {
  readonly value: string;
}
