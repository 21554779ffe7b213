/**
 * Contacts whose row a run rejects keep their age, since the run says nothing about them. They are
 * found before anything is applied; the store is told afterwards, under the run's lease. Their
 * cells lose their digest in the baseline (`compare-rows.ts`), so that their next good row, even an
 * unchanged one, is sent and makes them fresh.
 *
 * A contact that another row brings in, or finds unchanged, is as fresh as that row. A row without
 * a readable identity names nobody.
 */
import type { Workbench } from '../../sources/workbench.ts';
import { asOfAt, findSectionEntry, type RecordView } from '../../stores/read-record.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import { keepsAge } from '../../stores/section-age.ts';
import { recordOnly } from '../../stores/store.ts';
import type { UnkeyedTables } from '../compare/baseline.ts';
import { identityOf, type KnownContacts, otherClaims } from '../compare/list-other-claims.ts';
import type { SettledTables } from '../compare/settle-repeats.ts';
import { countRows, readLines, TableAppender } from '../table/table-rows.ts';
import { makeEmpty, makeTable, type Table, type Tables } from '../table/tables.ts';
import { unmatchedCode } from './apply-changes.ts';

export interface AgedContacts extends KnownContacts {
  readonly datasetId: RunLease['datasetId'];
}

export type AgedTables = Tables<'agedIdentities' | 'agingContacts'>;

export function findNoneAged(workbench: Workbench): Promise<AgedTables> {
  return makeEmpty(workbench, ['agedIdentities', 'agingContacts']);
}

type RejectingTables = SettledTables &
  UnkeyedTables &
  Tables<'stagedRows' | 'rejectedClaims' | 'refusedRows'>;

/** Finds them by the rows rejected so far; call it again once the store has refused rows. */
export async function findAged(
  workbench: Workbench,
  tables: RejectingTables,
  known: AgedContacts,
): Promise<AgedTables> {
  const { stagedRows, rejectedClaims, unsentRows, refusedRows, rowClaims, keyIdentity } = tables;
  const { baselineIdentities, knownBaselineRows, outdatedBaselineRows } = tables;
  const aged = await findNoneAged(workbench);
  const counts = [rejectedClaims, unsentRows, refusedRows].map((it) => countRows(workbench, it));
  if ((await Promise.all(counts)).every((count) => count === 0)) return aged;
  const { lostRows } = await makeTable(
    workbench,
    'lostRows',
    `SELECT row_id FROM ${unsentRows}
      UNION SELECT staged.row_id FROM ${refusedRows} AS refused
        JOIN ${stagedRows} AS staged ON staged.first_claim = refused.claim
        WHERE refused.code <> '${unmatchedCode}'`,
  );
  const { confirmedIdentities } = await makeTable(
    workbench,
    'confirmedIdentities',
    `SELECT ${keyIdentity}(claim) AS identity_key FROM ${rowClaims}
        WHERE row_id NOT IN (SELECT row_id FROM ${lostRows})
      UNION SELECT identity_key FROM ${baselineIdentities}
        WHERE baseline_row IN (SELECT baseline_row FROM ${knownBaselineRows})
          AND baseline_row NOT IN (SELECT baseline_row FROM ${outdatedBaselineRows})`,
  );
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

/** Lists all identities of each contact that one of the claims names and the dataset fills. */
async function lookUpRejected(
  workbench: Workbench,
  claims: string,
  known: AgedContacts,
): Promise<Table<'rejectedContacts'>> {
  const { rejectedContacts } = await makeEmpty(workbench, ['rejectedContacts']);
  const { reader, organizationId, datasetId } = known;
  const appender = new TableAppender(workbench);
  for await (const claim of readLines(workbench, 'claim', claims)) {
    const query = { organizationId, identity: identityOf(claim), parts: recordOnly };
    const lent = reader.lendContact(query, ({ record }) => ownAsOf(record, datasetId));
    const asOfMs = lent instanceof Promise ? await lent : lent;
    if (asOfMs === undefined) continue;
    const isAging = keepsAge(asOfMs) ? 0 : 1;
    const { others } = await otherClaims(known, [claim]);
    for (const other of [claim, ...others]) appender.add(rejectedContacts, [claim, other, isAging]);
    if (appender.isFull) await appender.flush();
  }
  await appender.flush();
  return rejectedContacts;
}

/** `undefined`: the dataset fills nothing of the contact. */
function ownAsOf(record: RecordView, datasetId: number): number | undefined {
  const entry = findSectionEntry(record, datasetId);
  return entry < 0 ? undefined : asOfAt(record, entry);
}

/** Contacts that the store must be told of once the rows that count are applied. */
export function agingClaims(
  workbench: Workbench,
  { agingContacts }: AgedTables,
): AsyncGenerator<string> {
  return readLines(workbench, 'claim', `${agingContacts} ORDER BY claim`);
}
