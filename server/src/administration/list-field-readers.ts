/** Which tokens read which fields, and when they last did. */
import { builtInFieldId, builtInFields } from '../domain/contact/field.ts';
import { fieldUseDays } from '../domain/limits.ts';
import { isLive } from '../domain/token/token.ts';
import { type Administration, readIn } from './administration.ts';
import { requireWholeSight } from './token/actor-sight.ts';

export interface FieldReaderView {
  readonly field: string;
  readonly token_id: string;
  readonly last_characters: string;
  readonly token_name: string | null;
  /** A date in UTC. */
  readonly read_on: string;
}

const dayMs = 86_400_000;

/**
 * Reads by live tokens in the last 30 days, by field, the newest first.
 * @throws UsherError `scope_missing`, also for a token with lists
 */
export async function listFieldReaders(
  administration: Administration,
  organizationId: number,
): Promise<readonly FieldReaderView[]> {
  requireWholeSight(administration.actor);
  const nowMs = administration.clock();
  return readIn(administration, organizationId, async (view) => {
    const tokens = new Map(
      (await view.listTokens(organizationId))
        .filter((token) => isLive(token, nowMs))
        .map((token) => [token.rowId, token]),
    );
    const names = new Map<number, string>([
      ...builtInFields.map(({ name }) => [builtInFieldId(name), name] as const),
      ...(await view.listFields(organizationId)).map(({ id, name }) => [id, name] as const),
    ]);
    const reads = await view.listFieldReads(organizationId, nowMs - fieldUseDays * dayMs);
    const views = reads.flatMap(({ fieldId, tokenRowId, day }): FieldReaderView[] => {
      const token = tokens.get(tokenRowId);
      const field = names.get(fieldId);
      if (token === undefined || field === undefined) return [];
      const { id, lastCharacters, name } = token;
      const readOn = new Date(day * dayMs).toISOString().slice(0, 10);
      return [
        { field, token_id: id, last_characters: lastCharacters, token_name: name, read_on: readOn },
      ];
    });
    return views.sort(
      (one, other) => compare(one.field, other.field) || compare(other.read_on, one.read_on),
    );
  });
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
