/** Which identities an entry of rollback data names as those of one person. */
import type { IdentityKey } from '../../store.ts';
import type { SoughtIdentities } from '../contacts/sought-identities.ts';
import { noteNamed, readRollbackKey, unpackRollbackEntry } from './rollback-entry.ts';

export interface NamedTogether {
  /** The keys of one row, before and after the run, or both ends of join memory. */
  readonly keys: readonly IdentityKey[];
  /** What the row claimed before the run, if the run changed that. */
  readonly claims: readonly IdentityKey[];
}

/** `undefined`: the entry is about one identity alone. */
export function namedTogether(at: Buffer, value: Buffer): NamedTogether | undefined {
  const { kind, identity, other } = readRollbackKey(at);
  if (kind === 'memory' && other !== undefined) return { keys: [identity, other], claims: [] };
  if (kind !== 'row') return undefined;
  const { before } = unpackRollbackEntry(value, value.length);
  const keys = before?.key === undefined ? [identity] : [identity, before.key];
  return { keys, claims: before?.claims ?? [] };
}

/** Whether an entry may name one of these. Mostly it does not, and is not unpacked. */
export function mayNameAny(sought: SoughtIdentities, at: Buffer, value: Buffer): boolean {
  let may = false;
  noteNamed(at, value, {
    add: (_typeId, bytes, start) => {
      may ||= sought.mayHave(bytes, start);
    },
  });
  return may;
}
