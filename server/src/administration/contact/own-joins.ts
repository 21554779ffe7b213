/** What joined and parted one contact, found in the log of all joins. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoggedJoin } from '../../stores/join-answer.ts';
import type { ContactReader, IdentityKey } from '../../stores/store.ts';
import { joinsPerRead } from '../limits.ts';

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
  const found: LoggedJoin[] = [];
  let after: string | null = null;
  for (let read = 0; read < limit; read += joinsPerRead) {
    if (after !== null) await nextTurn();
    const search = { identities: own, after, limit: joinsPerRead };
    const { joins, next } = await reader.findJoins(organizationId, search);
    found.push(...joins);
    if (next === null) return { joins: found, isComplete: true };
    after = next;
  }
  return { joins: found, isComplete: false };
}

interface OwnJoinSearch {
  /** The identities of the contact. */
  readonly own: readonly IdentityKey[];
  /** How many entries of the log are read at most; all if missing. */
  readonly limit?: number;
}
