/** Somebody whose change may move contacts of flows. */
import type { ChangeAuthor } from '../../catalog/catalog.ts';
import type { ContactReader } from '../../stores/store.ts';

export type ContactLender = <T>(
  work: (reader: ContactReader) => Promise<T>,
) => Promise<T | undefined>;

/** Who changes, and how contacts are read. */
export interface Mover {
  readonly organizationId: number;
  readonly author: ChangeAuthor;
  /** Whether they may approve plans. */
  readonly mayApprove: boolean;
  /** The plan that they send. */
  readonly plan: string | undefined;
  readonly contacts: ContactLender;
  readonly randomBytes: (size: number) => Uint8Array;
}
