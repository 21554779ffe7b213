/** What a run did to people, besides their values, and what of it a person should know. */
import type { RefusedClaimCode } from '../contact/component.ts';
import { amount } from './figures.ts';

export interface PeopleCounts {
  /** Contacts that became part of another one. */
  readonly joined: number;
  /** Contacts that were one and are several now. */
  readonly parted: number;
  /** Identities that led to a contact and lead to another one now, which it did not join. */
  readonly moved: number;
  /** Identities that led to a contact and lead nowhere now. */
  readonly released: number;
  /** Claims of the rows that the run sent which have no effect, by code. */
  readonly refusedClaims: Readonly<Partial<Record<RefusedClaimCode, number>>>;
  /**
   * By the name of the identity type: how many of the moved identities the dataset's runs have
   * moved three times or more.
   */
  readonly movedOften: Readonly<Record<string, number>>;
}

export const noPeople: PeopleCounts = {
  ...{ joined: 0, parted: 0, moved: 0, released: 0 },
  ...{ refusedClaims: {}, movedOften: {} },
};

/** What a person should know of a run that was applied, a sentence each. */
export function warningsOf({ movedOften }: Pick<PeopleCounts, 'movedOften'>): string[] {
  return Object.entries(movedOften).map(([type, count]) => {
    const identities = count === 1 ? '1 identity' : `${amount(count)} identities`;
    return (
      `${identities} of the type ${type} moved from one contact to another for the third time or more often. ` +
      'Rows of the source seem to name the same person in turn under different keys.'
    );
  });
}
