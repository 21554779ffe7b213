/**
 * Keeps the age of contacts whose row a run rejects, since the run has no new values for them. It
 * finds them before anything is applied, and marks them in the store afterwards, under the run's
 * lease. In the baseline their rows lose the digest of their cells (`compare-rows.ts`), so that
 * their next good row is sent even if it is unchanged, and makes them fresh.
 *
 * A contact that another row applies, or finds unchanged, is as fresh as that row. A row without a
 * readable identity belongs to no contact.
 */
import type { Workbench } from '../../sources/workbench.ts';
import { asOfAt, findSectionEntry, type RecordView } from '../../stores/read-record.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import { keepsAge } from '../../stores/section-age.ts';
import { recordOnly } from '../../stores/store.ts';
import type { UnkeyedTables } from '../compare/baseline.ts';
import {
  identityOf,
  type KnownContacts,
  ofClaim,
  otherClaims,
} from '../compare/list-other-claims.ts';
import type { SettledTables } from '../compare/settle-repeats.ts';
import { addRows, countRows, inBatches, readLines } from '../table/table-rows.ts';
import { makeEmpty, makeTables, type Table, type Tables } from '../table/tables.ts';
import { unmatchedCode } from './apply-changes.ts';

export interface AgedContacts extends KnownContacts {
  readonly datasetId: RunLease['datasetId'];
}

export type AgedTables = Tables<'agedIdentities' | 'agingContacts'>;

type RejectingTables = Tables<'stagedRows' | 'rejectedClaims' | 'refusedRows'>;

/**
 * Finds these contacts by the rows rejected so far. Call it again after the store has refused rows.
 * @param contacts `undefined` for a feed: it has no section whose age could be kept
 */
export async function findAged(
  workbench: Workbench,
  { stagedRows, rejectedClaims, refusedRows }: RejectingTables,
  contacts: (SettledTables & UnkeyedTables) | undefined,
  known: AgedContacts,
): Promise<AgedTables> {
  const aged = await makeEmpty(workbench, ['agedIdentities', 'agingContacts']);
  if (contacts === undefined) return aged;
  const { unsentRows, rowClaims, keyIdentity } = contacts;
  const { baselineIdentities, knownBaselineRows, outdatedBaselineRows } = contacts;
  const counts = [rejectedClaims, unsentRows, refusedRows].map((it) => countRows(workbench, it));
  if ((await Promise.all(counts)).every((count) => count === 0)) return aged;
  const { lostRows } = await makeTables(workbench, {
    lostRows: `SELECT row_id FROM ${unsentRows}
      UNION SELECT staged.row_id FROM ${refusedRows} AS refused
        JOIN ${stagedRows} AS staged ON staged.first_claim = refused.claim
        WHERE refused.code <> '${unmatchedCode}'`,
  });
  const { confirmedIdentities } = await makeTables(workbench, {
    confirmedIdentities: `SELECT ${keyIdentity}(claim) AS identity_key FROM ${rowClaims}
        WHERE row_id NOT IN (SELECT row_id FROM ${lostRows})
      UNION SELECT identity_key FROM ${baselineIdentities}
        WHERE baseline_row IN (SELECT baseline_row FROM ${knownBaselineRows})
          AND baseline_row NOT IN (SELECT baseline_row FROM ${outdatedBaselineRows})`,
  });
  const confirmed = `(SELECT identity_key FROM ${confirmedIdentities})`;
  const claims = `(SELECT DISTINCT claim FROM (SELECT claim FROM ${rejectedClaims}
      UNION ALL SELECT claim FROM ${rowClaims} WHERE row_id IN (SELECT row_id FROM ${lostRows}))
    WHERE ${keyIdentity}(claim) NOT IN ${confirmed})`;
  const rejected = await lookUpRejected(workbench, claims, known);
  await workbench.run(`DELETE FROM ${rejected} WHERE claim IN (
    SELECT claim FROM ${rejected} WHERE ${keyIdentity}(other_claim) IN ${confirmed})`);
  await workbench.run(`INSERT INTO ${aged.agedIdentities}
    SELECT DISTINCT other_claim, ${keyIdentity}(other_claim) FROM ${rejected}`);
  await workbench.run(`INSERT INTO ${aged.agingContacts}
    SELECT DISTINCT claim FROM ${rejected} WHERE is_aging = 1`);
  return aged;
}

/** Lists all identities of each contact that one of the claims identifies and the dataset fills. */
async function lookUpRejected(
  workbench: Workbench,
  claims: string,
  known: AgedContacts,
): Promise<Table<'rejectedContacts'>> {
  const { rejectedContacts } = await makeEmpty(workbench, ['rejectedContacts']);
  const { reader, organizationId, datasetId } = known;
  for await (const batch of inBatches(readLines(workbench, 'claim', claims))) {
    const queries = batch.map((claim) => {
      return { organizationId, identity: identityOf(claim), parts: recordOnly };
    });
    const ages = await reader.readContacts(queries, ({ record }) => ownAsOf(record, datasetId));
    const filled = batch.flatMap((claim, at) => {
      const asOfMs = ages[at];
      return asOfMs === undefined ? [] : [{ ...ofClaim(claim), isAging: keepsAge(asOfMs) ? 0 : 1 }];
    });
    const found = await otherClaims(known, filled);
    const rows = found.flatMap(({ claim, others, isAging }) =>
      [claim, ...others].map((other) => [claim, other, isAging]),
    );
    await addRows(workbench, rejectedContacts, rows);
  }
  return rejectedContacts;
}

/** `undefined`: the dataset fills nothing of the contact. */
function ownAsOf(record: RecordView, datasetId: number): number | undefined {
  const entry = findSectionEntry(record, datasetId);
  return entry < 0 ? undefined : asOfAt(record, entry);
}
