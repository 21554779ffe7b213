/** What the access log notes of a look at a contact. It never notes a value. */
import type { accessOutcomes, accessWays } from '@usher/contract/access-words';
import type { IdWords } from '../stores/read-record.ts';

/** How a contact was looked at. */
export type AccessWay = (typeof accessWays)[number];

/** What came of it. */
export type AccessOutcome = (typeof accessOutcomes)[number];

/** Who looks. Its texts are kept once in each file. */
export interface AccessLooker {
  /** `token:ID` or `user:ID`. */
  readonly who: string;
  /** The header `Usher-Actor`: claimed by the caller, not verified. */
  readonly actor: string | undefined;
  /** The client's address. */
  readonly address: string;
}

/** Whose data: 16 bytes as four whole numbers, so that a look-up copies no memory. */
export interface AccessSubject {
  readonly organizationId: number;
  /** The identity type of `words`; 0 if they are a contact id. */
  readonly typeId: number;
  /** The contact's id if it was found, else the digest of the identity that was asked for. */
  readonly words: IdWords;
}

/** What was asked for. */
export interface AccessAct {
  readonly atMs: number;
  readonly way: AccessWay;
  readonly outcome: AccessOutcome;
  /** Field ids as `fieldSetText` writes them. */
  readonly fields: string;
  /** Why, from a list of reasons, with a ticket number; '' without one. */
  readonly remark: string;
}

/** Notes looks at contacts. A look-up calls it before it answers. */
export interface AccessNotes {
  /**
   * Whether so many looks may be answered. Always, unless the access log is required and has no
   * room for them.
   */
  admits(count: number): boolean;
  /** Never throws and never waits: without room, the entry is counted as lost. */
  note(looker: AccessLooker, subject: AccessSubject, act: AccessAct): void;
  /** Whether the log can be written now, as far as is known. */
  isWriting(): boolean;
  /** Whether everything that was noted before the call reached the disk within a few seconds. */
  synced(): Promise<boolean>;
}

/** Field ids as a set: `3,17,-2`. Built-in fields have negative ids. */
export function fieldSetText(fieldIds: Iterable<number>): string {
  return [...new Set(fieldIds)].toSorted((a, b) => a - b).join(',');
}
