/** Removes suppressed identities from the log of joins, with the entries that are about them. */
import type { IdentityKey } from '../../store.ts';
import { nameOf } from '../contacts/component.ts';
import { JoinLog, type LogEntry, type LoggedPair } from '../contacts/join-log.ts';
import { suppressedAmong } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';
import type { Purged } from './purged.ts';

const firstEntry = '0'.repeat(16);

/**
 * An entry that is about others, too, loses the person and is not counted: another erasure may
 * change it again, and the one that removes it counts it.
 * @param after where an earlier call ended
 */
export function purgeLog(
  session: WriteSession,
  organizationId: number,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Purged {
  const log = new JoinLog(session.environment.log, organizationId);
  const { entries, next } = log.readFrom({ since: firstEntry, after }, limit);
  const named = entries.flatMap(({ entry }) => loggedIdentities(entry));
  const names = suppressedAmong(session, organizationId, named);
  if (names === undefined) return { removed: 0, next };
  const isErased = (it: IdentityKey) => names.has(nameOf(it));
  let removed = 0;
  for (const { at, version, entry } of entries) {
    if (!loggedIdentities(entry).some(isErased)) continue;
    const purged = without(entry, isErased);
    if (purged !== undefined) {
      log.put(version, purged);
      continue;
    }
    session.environment.log.remove(Buffer.from(at, 'hex'));
    removed += 1;
  }
  return { removed, next };
}

/** Every identity that an entry names. */
export function loggedIdentities(entry: LogEntry): readonly IdentityKey[] {
  if (entry.kind === 'join') return [...entry.keys, entry.identity];
  if (entry.kind !== 'merge') return entry.pairs.flat();
  const pairs = [...entry.lifted, ...entry.forgotten].flatMap(({ keys }) => keys);
  return [...entry.keys, ...entry.sides.flat(), ...pairs];
}

/** The entry without the erased identities; `undefined` if nothing of it is left. */
function without(
  entry: LogEntry,
  isErased: (identity: IdentityKey) => boolean,
): LogEntry | undefined {
  if (entry.kind === 'join') return undefined;
  const areOthers = (pair: readonly IdentityKey[]) => !pair.some(isErased);
  if (entry.kind !== 'merge') {
    const pairs = entry.pairs.filter(areOthers);
    return pairs.length === 0 ? undefined : { ...entry, pairs };
  }
  if (!areOthers(entry.keys)) return undefined;
  const left = (side: readonly IdentityKey[]) => side.filter((it) => !isErased(it));
  const ofOthers = (pairs: readonly LoggedPair[]) => pairs.filter(({ keys }) => areOthers(keys));
  const sides = [left(entry.sides[0]), left(entry.sides[1])] as const;
  const { lifted, forgotten } = entry;
  return { ...entry, sides, lifted: ofOthers(lifted), forgotten: ofOthers(forgotten) };
}
