/** What an entry of the log of joins says of who was one person with whom. */
import type { IdentityKey } from '../../store.ts';
import type { LogEntry } from './join-log.ts';

export interface LoggedRelations {
  /** Identities that were joined with one of the person, and lead nowhere now. */
  readonly joined: readonly IdentityKey[];
  /** Of those that an earlier entry joined: what was joined with somebody else who is there. */
  readonly joinedOthers: readonly IdentityKey[];
  /** Identities that were parted from one of the person. */
  readonly parted: readonly IdentityKey[];
}

export interface RelationSearch {
  /** Whether it is an identity of the person. */
  readonly isSought: (identity: IdentityKey) => boolean;
  /** Whether an earlier entry joined it with the person. */
  readonly isJoined: (identity: IdentityKey) => boolean;
  /** Whether it leads to no contact, and no row names it. */
  readonly isFree: (identity: IdentityKey) => boolean;
  /** Whether what rows joined lapsed in the midst of a run: then it was never a join. */
  readonly hasLapsed: (keys: readonly [IdentityKey, IdentityKey]) => boolean;
}

const nothing: LoggedRelations = { joined: [], joinedOthers: [], parted: [] };

/** A later entry counts more than an earlier one. */
export function loggedRelations(
  entry: LogEntry,
  { isSought, isJoined, isFree, hasLapsed }: RelationSearch,
): LoggedRelations {
  if (entry.kind !== 'join' && entry.kind !== 'merge') {
    const parted = entry.pairs.filter((pair) => pair.some(isSought)).flat();
    return { ...nothing, parted: parted.filter((it) => !isSought(it)) };
  }
  if (entry.kind === 'merge' && entry.isTakenBack) return nothing;
  const keys = entry.kind === 'join' ? entry.keys : [...entry.keys, ...entry.sides.flat()];
  const matters = keys.some((it) => isSought(it) || isJoined(it));
  if (entry.kind === 'join' && matters && hasLapsed(entry.keys)) return nothing;
  // An address that joined two rows is not enough: it may have passed to another person since.
  if (!keys.some(isSought)) {
    const joinedOthers = keys.filter(isJoined);
    const areFree = joinedOthers.length === 0 || keys.every(isFree);
    return areFree ? nothing : { ...nothing, joinedOthers };
  }
  const all = entry.kind === 'join' ? [...keys, entry.identity] : keys;
  return { ...nothing, joined: all.filter((it) => !isSought(it) && isFree(it)) };
}
