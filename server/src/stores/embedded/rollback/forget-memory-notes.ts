/** Takes back what runs noted of join memory that they parted for a moment. */
import type { IdentityKey } from '../../store.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { rollbackKey } from './rollback-entry.ts';
import { rollbackRunsSince } from './rollback-runs.ts';

interface RecoveredJoin {
  readonly organizationId: number;
  /** In any order. */
  readonly keys: readonly [IdentityKey, IdentityKey];
  /** The last version at which no run was unfinished: only later runs can have parted the two. */
  readonly since: bigint;
}

export function forgetMemoryNotes(
  { meta, rollback }: { readonly meta: KeyedDatabase; readonly rollback: KeyedDatabase },
  { organizationId, keys: [one, other], since }: RecoveredJoin,
): void {
  for (const place of rollbackRunsSince(meta, organizationId, since)) {
    rollback.remove(rollbackKey(place, 'memory', one, other));
    rollback.remove(rollbackKey(place, 'memory', other, one));
  }
}
