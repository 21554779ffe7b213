/**
 * By which other identities the contacts are known that staged rows name: two rows without an identity in common may yet mean one
 * contact. Reads the store, and tells in tables of claims what it found.
 */
import { maxRowsPerBatch } from '../domain/limits.ts';
import type { RowMapping } from '../domain/source-row.ts';
import type { Workbench } from '../sources/workbench.ts';
import { recordLayout } from '../stores/contact-codec.ts';
import type { ContactReader, IdentityKey } from '../stores/store.ts';

export interface KnownContacts {
  readonly reader: ContactReader;
  readonly organizationId: number;
  /** Identities of other types lead no row of the source to a contact. */
  readonly mapping: RowMapping;
}

/**
 * Fills the table `others` (`n`, `claim`) for the good rows, and adds to `kept` for the rejected ones.
 * @param known `undefined`: there is no store yet
 */
export async function listOtherClaims(
  workbench: Workbench,
  known: KnownContacts | undefined,
): Promise<void> {
  await workbench.run('CREATE OR REPLACE TABLE others (n BIGINT, claim VARCHAR)');
  if (known === undefined) return;
  const { reader, organizationId, mapping } = known;
  const { contacts, identities } = await reader.counts(organizationId);
  const hasIds = mapping.identifiers.some(({ identityType }) => identityType.id === 0);
  // Where each contact has one identity, none has another.
  if (identities <= contacts && (!hasIds || mapping.identifiers.length === 1)) return;
  const claims = mapping.identifiers.map(
    ({ identityType }, place) => `CASE WHEN g${place} IS NOT NULL
      THEN concat(' ', '${identityType.id} ', g${place}) END`,
  );
  const table = new ClaimTable(workbench);
  const rows = `SELECT concat(n, ${claims.join(', ')}, chr(10)) FROM rows`;
  for await (const [n, ...named] of wordsOf(workbench, rows)) {
    const own = pairs(named);
    for (const claim of await otherClaims(known, own)) await table.add('others', Number(n), claim);
  }
  const kept: string[][] = [];
  const rejected = 'SELECT concat(claim, chr(10)) FROM kept';
  for await (const words of wordsOf(workbench, rejected)) kept.push(words);
  for (const words of kept) {
    for (const claim of await otherClaims(known, pairs(words))) await table.add('kept', 0, claim);
  }
  await table.flush();
}

/** The claims of all contacts that these lead to, without these. */
export async function otherClaims(
  { reader, organizationId, mapping }: KnownContacts,
  own: readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const claim of own) {
    const record = reader.readRecord(organizationId, identityOf(claim));
    // Embedded stores answer at once, and a promise for each row would cost as much as the row.
    const known = record instanceof Promise ? await record : record;
    if (known === undefined) continue;
    const at = recordLayout.contactId;
    const contactId = Uint8Array.prototype.slice.call(known.bytes, at, at + 16);
    found.add(`0 ${hexOf(contactId)}`);
    const listed = reader.listIdentities(organizationId, contactId);
    const identities = listed instanceof Promise ? await listed : listed;
    for (const { typeId, digest } of identities) found.add(`${typeId} ${hexOf(digest)}`);
  }
  for (const claim of own) found.delete(claim);
  const typeIds = new Set(mapping.identifiers.map(({ identityType }) => identityType.id));
  return [...found].filter((claim) => typeIds.has(Number(claim.slice(0, claim.indexOf(' ')))));
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

class ClaimTable {
  readonly #workbench: Workbench;
  readonly #others: [number, string][] = [];
  readonly #kept: [string][] = [];

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  async add(table: 'others' | 'kept', n: number, claim: string): Promise<void> {
    if (table === 'others') this.#others.push([n, claim]);
    else this.#kept.push([claim]);
    if (this.#others.length + this.#kept.length >= maxRowsPerBatch * 10) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#others.length > 0) await this.#workbench.append('others', this.#others.splice(0));
    if (this.#kept.length > 0) await this.#workbench.append('kept', this.#kept.splice(0));
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
