/** Finds the rows' other identities in the store: rows of one contact may share no identity. */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { contactIdText } from '../../stores/read-record.ts';
import type { ContactParts, ContactReader, IdentityKey, LentContact } from '../../stores/store.ts';
import { readLines, TableAppender } from '../table/table-rows.ts';
import { makeEmpty, type Tables } from '../table/tables.ts';

export interface KnownContacts {
  readonly reader: ContactReader;
  readonly organizationId: number;
  /** Only identities of its types can lead a row of the source to a contact. */
  readonly mapping: RowMapping;
}

/**
 * Fills its tables for usable rows, and adds what conflicting and rejected rows name to
 * `rejectedClaims`.
 *
 * A conflicting row, which names several contacts, is refused but still replaces their earlier
 * rows: what an earlier attempt of the run applied may decide whether a row conflicts, and must not
 * decide which rows count.
 * @param known `undefined`: there is no store yet
 */
export async function listOtherClaims(
  workbench: Workbench,
  { stagedRows, rejectedClaims }: Tables<'stagedRows' | 'rejectedClaims'>,
  known: KnownContacts | undefined,
): Promise<Tables<'claimsFromStore' | 'conflictingRows'>> {
  const tables = await makeEmpty(workbench, ['claimsFromStore', 'conflictingRows']);
  if (known === undefined || (await haveNoOthers(known))) return tables;
  const claims = known.mapping.identifiers.map(
    ({ identityType }, at) => `CASE WHEN digest${at} IS NOT NULL
      THEN concat(' ', '${identityType.id} ', digest${at}) END`,
  );
  const appender = new TableAppender(workbench);
  for await (const row of readLines(workbench, `row_id, ${claims.join(', ')}`, stagedRows)) {
    const [rowId, ...named] = row.split(' ');
    const own = claimsOfWords(named);
    const { others, isConflict } = await otherClaims(known, own);
    for (const claim of others) appender.add(tables.claimsFromStore, [Number(rowId), claim]);
    if (isConflict) {
      appender.add(tables.conflictingRows, [Number(rowId)]);
      for (const claim of [...own, ...others]) appender.add(rejectedClaims, [claim]);
    }
    if (appender.isFull) await appender.flush();
  }
  const rejected: string[] = [];
  for await (const claim of readLines(workbench, 'claim', rejectedClaims)) rejected.push(claim);
  for (const claim of rejected) {
    const { others } = await otherClaims(known, [claim]);
    for (const other of others) appender.add(rejectedClaims, [other]);
  }
  await appender.flush();
  return tables;
}

/** Whether no contact can have identities besides the one that its row names. */
async function haveNoOthers({ reader, organizationId, mapping }: KnownContacts): Promise<boolean> {
  const { contacts, identities } = await reader.counts(organizationId);
  return contacts === 0 || (mapping.identifiers.length === 1 && identities <= contacts);
}

export interface OtherClaims {
  /** The other claims of all contacts that were found. */
  readonly others: readonly string[];
  /** Whether the claims lead to more than one contact. */
  readonly isConflict: boolean;
}

export async function otherClaims(
  { reader, organizationId, mapping }: KnownContacts,
  own: readonly string[],
): Promise<OtherClaims> {
  const found = new Set<string>();
  const contactIds = new Set<string>();
  for (const claim of own) {
    const query = { organizationId, identity: identityOf(claim), parts: withIdentities };
    const lent = reader.lendContact(query, claimsOf);
    // Embedded stores answer at once, and a promise for each row would cost as much as the row.
    const claims = lent instanceof Promise ? await lent : lent;
    if (claims === undefined) continue;
    contactIds.add(claims.own);
    for (const other of claims.named) found.add(other);
  }
  for (const contactId of contactIds) found.add(contactId);
  for (const claim of own) found.delete(claim);
  const typeIds = new Set(mapping.identifiers.map(({ identityType }) => identityType.id));
  const others = [...found].filter((claim) =>
    typeIds.has(Number(claim.slice(0, claim.indexOf(' ')))),
  );
  return { others, isConflict: contactIds.size > 1 };
}

const withIdentities: ContactParts = { memberships: false, identities: true };

function claimsOf({ record, identities }: LentContact) {
  return { own: `0 ${contactIdText(record.bytes)}`, named: identities.map(claimOf) };
}

export function identityOf(claim: string): IdentityKey {
  const blank = claim.indexOf(' ');
  const digest = Buffer.from(claim.slice(blank + 1), 'hex');
  return { typeId: Number(claim.slice(0, blank)), digest };
}

export function claimOf({ typeId, digest }: IdentityKey): string {
  return `${typeId} ${hexOf(digest)}`;
}

function claimsOfWords(words: readonly string[]): string[] {
  const claims: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) claims.push(`${words[at]} ${words[at + 1]}`);
  return claims;
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString('hex');
}
