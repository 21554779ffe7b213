/**
 * Makes the next run of each dataset read every row, because baselines do not show what the
 * suppression lists kept out.
 */
import type { KeyedDatabase } from '../keyed-database.ts';
import { metaKeys, metaKinds, type OneOrAll, readMeta, readMetaUnder, writeMeta } from '../meta.ts';
import type { StoredLease } from './run-leases.ts';

/** Of an organization, or of all. A run under way ends without a baseline, as after a push. */
export function forgetBaselines(meta: KeyedDatabase, ...organizationId: OneOrAll): void {
  for (const { key } of readMetaUnder(meta, metaKeys.appliedRuns(...organizationId))) {
    meta.remove(key);
  }
  for (const { key, value } of readMetaUnder<StoredLease>(
    meta,
    metaKeys.leases(...organizationId),
  )) {
    const at = Uint8Array.from([metaKinds.sourceVersion, ...key.subarray(1)]);
    const last = readMeta<{ sourceVersion: string }>(meta, at)?.sourceVersion;
    if (last !== value.sourceVersion) continue;
    writeMeta(meta, at, { sourceVersion: `${BigInt(last) + 1n}` });
  }
}
