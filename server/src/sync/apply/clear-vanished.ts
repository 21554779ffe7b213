/**
 * Contacts that a dataset filled and that its newest source no longer names: found by comparing,
 * cleared by their identities. A contact that the source names by any of its identities is not
 * gone, whatever becomes of the row.
 */

import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { Statements, Workbench } from '../../sources/workbench.ts';
import type { ContactChange } from '../../stores/store.ts';
import {
  claimOf,
  identityOf,
  type KnownContacts,
  otherClaims,
} from '../compare/list-other-claims.ts';

/** Makes the empty table `gone` (`b`, `claim`): nobody is gone. */
export async function findNoneGone(workbench: Workbench): Promise<void> {
  await workbench.run('CREATE OR REPLACE TABLE gone (b BIGINT, claim VARCHAR)');
}

/**
 * Fills `gone` from a baseline that holds every contact of the dataset. @returns how many contacts
 * are gone
 */
export async function findGoneRows(statements: Statements, mapping: RowMapping): Promise<number> {
  const [all] = await statements.rows(
    'SELECT (SELECT count(*) FROM before), (SELECT count(*) FROM met)',
  );
  if (all?.[0] === all?.[1]) return 0;
  const claims = mapping.identifiers.map(
    ({ identityType }, place) => `'${identityType.id} ' || unsealed(k${place}, m${place})`,
  );
  await statements.run(`CREATE OR REPLACE TABLE gone AS SELECT b, coalesce(${claims.join(', ')}) AS claim
    FROM before WHERE b NOT IN (SELECT b FROM met) AND b NOT IN (SELECT b FROM hit)
      AND b NOT IN (SELECT b FROM held WHERE k IN (SELECT keyed(claim) FROM kept))`);
  return countGone(statements);
}

/** Fills `gone` by looking at every identity in the store: slow, and right whatever was before. */
export async function findGoneContacts(
  workbench: Workbench,
  known: KnownContacts,
): Promise<number> {
  const { mapping, reader, organizationId } = known;
  await workbench.run('CREATE OR REPLACE TABLE stored (claim VARCHAR)');
  let rows: string[][] = [];
  const flush = async () => {
    if (rows.length > 0) await workbench.append('stored', rows);
    rows = [];
  };
  for (const typeId of new Set(mapping.identifiers.map(({ identityType }) => identityType.id))) {
    if (typeId === 0) continue;
    for await (const identity of reader.scanIdentities(organizationId, typeId)) {
      rows.push([claimOf(identity)]);
      if (rows.length >= maxRowsPerBatch * 10) await flush();
    }
  }
  await flush();
  await workbench.run(`CREATE OR REPLACE TABLE named AS
    SELECT keyed(claim) AS k FROM claims UNION SELECT keyed(claim) FROM kept
    UNION SELECT k FROM held WHERE b IN (SELECT b FROM met)`);
  await workbench.run(`CREATE OR REPLACE TABLE gone AS
    SELECT CAST(NULL AS BIGINT) AS b, claim FROM stored WHERE keyed(claim) NOT IN (SELECT k FROM named)`);
  await keepOthersNamed(workbench, known);
  return countGone(workbench);
}

export async function* vanishedChanges(
  workbench: Workbench,
): AsyncGenerator<readonly ContactChange[]> {
  let batch: ContactChange[] = [];
  for await (const claim of goneClaims(workbench)) {
    const identities = [{ ...identityOf(claim), value: '' }];
    batch.push({ kind: 'clear', identities, section: new Uint8Array() });
    if (batch.length < maxRowsPerBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Takes those out of `gone` whose contact the source names by another identity. */
async function keepOthersNamed(workbench: Workbench, known: KnownContacts): Promise<void> {
  await workbench.run('CREATE OR REPLACE TABLE elsewhere (claim VARCHAR, other VARCHAR)');
  let rows: string[][] = [];
  for await (const claim of goneClaims(workbench)) {
    const { others } = await otherClaims(known, [claim]);
    for (const other of others) rows.push([claim, other]);
    if (rows.length < maxRowsPerBatch * 10) continue;
    await workbench.append('elsewhere', rows);
    rows = [];
  }
  if (rows.length > 0) await workbench.append('elsewhere', rows);
  await workbench.run(`DELETE FROM gone WHERE claim IN (
    SELECT claim FROM elsewhere WHERE keyed(other) IN (SELECT k FROM named))`);
}

async function countGone(statements: Statements): Promise<number> {
  const [count] = await statements.rows('SELECT count(*) FROM gone');
  return Number(count?.[0] ?? 0);
}

async function* goneClaims(workbench: Workbench): AsyncGenerator<string> {
  const lines = 'SELECT concat(claim, chr(10)) FROM gone ORDER BY claim';
  for await (const bytes of workbench.bytes(lines)) {
    for (const claim of bytes.toString('latin1').split('\n')) if (claim !== '') yield claim;
  }
}
