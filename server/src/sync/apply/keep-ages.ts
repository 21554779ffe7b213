/**
 * Contacts whose row a run rejects keep the age that they have: the run says nothing of them. They
 * are found before anything is applied, and told to the store after it, under the run's own lease.
 * In the baseline they stand without the cells that they had (`compare-rows.ts`), so that a good
 * row of theirs, even the old one, is sent and makes them as fresh as the dataset again.
 *
 * A contact that another row of the run brings in, or finds as it is, is as fresh as that row. Whom
 * a row without a readable identity names, nobody knows.
 */
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { asOfAt, findSectionEntry, type RecordView } from '../../stores/merge-section.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import { keepsAge } from '../../stores/section-age.ts';
import { type ContactChange, recordOnly } from '../../stores/store.ts';
import { identityOf, type KnownContacts, otherClaims } from '../compare/list-other-claims.ts';
import { unmatchedCode } from './apply-changes.ts';

export interface AgedContacts extends KnownContacts {
  readonly datasetId: RunLease['datasetId'];
}

/**
 * Makes the empty tables `aged` (`claim`, `k`: every identity of the contacts) and `aging`
 * (`claim`: one of those that the store does not know of yet).
 */
export async function findNoneAged(workbench: Workbench): Promise<void> {
  await workbench.run('CREATE OR REPLACE TABLE aged (claim VARCHAR, k UHUGEINT)');
  await workbench.run('CREATE OR REPLACE TABLE aging (claim VARCHAR)');
}

/** Fills both tables by what is rejected so far; again, once the store refused rows. */
export async function findAged(workbench: Workbench, known: AgedContacts): Promise<void> {
  await findNoneAged(workbench);
  const [found] = await workbench.rows(`SELECT (SELECT count(*) FROM kept) +
    (SELECT count(*) FROM repeated) + (SELECT count(*) FROM refused)`);
  if (Number(found?.[0] ?? 0) === 0) return;
  await workbench.run(`CREATE OR REPLACE TABLE lost AS SELECT n FROM repeated
    UNION SELECT rows.n FROM refused JOIN rows ON rows.key = refused.claim
      WHERE refused.code <> '${unmatchedCode}'`);
  await workbench.run(`CREATE OR REPLACE TABLE confirmed AS
    SELECT keyed(claim) AS k FROM claims WHERE n NOT IN (SELECT n FROM lost)
    UNION SELECT k FROM held WHERE b IN (SELECT b FROM met) AND b NOT IN (SELECT b FROM beaten)`);
  await workbench.run(
    'CREATE OR REPLACE TABLE named_by (claim VARCHAR, other VARCHAR, aging BIGINT)',
  );
  await lookUpRejected(workbench, known);
  await workbench.run(`DELETE FROM named_by WHERE claim IN (
    SELECT claim FROM named_by WHERE keyed(other) IN (SELECT k FROM confirmed))`);
  await workbench.run('INSERT INTO aged SELECT DISTINCT other, keyed(other) FROM named_by');
  await workbench.run('INSERT INTO aging SELECT DISTINCT claim FROM named_by WHERE aging = 1');
}

/**
 * Fills `named_by` with all identities of each contact that a rejected row names and the dataset
 * fills.
 */
async function lookUpRejected(workbench: Workbench, known: AgedContacts): Promise<void> {
  const { reader, organizationId, datasetId } = known;
  const candidates = `SELECT DISTINCT claim FROM (SELECT claim FROM kept
      UNION ALL SELECT claim FROM claims WHERE n IN (SELECT n FROM lost))
    WHERE keyed(claim) NOT IN (SELECT k FROM confirmed)`;
  let rows: (string | number)[][] = [];
  for await (const claim of claimsOf(workbench, candidates)) {
    const query = { organizationId, identity: identityOf(claim), parts: recordOnly };
    const lent = reader.lendContact(query, ({ record }) => ownAsOf(record, datasetId));
    const asOfMs = lent instanceof Promise ? await lent : lent;
    if (asOfMs === undefined) continue;
    const isAging = keepsAge(asOfMs) ? 0 : 1;
    const { others } = await otherClaims(known, [claim]);
    for (const other of [claim, ...others]) rows.push([claim, other, isAging]);
    if (rows.length < maxRowsPerBatch * 10) continue;
    await workbench.append('named_by', rows);
    rows = [];
  }
  if (rows.length > 0) await workbench.append('named_by', rows);
}

/** `undefined`: the dataset fills nothing of the contact. */
function ownAsOf(record: RecordView, datasetId: number): number | undefined {
  const entry = findSectionEntry(record, datasetId);
  return entry < 0 ? undefined : asOfAt(record, entry);
}

/** What is to be sent, once the rows that count are applied. */
export async function* agingChanges(
  workbench: Workbench,
): AsyncGenerator<readonly ContactChange[]> {
  let batch: ContactChange[] = [];
  for await (const claim of claimsOf(workbench, 'SELECT claim FROM aging ORDER BY claim')) {
    const identities = [{ ...identityOf(claim), value: '' }];
    batch.push({ kind: 'keep-age', identities, section: new Uint8Array() });
    if (batch.length < maxRowsPerBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* claimsOf(workbench: Workbench, sql: string): AsyncGenerator<string> {
  for await (const bytes of workbench.bytes(`SELECT concat(claim, chr(10)) FROM (${sql})`)) {
    for (const claim of bytes.toString('latin1').split('\n')) if (claim !== '') yield claim;
  }
}
