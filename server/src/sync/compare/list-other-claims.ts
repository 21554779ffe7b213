/**
 * Finds further identities of the rows' contacts in the store: two rows of one contact may share no
 * identity.
 */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { contactIdText } from '../../stores/read-record.ts';
import type { ContactReader, IdentityKey } from '../../stores/store.ts';
import { addRows, inBatches, readLines } from '../table/table-rows.ts';
import { makeEmpty, type Tables } from '../table/tables.ts';

export interface KnownContacts {
  readonly reader: ContactReader;
  readonly organizationId: number;
  /** Only identities of its types can lead a row of the source to a contact. */
  readonly mapping: RowMapping;
}

/**
 * Fills its tables for usable rows. Adds to `rejectedClaims` the identities of the contacts that
 * conflicting and rejected rows name.
 *
 * A conflicting row has identities of several contacts. It is refused, but still replaces their
 * earlier rows: whether it conflicts may depend on what an earlier attempt of the run applied, and
 * which rows count must not depend on that.
 * @param known `undefined`: there is no store yet
 */
export async function listOtherClaims(
  workbench: Workbench,
  { stagedRows, rejectedClaims }: Tables<'stagedRows' | 'rejectedClaims'>,
  known: KnownContacts | undefined,
): Promise<Tables<'claimsFromStore' | 'conflictingRows'>> {
  const tables = await makeEmpty(workbench, ['claimsFromStore', 'conflictingRows']);
  if (known === undefined || (await haveNoOthers(known))) return tables;
  const rejected: string[] = [];
  for await (const claim of readLines(workbench, 'claim', rejectedClaims)) rejected.push(claim);
  for await (const batch of inBatches(rejected)) {
    const found = await otherClaims(known, batch.map(ofClaim));
    await addRows(
      workbench,
      rejectedClaims,
      found.flatMap(({ others }) => others.map((claim) => [claim])),
    );
  }
  const claims = known.mapping.identifiers.map(
    ({ identityType }, at) => `CASE WHEN digest${at} IS NOT NULL
      THEN concat(';${identityType.id} ', digest${at}) END`,
  );
  const lines = readLines(workbench, `row_id, ${claims.join(', ')}`, stagedRows);
  for await (const batch of inBatches(lines)) {
    const found = await otherClaims(known, batch.map(ofLine));
    const conflicts = found.filter(({ isConflict }) => isConflict);
    const named = conflicts.flatMap(({ own, others }) => [...own, ...others]);
    const { claimsFromStore, conflictingRows } = tables;
    const fromStore = found.flatMap(({ rowId, others }) => others.map((claim) => [rowId, claim]));
    await addRows(workbench, claimsFromStore, fromStore);
    await addRows(
      workbench,
      conflictingRows,
      conflicts.map(({ rowId }) => [rowId]),
    );
    await addRows(
      workbench,
      rejectedClaims,
      named.map((claim) => [claim]),
    );
  }
  return tables;
}

function ofLine(line: string): NamedContact & { readonly rowId: number } {
  const [rowId, ...own] = line.split(';');
  return { rowId: Number(rowId), own };
}

/** Whether no contact can have identities besides the one in its row. */
async function haveNoOthers({ reader, organizationId, mapping }: KnownContacts): Promise<boolean> {
  const { contacts, identities } = await reader.counts(organizationId);
  return contacts === 0 || (mapping.identifiers.length === 1 && identities <= contacts);
}

/** The claims that identify a contact. */
export interface NamedContact {
  readonly own: readonly string[];
}

/** The contact that one claim identifies. */
export function ofClaim(claim: string): NamedContact & { readonly claim: string } {
  return { claim, own: [claim] };
}

export interface OtherClaims {
  /** The other claims of all contacts that were found. */
  readonly others: readonly string[];
  /** Whether the claims lead to more than one contact. */
  readonly isConflict: boolean;
}

/** @param rows one batch */
export async function otherClaims<Row extends NamedContact>(
  { reader, organizationId, mapping }: KnownContacts,
  rows: readonly Row[],
): Promise<readonly (Row & OtherClaims)[]> {
  const parts = { memberships: false, identities: true };
  const queries = rows.flatMap((row) =>
    row.own.map((claim) => ({ organizationId, identity: identityOf(claim), parts, row })),
  );
  const found = await reader.readContacts(queries, ({ record, identities }, { row }) => ({
    row,
    contactId: `0 ${contactIdText(record.bytes)}`,
    claims: identities.map(claimOf),
  }));
  const contacts = Map.groupBy(
    found.filter((one) => one !== undefined),
    ({ row }) => row,
  );
  const typeIds = new Set(mapping.identifiers.map(({ identityType }) => `${identityType.id}`));
  return rows.map((row) => {
    const own = contacts.get(row) ?? [];
    const contactIds = new Set(own.map(({ contactId }) => contactId));
    const claims = new Set([...own.flatMap(({ claims }) => claims), ...contactIds]);
    const others = [...claims.difference(new Set(row.own))].filter((claim) =>
      typeIds.has(claim.slice(0, claim.indexOf(' '))),
    );
    return { ...row, others, isConflict: contactIds.size > 1 };
  });
}

export function identityOf(claim: string): IdentityKey {
  const blank = claim.indexOf(' ');
  const digest = Buffer.from(claim.slice(blank + 1), 'hex');
  return { typeId: Number(claim.slice(0, blank)), digest };
}

export function claimOf({ typeId, digest }: IdentityKey): string {
  return `${typeId} ${Buffer.from(digest).toString('hex')}`;
}
