/**
 * By which other identities the contacts are known that staged rows name: two rows without an
 * identity in common may yet mean one contact. Reads the store, and tells in tables of claims what
 * it found.
 */

import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { maxRowsPerBatch } from '../../domain/limits.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { recordLayout } from '../../stores/contact-codec.ts';
import type { ContactParts, ContactReader, IdentityKey, LentContact } from '../../stores/store.ts';

export interface KnownContacts {
  readonly reader: ContactReader;
  readonly organizationId: number;
  /** Identities of other types lead no row of the source to a contact. */
  readonly mapping: RowMapping;
}

/**
 * Fills the table `others` (`n`, `claim`) for the good rows, `conflicted` (`n`) with those of them
 * that mean several contacts, and adds to `kept` what these and the rejected rows name.
 *
 * A row that means several contacts is refused, and yet the rows before it that name one of them do
 * not count, as if it were a good one: whether it is one may depend on what an earlier attempt of
 * the same run has applied, and which rows count must not.
 * @param known `undefined`: there is no store yet
 */
export async function listOtherClaims(
  workbench: Workbench,
  known: KnownContacts | undefined,
): Promise<void> {
  await workbench.run('CREATE OR REPLACE TABLE others (n BIGINT, claim VARCHAR)');
  await workbench.run('CREATE OR REPLACE TABLE conflicted (n BIGINT)');
  if (known === undefined || (await haveNoOthers(known))) return;
  const claims = known.mapping.identifiers.map(
    ({ identityType }, place) => `CASE WHEN g${place} IS NOT NULL
      THEN concat(' ', '${identityType.id} ', g${place}) END`,
  );
  const table = new ClaimTable(workbench);
  const rows = `SELECT concat(n, ${claims.join(', ')}, chr(10)) FROM rows`;
  for await (const [n, ...named] of wordsOf(workbench, rows)) {
    const own = pairs(named);
    const { others, isConflict } = await otherClaims(known, own);
    for (const claim of others) await table.add('others', [Number(n), claim]);
    if (!isConflict) continue;
    await table.add('conflicted', [Number(n)]);
    for (const claim of [...own, ...others]) await table.add('kept', [claim]);
  }
  const rejected: string[][] = [];
  const kept = 'SELECT concat(claim, chr(10)) FROM kept';
  for await (const words of wordsOf(workbench, kept)) rejected.push(words);
  for (const words of rejected) {
    const { others } = await otherClaims(known, pairs(words));
    for (const claim of others) await table.add('kept', [claim]);
  }
  await table.flush();
}

/** Whether no row can reach a contact by anything but its own claims. */
async function haveNoOthers({ reader, organizationId, mapping }: KnownContacts): Promise<boolean> {
  const { contacts, identities } = await reader.counts(organizationId);
  return contacts === 0 || (mapping.identifiers.length === 1 && identities <= contacts);
}

export interface OtherClaims {
  /** Of all contacts that the claims lead to, without the claims themselves. */
  readonly others: readonly string[];
  /** They lead to more than one contact. */
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
  const at = recordLayout.contactId;
  return { own: `0 ${record.bytes.toString('hex', at, at + 16)}`, named: identities.map(claimOf) };
}

/** The identity that a claim is of. */
export function identityOf(claim: string): IdentityKey {
  const blank = claim.indexOf(' ');
  const digest = Buffer.from(claim.slice(blank + 1), 'hex');
  return { typeId: Number(claim.slice(0, blank)), digest };
}

export function claimOf({ typeId, digest }: IdentityKey): string {
  return `${typeId} ${hexOf(digest)}`;
}

type TableName = 'others' | 'conflicted' | 'kept';

class ClaimTable {
  readonly #workbench: Workbench;
  readonly #rows = new Map<TableName, (readonly (number | string)[])[]>();
  #count = 0;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  async add(name: TableName, row: readonly (number | string)[]): Promise<void> {
    const rows = this.#rows.get(name) ?? [];
    rows.push(row);
    this.#rows.set(name, rows);
    this.#count += 1;
    if (this.#count >= maxRowsPerBatch * 10) await this.flush();
  }

  async flush(): Promise<void> {
    for (const [name, rows] of this.#rows) await this.#workbench.append(name, rows);
    this.#rows.clear();
    this.#count = 0;
  }
}

/** Type ids and digests by turns, as claims. */
function pairs(words: readonly string[]): string[] {
  const claims: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) claims.push(`${words[at]} ${words[at + 1]}`);
  return claims;
}

async function* wordsOf(workbench: Workbench, sql: string): AsyncGenerator<string[]> {
  for await (const bytes of workbench.bytes(sql)) {
    for (const line of bytes.toString('latin1').split('\n')) if (line !== '') yield line.split(' ');
  }
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString('hex');
}
