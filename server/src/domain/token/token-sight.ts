/**
 * Which definitions a token may see. The token's allow-lists apply wherever definitions are listed
 * or named, not only where values are returned.
 */
import type { Token } from './token.ts';

export interface TokenLists extends Pick<Token, 'fields' | 'identityTypes' | 'dataset'> {
  /** Whether values of identities are hidden. Never for a token. */
  readonly masksIdentities?: boolean;
}

/** @param dataset the one that fills the field; `null` for a built-in field */
export function seesField(lists: TokenLists, name: string, dataset: string | null): boolean {
  return (
    (lists.fields === null || lists.fields.includes(name)) &&
    (lists.dataset === null || lists.dataset === dataset)
  );
}

/** Whether the token may see every dataset and every field, and so every rule. */
export function seesRules({ fields, dataset }: TokenLists): boolean {
  return fields === null && dataset === null;
}

export function seesIdentityType(lists: TokenLists, name: string): boolean {
  return lists.identityTypes === null || lists.identityTypes.includes(name);
}

/** A definition names all of its fields. So a dataset with a hidden field is hidden too. */
export function seesDataset(lists: TokenLists, name: string, fields: readonly string[]): boolean {
  return (
    (lists.dataset === null || lists.dataset === name) &&
    fields.every((field) => seesField(lists, field, name))
  );
}
