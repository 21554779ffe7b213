/** The history of a definition, as the API returns it. */
import type { DefinitionEdit, EditDocument } from '../../catalog/definitions.ts';
import { rfc3339 } from '../administration.ts';
import { type DocumentDifference, diffDocuments } from '../document/document-diff.ts';

export interface EditView {
  readonly number: number;
  readonly author: string;
  readonly edited_at: string;
  /** Compared with the edit before. */
  readonly differences: readonly DocumentDifference[];
  /** The definition after the edit; `null` if the edit removed it. */
  readonly definition: EditDocument | null;
}

export function viewEdits(edits: readonly DefinitionEdit[]): readonly EditView[] {
  return edits.map(({ number, author, atMs, before, after }) => ({
    number,
    author,
    edited_at: rfc3339(atMs),
    differences: diffDocuments(before ?? {}, after ?? {}),
    definition: after,
  }));
}
