/**
 * Which of an organization's definitions a token is told of: its allow-lists hold wherever
 * definitions are listed or named, not only where values are answered.
 */
import type { Token } from './token.ts';

export type TokenLists = Pick<Token, 'fields' | 'identityTypes' | 'dataset'>;

/** @param dataset that fills the field; `null` for a built-in one, which no dataset fills */
export function seesField(lists: TokenLists, name: string, dataset: string | null): boolean {
  return (
    (lists.fields === null || lists.fields.includes(name)) &&
    (lists.dataset === null || lists.dataset === dataset)
  );
}

export function seesIdentityType(lists: TokenLists, name: string): boolean {
  return lists.identityTypes === null || lists.identityTypes.includes(name);
}

/** A dataset's definition names all of its fields, so one of them that is not seen hides it. */
export function seesDataset(lists: TokenLists, name: string, fields: readonly string[]): boolean {
  return (
    (lists.dataset === null || lists.dataset === name) &&
    fields.every((field) => seesField(lists, field, name))
  );
}
