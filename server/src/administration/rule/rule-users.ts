/** Refuses to take away what a rule uses. */
import type { CatalogView } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import { type RuleOwner, usersOf } from '../../domain/rule/rule-owner.ts';
import type { RuleReferenceKind } from '../../domain/rule/rule-text.ts';
import { seesField, seesRules, type TokenLists } from '../../domain/token/token-sight.ts';
import { mixesCurrencies } from './rule-amounts.ts';
import { type OwnerWithRules, readRuleBook } from './rule-book.ts';

/** Something that rules can no longer use after a change. */
export interface RuleLoss {
  readonly kind: RuleReferenceKind;
  readonly id: number;
  /** What would happen: `The field city would be gone`. */
  readonly words: string;
  /**
   * Whose rules need it, if not all: `conditions`: those of segments and flows. `amounts`: those
   * that would mix amounts in different currencies.
   */
  readonly neededBy?: 'conditions' | 'amounts';
}

/** A definition whose rule uses something, in the form in which the API returns it. */
export interface RuleUser {
  readonly kind: RuleOwner['kind'] | 'exclusion_group';
  /** `null` for an exclusion group. */
  readonly id: number | null;
  readonly name: string;
}

const shownUsers = 10;

/**
 * Call it after all writes of the change, so that a rule that changes too counts as it will be.
 * @throws UsherError `definition_in_use` with the members `users`
 */
export async function requireNoRuleUsers(
  view: CatalogView,
  organizationId: number,
  losses: readonly RuleLoss[],
  sight: TokenLists,
): Promise<void> {
  refuseUses(await findRuleUses(view, organizationId, losses), sight);
}

/** What a change would take away from others. */
export interface FoundUse {
  /** What would happen, and what kind of use is in the way. */
  readonly words: string;
  readonly users: readonly RuleUser[];
}

export async function findRuleUses(
  view: CatalogView,
  organizationId: number,
  losses: readonly RuleLoss[],
): Promise<readonly FoundUse[]> {
  if (losses.length === 0) return [];
  const book = await readRuleBook(view, organizationId);
  const { owners } = book;
  const organization = await view.findOrganization({ id: organizationId });
  const isAffected = (owner: OwnerWithRules, { neededBy }: RuleLoss) => {
    if (neededBy === 'amounts') {
      return organization !== undefined && mixesCurrencies(owner, { book, organization });
    }
    return neededBy === undefined || owner.kind !== 'computed_field';
  };
  return losses.flatMap((loss) => {
    const users = usersOf(owners, loss).filter((one) => isAffected(one, loss));
    return foundUse(loss.words, users);
  });
}

/** @param words what would happen. Empty without users. */
export function foundUse(words: string, users: readonly RuleOwner[]): readonly FoundUse[] {
  if (users.length === 0) return [];
  return [
    {
      words: `${words}, but rules use it`,
      users: users.map(({ kind, id, name }) => ({ kind, id, name })),
    },
  ];
}

/**
 * The error names the users that the caller may see, and says how many others there are.
 * @throws UsherError `definition_in_use` if there are any
 */
export function refuseUses(uses: readonly FoundUse[], sight: TokenLists): void {
  if (uses.length === 0) return;
  const users = uses.flatMap((one) => one.users).filter((user) => seesUser(sight, user));
  const distinct = new Map(users.map((user) => [`${user.kind} ${user.id ?? user.name}`, user]));
  const words = uses.map((one) => `${one.words}: ${listed(one.users, sight)}.`);
  const next = seesRules(sight)
    ? 'Edit or remove these definitions first.'
    : 'Ask somebody who may see all definitions to edit or remove them first.';
  throw new UsherError('definition_in_use', `${words.join(' ')} ${next}`, {
    members: { users: [...distinct.values()] },
  });
}

/** A token with lists sees computed fields on them, and no other definition with rules. */
function seesUser(sight: TokenLists, { kind, name }: RuleUser): boolean {
  return seesRules(sight) || (kind === 'computed_field' && seesField(sight, name, null));
}

function listed(users: readonly RuleUser[], sight: TokenLists): string {
  const seen = users.filter((user) => seesUser(sight, user));
  const shown = seen
    .slice(0, shownUsers)
    .map(({ kind, name }) => `${kind.replace('_', ' ')} ${name}`);
  const left = users.length - shown.length;
  if (shown.length === 0) return left === 1 ? '1 definition' : `${left} definitions`;
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ');
}
