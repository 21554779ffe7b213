/** What a person's rights ask of the store, and what it answers. */
import type { FieldType } from '../domain/contact/field.ts';
import type { IdentityRules } from '../domain/contact/identity-rules.ts';
import type { IdentityKey, KnownIdentity } from './identity-key.ts';
import type { AsOf } from './section-age.ts';

export interface ErasureRequest {
  /** Names the request: a call with a known id goes on with it. */
  readonly requestId: string;
  /** Up to `maxErasedIdentities`. Missing: go on with the request, which the store knows. */
  readonly identities?: readonly IdentityKey[];
  /**
   * `told`, in the first call: before it is done, the erasure answers what it erased (`looks`), so
   * that the caller erases it elsewhere, too. `erased`, in a later call: that is done, and the
   * store forgets it.
   */
  readonly looks?: 'told' | 'erased';
}

export interface PrivacyOptions {
  /** How the organization's identities join. Missing: as last given. */
  readonly rules?: IdentityRules;
}

/** What an erasure removed. */
export interface ErasedCounts {
  readonly contacts: number;
  /** Identities that are suppressed now. */
  readonly identities: number;
  readonly rows: number;
  /** Rows of people who were not erased, and that let an identity go. */
  readonly keptRows: number;
  /** Contacts with recorded memberships. */
  readonly memberships: number;
  readonly amendments: number;
  /** Entries of rollback data. */
  readonly rollbackEntries: number;
  /** Entries of the log of joins. */
  readonly logEntries: number;
  /**
   * Named identities that led to no contact, although rows named them: an identity that many people
   * share, one that was split off, or one that is claimed without effect. These rows stay, without
   * it.
   */
  readonly withoutContact: number;
  /** Identities that had been lifted, and are suppressed again. */
  readonly suppressedAgain: number;
  /** Identities that were suppressed before, and of which the store held nothing. */
  readonly alreadySuppressed: number;
  /** Identities of which the store held nothing, and no list an entry. Not suppressed. */
  readonly notFound: number;
}

export interface ErasureStep {
  readonly isDone: boolean;
  readonly counts: ErasedCounts;
  /** Keyed digests of the suppressed identities, in hexadecimal; empty until it is done. */
  readonly subjects: readonly string[];
  /** The key of these digests. */
  readonly keyId: string;
  /**
   * Of an erasure that tells what it erased, when nothing else is left to do: the identities and
   * the ids of contacts (type 0). Empty before that, and when they were erased.
   */
  readonly looks: readonly ErasedLook[];
}

/** An identity that was asked for or erased, or the id of an erased contact. */
export interface ErasedLook {
  readonly typeId: number;
  /** 16 bytes in hexadecimal. */
  readonly digest: string;
}

/** What counts over the values of sources. */
export interface Amendment {
  readonly fieldId: number;
  /** JSON. `null`: the field has no value, whatever sources say. */
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** A row of a contact that does not answer, because a newer row of its dataset does. */
export interface HiddenRow {
  /** Encoded as `section-age.ts` describes. */
  readonly asOfMs: number;
  readonly values: readonly {
    readonly fieldId: number;
    /** JSON. */
    readonly value: string;
  }[];
}

/** What the store holds of identities besides the contacts that they lead to. */
export interface IdentityTraces {
  /** What belonged to the person earlier, and leads nowhere now: the rest is about these, too. */
  readonly related: readonly IdentityKey[];
  /**
   * Everything that was amended, by row key: also what does not count, because something newer
   * does, or because the row is gone and may return.
   */
  readonly amendments: readonly {
    readonly key: IdentityKey;
    readonly fields: readonly Amendment[];
  }[];
  /** Their rows as they were before a run, which a rollback may put back. */
  readonly earlierRows: readonly EarlierRow[];
  /** How many rows of others name one of them, by dataset. */
  readonly otherRows: readonly { readonly datasetId: number; readonly rows: number }[];
}

export interface EarlierRow extends Pick<HiddenRow, 'values'> {
  readonly datasetId: number;
  /**
   * Milliseconds since the epoch: when the push or the run that brought the row began; of a row
   * that a later run rejected, how old its values were by then. `undefined`: unknown.
   */
  readonly asOfMs: AsOf;
  /** Its value is empty if only its hash is known. */
  readonly key: KnownIdentity;
  /** What the row claimed. Empty if the run did not change that. */
  readonly identities: readonly KnownIdentity[];
  /**
   * For a row of reports: the memberships of its contact by then, as `domain/membership` packs
   * them. `undefined`: none.
   */
  readonly memberships: Buffer | undefined;
}

/** A page of the row keys that have amendments, ascending. */
export interface AmendmentPage {
  /** `next` of the page before; `null` for the first. */
  readonly after: string | null;
  readonly limit: number;
}

/** A field whose amendments count. */
export interface AmendableField {
  readonly id: number;
  readonly type: FieldType;
}

export interface AmendedValue {
  readonly fieldId: number;
  /**
   * The dataset that fills the field: the amendment belongs to its row. Missing: to the row that
   * has a value of the field.
   */
  readonly datasetId?: number;
  readonly value: string;
}

export interface AmendmentChange {
  /** Values as JSON, valid by the types of their fields; `null` for no value. */
  readonly set: readonly AmendedValue[];
  /** Ids of fields whose amendments end. */
  readonly lift: readonly number[];
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** `value_invalid`: a value is not JSON, or all together take more than `maxRecordBytes`. */
export type AmendmentOutcome = AmendedCounts | 'unchanged' | 'contact_not_found' | 'value_invalid';

/** How many fields are different now. */
export interface AmendedCounts {
  /** Those that have another amended value. */
  readonly set: number;
  /** Those whose amendment ended. */
  readonly lifted: number;
}
