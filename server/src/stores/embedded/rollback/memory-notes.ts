/** Takes back what runs noted of join memory that they ended. */
import type { RollbackPlace } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import type { RememberedJoin } from '../contacts/remember-joins.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { rollbackKey } from './rollback-entry.ts';
import { readAllRollbackRuns } from './rollback-runs.ts';

interface RollbackData {
  readonly meta: KeyedDatabase;
  readonly rollback: KeyedDatabase;
}

export class MemoryNotes {
  readonly #rollback: KeyedDatabase;
  readonly #places: readonly RollbackPlace[];

  /** @param since only of runs that began after this version; `undefined`: of all */
  constructor({ meta, rollback }: RollbackData, organizationId: number, since?: bigint) {
    this.#rollback = rollback;
    this.#places = readAllRollbackRuns(meta, organizationId)
      .filter(({ run: { version } }) => {
        return since === undefined || (version !== undefined && BigInt(version) > since);
      })
      .map(({ place }) => place)
      .filter((place) => hasMemoryNotes(rollback, place));
  }

  /** A join that was never forgotten, or never made, is not to be remembered again. */
  forget({ keys: [one, other], version }: RememberedJoin): void {
    for (const place of this.#places) {
      for (const at of [
        rollbackKey(place, 'memory', one, other),
        rollbackKey(place, 'memory', other, one),
      ]) {
        const noted = this.#rollback.getBinaryFast(at) as Buffer | undefined;
        if (noted?.readBigUInt64LE(0) === version) this.#rollback.remove(at);
      }
    }
  }
}

function hasMemoryNotes(rollback: KeyedDatabase, place: RollbackPlace): boolean {
  const start = rollbackKey(place, 'memory', first);
  const end = rollbackKey(place, 'value', first);
  return [...rollback.getRange({ start, end, limit: 1 })].length > 0;
}

const first: IdentityKey = { typeId: 0, digest: new Uint8Array(16) };
