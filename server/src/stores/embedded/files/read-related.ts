/** Finds what belonged to a person earlier, as an erasure of the person would. */
import { setImmediate } from 'node:timers/promises';
import { scanEntriesPerTransaction } from '../../limits.ts';
import type { IdentityKey } from '../../store.ts';
import { isZero, nameOf } from '../contacts/component.ts';
import { hasLapsed, isAwaited } from '../contacts/identity-links.ts';
import { JoinLog } from '../contacts/join-log.ts';
import { loggedRelations } from '../contacts/logged-relations.ts';
import { SoughtIdentities } from '../contacts/sought-identities.ts';
import type { Environment } from '../environment.ts';
import { ContactKey, organizationPrefix } from '../keyed-database.ts';
import { mayNameAny, type NamedTogether, namedTogether } from '../rollback/named-together.ts';
import { readEntries } from './read-entries.ts';

/**
 * The identities that lead nowhere now, and that rollback data or the log of joins has as those of
 * the person.
 * @param identities of a contact, or one that leads to no contact
 */
export async function readRelated(
  environment: Environment,
  organizationId: number,
  identities: readonly IdentityKey[],
): Promise<readonly IdentityKey[]> {
  const related = new RelatedReading(environment, organizationId, identities);
  const found: IdentityKey[] = [];
  for (let sought = identities; sought.length > 0; ) {
    sought = await related.readPass(sought);
    found.push(...sought);
  }
  return found;
}

/** Whether the identity leads to no contact. */
export function leadsNowhere(
  { id }: Pick<Environment, 'id'>,
  organizationId: number,
  { typeId, digest }: IdentityKey,
): boolean {
  const key = new ContactKey();
  key.organizationId = organizationId;
  key.typeId = typeId;
  key.bytes = digest;
  const entry = id.getBinaryFast(key);
  return entry === undefined || isZero(entry);
}

class RelatedReading {
  readonly #environment: Environment;
  readonly #organizationId: number;
  /** What was named at first, and leads to no contact. */
  readonly #lost: SoughtIdentities;
  readonly #known: SoughtIdentities;

  constructor(
    environment: Environment,
    organizationId: number,
    identities: readonly IdentityKey[],
  ) {
    this.#environment = environment;
    this.#organizationId = organizationId;
    environment.root.resetReadTxn();
    this.#lost = new SoughtIdentities(
      identities.filter((it) => leadsNowhere(environment, organizationId, it)),
    );
    this.#known = new SoughtIdentities(identities);
  }

  /** What is related to these, and was not found before. */
  async readPass(identities: readonly IdentityKey[]): Promise<readonly IdentityKey[]> {
    const sought = new SoughtIdentities(identities);
    const related = new Map<string, IdentityKey>();
    const joined = new Map<string, IdentityKey>();
    await this.#readRollback(sought, related);
    await this.#readLog(sought, related, joined);
    const found = [...new Map([...related, ...joined]).values()].map(({ typeId, digest }) => {
      return { typeId, digest };
    });
    for (const it of found) this.#known.add(it);
    return found;
  }

  async #readRollback(sought: SoughtIdentities, related: Map<string, IdentityKey>): Promise<void> {
    const { root, rollback } = this.#environment;
    const prefix = Uint8Array.from(organizationPrefix(this.#organizationId));
    for await (const entries of readEntries(root, rollback, prefix)) {
      for (const { key, value } of entries) {
        const [at, bytes] = [Buffer.from(key), Buffer.from(value)];
        const row = mayNameAny(sought, at, bytes) ? namedTogether(at, bytes) : undefined;
        if (row === undefined || !this.#isOwn(row, sought)) continue;
        for (const it of [...row.keys, ...row.claims]) {
          if (this.#isFree(it)) related.set(nameOf(it), it);
        }
      }
    }
  }

  #isOwn({ keys, claims }: NamedTogether, sought: SoughtIdentities): boolean {
    if (keys.some(sought.has)) return true;
    const isNaming = claims.some((it) => sought.has(it) && this.#lost.has(it));
    // Of a row that is there, another person may have the identity by now.
    return isNaming && keys.every((it) => this.#leadsNowhere(it));
  }

  async #readLog(
    sought: SoughtIdentities,
    related: Map<string, IdentityKey>,
    joined: Map<string, IdentityKey>,
  ): Promise<void> {
    const { root, log: database } = this.#environment;
    const log = new JoinLog(database, this.#organizationId);
    const mayBeJoined = new SoughtIdentities([]);
    const mayName = (it: string) => sought.mayHaveHex(it) || mayBeJoined.mayHaveHex(it);
    const search = {
      isSought: sought.has,
      isJoined: (it: IdentityKey) => joined.has(nameOf(it)),
      isFree: (it: IdentityKey) => this.#isFree(it),
      hasLapsed: (keys: readonly [IdentityKey, IdentityKey]) =>
        hasLapsed(this.#environment.link, this.#organizationId, keys),
    };
    for (let after: string | null | undefined; after !== null; await setImmediate()) {
      root.resetReadTxn();
      const from = { since: '0'.repeat(16), after: after ?? null, mayName };
      const { entries, next } = log.searchFrom(from, scanEntriesPerTransaction);
      for (const { entry } of entries) {
        const found = loggedRelations(entry, search);
        for (const it of found.parted) related.delete(nameOf(it));
        for (const it of [...found.parted, ...found.joinedOthers]) joined.delete(nameOf(it));
        for (const it of found.joined) {
          joined.set(nameOf(it), it);
          mayBeJoined.add(it);
        }
      }
      after = next;
    }
  }

  /** Whether it is nobody's, and was not found before. */
  #isFree(identity: IdentityKey): boolean {
    const isNew = !this.#known.has(identity);
    const { link } = this.#environment;
    return (
      isNew && this.#leadsNowhere(identity) && !isAwaited(link, this.#organizationId, identity)
    );
  }

  #leadsNowhere(identity: IdentityKey): boolean {
    return leadsNowhere(this.#environment, this.#organizationId, identity);
  }
}
