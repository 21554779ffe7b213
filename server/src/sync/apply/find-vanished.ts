/** Finds a dataset's contacts that its newest source does not name, not even by a rejected row. */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { Statements, Workbench } from '../../sources/workbench.ts';
import type { BaselineTables, UnkeyedTables } from '../compare/baseline.ts';
import { claimOf, type KnownContacts, otherClaims } from '../compare/list-other-claims.ts';
import type { SettledTables } from '../compare/settle-repeats.ts';
import { countRows, readLines, TableAppender } from '../table/table-rows.ts';
import { makeEmpty, makeTable, type Table, type Tables } from '../table/tables.ts';

export interface Vanished {
  readonly tables: Tables<'vanishedContacts'>;
  /** How many identities there are to find the contacts by. */
  readonly count: number;
}

type SourceTables = SettledTables & Tables<'rejectedClaims'>;

export async function findNoneVanished(statements: Statements): Promise<Vanished> {
  return { tables: await makeEmpty(statements, ['vanishedContacts']), count: 0 };
}

/** Compares with a baseline that holds every contact of the dataset. */
export async function findVanishedRows(
  statements: Statements,
  tables: SourceTables & BaselineTables,
  mapping: RowMapping,
): Promise<Vanished> {
  const { baselineRows, knownBaselineRows, baselineMatches, baselineIdentities } = tables;
  const all = await countRows(statements, baselineRows);
  if (all === (await countRows(statements, knownBaselineRows))) return findNoneVanished(statements);
  const claims = mapping.identifiers.map(
    ({ identityType }, at) =>
      `'${identityType.id} ' || ${tables.unsealDigest}(identity_key${at}, sealed_digest${at})`,
  );
  const rejected = `SELECT ${tables.keyIdentity}(claim) FROM ${tables.rejectedClaims}`;
  const vanished = await makeTable(
    statements,
    'vanishedContacts',
    `SELECT baseline_row, coalesce(${claims.join(', ')}) AS claim FROM ${baselineRows}
      WHERE baseline_row NOT IN (SELECT baseline_row FROM ${knownBaselineRows})
        AND baseline_row NOT IN (SELECT baseline_row FROM ${baselineMatches})
        AND baseline_row NOT IN (SELECT baseline_row FROM ${baselineIdentities}
          WHERE identity_key IN (${rejected}))`,
  );
  return { tables: vanished, count: await countRows(statements, vanished.vanishedContacts) };
}

/** Looks at every identity in the store: slow, but right without a baseline. */
export async function findVanishedContacts(
  workbench: Workbench,
  tables: SourceTables & UnkeyedTables,
  known: KnownContacts,
): Promise<Vanished> {
  const { mapping, reader, organizationId } = known;
  const { storedClaims } = await makeEmpty(workbench, ['storedClaims']);
  const appender = new TableAppender(workbench);
  for (const typeId of new Set(mapping.identifiers.map(({ identityType }) => identityType.id))) {
    if (typeId === 0) continue;
    for await (const identity of reader.scanIdentities(organizationId, typeId)) {
      appender.add(storedClaims, [claimOf(identity)]);
      if (appender.isFull) await appender.flush();
    }
  }
  await appender.flush();
  const { keyIdentity, rowClaims, rejectedClaims, baselineIdentities, knownBaselineRows } = tables;
  const { namedIdentities } = await makeTable(
    workbench,
    'namedIdentities',
    `SELECT ${keyIdentity}(claim) AS identity_key FROM ${rowClaims}
      UNION SELECT ${keyIdentity}(claim) FROM ${rejectedClaims}
      UNION SELECT identity_key FROM ${baselineIdentities}
        WHERE baseline_row IN (SELECT baseline_row FROM ${knownBaselineRows})`,
  );
  const named = `(SELECT identity_key FROM ${namedIdentities})`;
  const vanished = await makeTable(
    workbench,
    'vanishedContacts',
    `SELECT CAST(NULL AS BIGINT) AS baseline_row, claim FROM ${storedClaims}
      WHERE ${keyIdentity}(claim) NOT IN ${named}`,
  );
  const { vanishedContacts } = vanished;
  const vanishedOtherClaims = await listVanishedOthers(workbench, vanishedContacts, known);
  await workbench.run(`DELETE FROM ${vanishedContacts} WHERE claim IN (
    SELECT claim FROM ${vanishedOtherClaims} WHERE ${keyIdentity}(other_claim) IN ${named})`);
  return { tables: vanished, count: await countRows(workbench, vanishedContacts) };
}

/** The source may name a contact that looks vanished by another identity. */
async function listVanishedOthers(
  workbench: Workbench,
  vanishedContacts: Table<'vanishedContacts'>,
  known: KnownContacts,
): Promise<Table<'vanishedOtherClaims'>> {
  const { vanishedOtherClaims } = await makeEmpty(workbench, ['vanishedOtherClaims']);
  const appender = new TableAppender(workbench);
  for await (const claim of vanishedClaims(workbench, { vanishedContacts })) {
    const { others } = await otherClaims(known, [claim]);
    for (const other of others) appender.add(vanishedOtherClaims, [claim, other]);
    if (appender.isFull) await appender.flush();
  }
  await appender.flush();
  return vanishedOtherClaims;
}

export function vanishedClaims(
  workbench: Workbench,
  { vanishedContacts }: Tables<'vanishedContacts'>,
): AsyncGenerator<string> {
  return readLines(workbench, 'claim', `${vanishedContacts} ORDER BY claim`);
}
