/** Finds the dataset's contacts that have no row in its newest source, not even a rejected one. */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { Statements, Workbench } from '../../sources/workbench.ts';
import type { BaselineTables, UnkeyedTables } from '../compare/baseline.ts';
import { claimOf, type KnownContacts, ofClaim, otherClaims } from '../compare/list-other-claims.ts';
import type { SettledTables } from '../compare/settle-repeats.ts';
import { addRows, countRows, inBatches, readClaims } from '../table/table-rows.ts';
import { makeEmpty, makeTables, type Tables } from '../table/tables.ts';

type SourceTables = SettledTables & Tables<'rejectedClaims'>;

/** Compares with a baseline that holds every contact of the dataset. */
export async function findVanishedRows(
  statements: Statements,
  tables: SourceTables & BaselineTables,
  mapping: RowMapping,
): Promise<Tables<'vanishedContacts'>> {
  const { baselineRows, knownBaselineRows, baselineMatches, baselineIdentities } = tables;
  const all = await countRows(statements, baselineRows);
  if (all === (await countRows(statements, knownBaselineRows))) {
    return makeEmpty(statements, ['vanishedContacts']);
  }
  const claims = mapping.identifiers.map(
    ({ identityType }, at) =>
      `'${identityType.id} ' || ${tables.unsealDigest}(identity_key${at}, sealed_digest${at})`,
  );
  const rejected = `SELECT ${tables.keyIdentity}(claim) FROM ${tables.rejectedClaims}`;
  return makeTables(statements, {
    vanishedContacts: `SELECT baseline_row, coalesce(${claims.join(', ')}) AS claim
      FROM ${baselineRows}
      WHERE baseline_row NOT IN (SELECT baseline_row FROM ${knownBaselineRows})
        AND baseline_row NOT IN (SELECT baseline_row FROM ${baselineMatches})
        AND baseline_row NOT IN (SELECT baseline_row FROM ${baselineIdentities}
          WHERE identity_key IN (${rejected}))`,
  });
}

/** Reads every identity in the store, which is slow but needs no baseline. */
export async function findVanishedContacts(
  workbench: Workbench,
  tables: SourceTables & UnkeyedTables,
  known: KnownContacts,
): Promise<Tables<'vanishedContacts'>> {
  const { mapping, reader, organizationId } = known;
  const empty = await makeEmpty(workbench, ['storedClaims', 'vanishedOtherClaims']);
  const { storedClaims, vanishedOtherClaims } = empty;
  for (const typeId of new Set(mapping.identifiers.map(({ identityType }) => identityType.id))) {
    if (typeId === 0) continue;
    for await (const batch of inBatches(reader.scanIdentities(organizationId, typeId))) {
      const claims = batch.map((identity) => [claimOf(identity)]);
      await addRows(workbench, storedClaims, claims);
    }
  }
  const { keyIdentity, rowClaims, rejectedClaims, baselineIdentities, knownBaselineRows } = tables;
  const { namedIdentities } = await makeTables(workbench, {
    namedIdentities: `SELECT ${keyIdentity}(claim) AS identity_key FROM ${rowClaims}
      UNION SELECT ${keyIdentity}(claim) FROM ${rejectedClaims}
      UNION SELECT identity_key FROM ${baselineIdentities}
        WHERE baseline_row IN (SELECT baseline_row FROM ${knownBaselineRows})`,
  });
  const named = `(SELECT identity_key FROM ${namedIdentities})`;
  const vanished = await makeTables(workbench, {
    vanishedContacts: `SELECT CAST(NULL AS BIGINT) AS baseline_row, claim FROM ${storedClaims}
      WHERE ${keyIdentity}(claim) NOT IN ${named}`,
  });
  // The source may have a row with another identity of a contact that looks vanished.
  for await (const batch of inBatches(readClaims(workbench, vanished.vanishedContacts))) {
    const found = await otherClaims(known, batch.map(ofClaim));
    const others = found.flatMap(({ claim, others }) => others.map((other) => [claim, other]));
    await addRows(workbench, vanishedOtherClaims, others);
  }
  const { vanishedContacts } = vanished;
  await workbench.run(`DELETE FROM ${vanishedContacts} WHERE claim IN (
    SELECT claim FROM ${vanishedOtherClaims} WHERE ${keyIdentity}(other_claim) IN ${named})`);
  return vanished;
}
