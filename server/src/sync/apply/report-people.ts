/** Asks the store what a run did to people, and counts the claims without effect of its rows. */
import type { RefusedClaimCode } from '../../domain/contact/component.ts';
import type { PeopleCounts } from '../../domain/dataset/people-counts.ts';
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { Workbench } from '../../sources/workbench.ts';
import type { RunPeople, RunPeopleReport } from '../../stores/store.ts';
import type { DatasetRun } from '../dataset-run.ts';
import { identityText } from '../table/identity-text.ts';
import { addRows } from '../table/table-rows.ts';
import type { Tables } from '../table/tables.ts';
import { sentKeysSql } from './refused-claims-file.ts';

interface ReportedPeople extends RunPeople {
  readonly refusedClaims: PeopleCounts['refusedClaims'];
}

/** Claims without effect of the rows that were sent go to the table `refusedClaims`. */
export async function askForPeople(
  { writer, lease }: Pick<DatasetRun, 'writer' | 'lease'>,
  workbench: Workbench,
  tables: Tables<'refusedClaims' | 'stagedRows' | 'unsentRows'>,
): Promise<ReportedPeople> {
  let after: string | null = null;
  for (;;) {
    const report: RunPeopleReport = await writer.reportRun(lease, after, maxRowsPerBatch);
    const claims = report.refusedClaims.map(({ row: { typeId, digest }, ...claim }) => {
      const key = identityText({ typeId, digest: Buffer.from(digest, 'hex') });
      return [key, claim.typeId, claim.code];
    });
    await addRows(workbench, tables.refusedClaims, claims);
    after = report.next;
    if (after !== null) continue;
    const { joined, parted, moved, released, movedOften } = report;
    const refusedClaims = await countRefused(workbench, tables);
    return { joined, parted, moved, released, movedOften, refusedClaims };
  }
}

async function countRefused(
  workbench: Workbench,
  tables: Tables<'refusedClaims' | 'stagedRows' | 'unsentRows'>,
): Promise<PeopleCounts['refusedClaims']> {
  const counts = await workbench.rows(
    `SELECT code, count(*) FROM ${tables.refusedClaims}
     WHERE row_key IN (SELECT row_key FROM ${sentKeysSql(tables)}) GROUP BY code ORDER BY code`,
  );
  return Object.fromEntries(
    counts.map(([code, count]) => [code as RefusedClaimCode, Number(count)]),
  );
}
