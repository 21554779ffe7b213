/** What joined and parted one contact, found in the log of all joins. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoggedJoin } from '../../stores/join-answer.ts';
import type { ContactReader, IdentityKey } from '../../stores/store.ts';
import { joinsPerRead } from '../limits.ts';
import { identityName } from './stored-values.ts';

export interface OwnJoinSearch {
  /** The `identityName` of each identity of the contact. */
  readonly own: ReadonlySet<string>;
  /** How many entries of the log are read at most; all if missing. */
  readonly limit?: number;
}

export interface OwnJoins {
  /** The newest first. */
  readonly joins: readonly LoggedJoin[];
  /** Whether the whole log was read. */
  readonly isComplete: boolean;
}

export async function findOwnJoins(
  reader: ContactReader,
  organizationId: number,
  { own, limit = Number.POSITIVE_INFINITY }: OwnJoinSearch,
): Promise<OwnJoins> {
  const isOwn = (key: IdentityKey) => own.has(identityName(key));
  const found: LoggedJoin[] = [];
  let before: string | null = null;
  for (let read = 0; read < limit; read += joinsPerRead) {
    if (before !== null) await nextTurn();
    const { joins, next } = await reader.listJoins(organizationId, { before, limit: joinsPerRead });
    found.push(
      ...joins.filter(({ pairs, identity }) =>
        [...pairs.flat(), ...(identity === null ? [] : [identity])].some(isOwn),
      ),
    );
    before = next;
    if (before === null) return { joins: found, isComplete: true };
  }
  return { joins: found, isComplete: false };
}
