/**
 * The suppression lists of a data folder, as requests, doctor, backup and restore see them. The
 * lists keep erased people out: each is a file of keyed digests, beside its key.
 */
import type { IdentityRules } from '../domain/contact/identity-rules.ts';
import type { IdentityKey } from './identity-key.ts';

/**
 * Why a list cannot be used. `list_short`: it is an older copy than the store knows.
 * `list_version`: another version of Usher wrote it, which sums it up in another way.
 */
export type ListFault =
  | 'list_missing'
  | 'list_damaged'
  | 'list_version'
  | 'list_short'
  | 'key_missing'
  | 'key_wrong';

export interface DescribedList {
  /** 16 hexadecimal digits, which name the files of the list and its key. */
  readonly keyId: string;
  /** Whether new entries go to it. */
  readonly isOwn: boolean;
  /** With those that were lifted; what the store notes, if the list cannot be read. */
  readonly entries: number;
  readonly lifted: number;
  /** When an entry last changed; `null` if there is none, or the list cannot be read. */
  readonly newestAtMs: number | null;
  readonly fault: ListFault | null;
  /** What is wrong, and what to do; `null`: nothing. */
  readonly words: string | null;
}

/** An identity, and the name of its type: of several names of one type the first. */
export interface NamedIdentity extends Pick<IdentityKey, 'digest'> {
  readonly organizationId: number;
  readonly type: string;
}

/** `lifted`: it was suppressed. */
export type SuppressionState = 'suppressed' | 'lifted' | 'unknown';

/** What can be done with the key of a list. */
export interface SuppressionKeyring {
  readonly keyId: string;
  /** The keyed digest of an identity: 32 hexadecimal digits. */
  keyedDigest(identity: NamedIdentity): string;
  /** Proves that a text was written with the key: 64 hexadecimal digits. */
  mac(text: string): string;
  /** The states of keyed digests in the list of the key. */
  states(keyedDigests: readonly string[]): SuppressionState[];
  close(): void;
}

/** What was taken out of a restored store. */
export interface AppliedSuppression {
  /** Rows that named a suppressed identity, and are gone. */
  readonly rows: number;
  /** Rows that stayed, without a suppressed identity. */
  readonly keptRows: number;
}

export interface ApplySuppressionOptions {
  /** The rules of each organization, by the restored catalog: they have the names of types. */
  readonly rules: ReadonlyMap<number, IdentityRules>;
  /**
   * Whether the store is a restored copy: new entries then go to a new list, because the folder
   * that was backed up may still write the one that the store names.
   */
  readonly isRestored: boolean;
  /** Called with what is taken out, perhaps repeatedly: identities, and contact ids (type 0). */
  readonly onErased?: (organizationId: number, erased: readonly IdentityKey[]) => void;
  /** When it is aborted, the call rejects with its reason. Call it again then. */
  readonly interrupted?: AbortSignal;
}

export interface SuppressionFiles {
  /** The data folder that they are of. */
  readonly dataFolder: string;

  /** Every list that the folder has or the store notes. */
  describe(): readonly DescribedList[];

  /** Opens a list with its key. Throws `store_unavailable`, with what to do. */
  open(keyId: string): SuppressionKeyring;

  /** Like `describe`, but throws `store_unavailable` if a list has a fault. */
  require(): readonly DescribedList[];

  /**
   * Describes the lists of another folder, or the one of `keyId`. Throws `store_unavailable` if
   * one has a fault.
   */
  requireIn(folder: string, keyId?: string): readonly DescribedList[];

  /**
   * Copies all lists and keys into a folder of a backup, synced; makes the folder if there is a
   * list. Throws `store_unavailable` if a list has a fault.
   * @returns the copies
   */
  copyTo(folder: string): Promise<readonly DescribedList[]>;

  /**
   * Takes the lists of another folder, or the one of `keyId`: lists of one key are united, others
   * are added beside them. For a folder that no process writes. Throws `store_unavailable` if a
   * taken list has a fault.
   */
  takeFrom(folder: string, keyId?: string): Promise<void>;

  /**
   * Takes what the lists suppress out of the store of the folder, as after a restore: a row that
   * names a suppressed identity goes, a kept row stays without it. The next run of each dataset
   * reads every row then. Throws `store_unavailable` while another process writes the store.
   */
  apply(options: ApplySuppressionOptions): Promise<AppliedSuppression>;

  /**
   * How many identities lead to contacts although a list keeps them out: only a list or a store
   * that was put into the folder by hand leaves some. Reads all identities; there must be a store.
   * @param rules of each organization: they have the names of types
   */
  countFound(rules: ReadonlyMap<number, IdentityRules>): Promise<number>;

  /**
   * The last resort for a list that is lost: the store does not expect it any more. A file that
   * cannot be used is put aside; of an older copy, the entries that it has count. Throws
   * `resource_not_found` for an unknown list, `parameter_invalid` for one that can be used, and
   * `store_unavailable` while another process writes the store.
   * @returns what was known of the list
   */
  forget(keyId: string): Promise<DescribedList>;
}
