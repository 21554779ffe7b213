/**
 * Takes suppressed identities out of a store that was restored: its backup may be older than an
 * erasure. A row that names one goes; a kept row stays, without that identity. It may be called
 * again after a kill.
 */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { scanEntriesPerTransaction } from '../../limits.ts';
import type { IdentityKey } from '../../store.ts';
import type { AppliedSuppression, ApplySuppressionOptions } from '../../suppression-files.ts';
import { isZero, nameOf, unpackIndexEntry } from '../contacts/component.ts';
import { unpackList } from '../contacts/contact-list.ts';
import { identityOf, linkedIdentities } from '../contacts/identity-links.ts';
import { openForWriting, type WritableEnvironment } from '../environment.ts';
import { type KeyedDatabase, organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { eraseAmendmentsNaming } from '../writer/amend-contact.ts';
import { forgetBaselines } from '../writer/forget-baselines.ts';
import { GuardedLists } from '../writer/guarded-lists.ts';
import { isKept, suppressedAmong } from '../writer/suppressed-claims.ts';
import { WriteSession } from '../writer/write-session.ts';
import { requireWriterLock } from './change-note.ts';
import { hasLinks, takeOut } from './erase-contact.ts';
import { ErasureLog } from './erasure-log.ts';
import { purgeEffects } from './purge-effects.ts';
import { purgeLog } from './purge-log.ts';
import { purgeRollback } from './purge-rollback.ts';
import type { Purged } from './purged.ts';

/** @throws UsherError `store_unavailable` while another process writes the store */
export async function applySuppression(
  dataFolder: string,
  options: ApplySuppressionOptions,
): Promise<AppliedSuppression> {
  const lock = requireWriterLock(dataFolder);
  try {
    return await applyAlone(dataFolder, options);
  } finally {
    lock.release();
  }
}

async function applyAlone(
  dataFolder: string,
  options: ApplySuppressionOptions,
): Promise<AppliedSuppression> {
  const environment = openForWriting(dataFolder);
  const lists = new GuardedLists(dataFolder, environment.meta);
  try {
    return await new SuppressionPass(environment, lists, options).run();
  } finally {
    lists.close();
    await environment.close();
  }
}

interface PurgePlace {
  readonly after: string | null;
  readonly limit: number;
}

interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

class SuppressionPass {
  readonly #environment: WritableEnvironment;
  readonly #lists: GuardedLists;
  readonly #options: ApplySuppressionOptions;
  readonly #session: WriteSession;
  #rows = 0;
  #keptRows = 0;

  constructor(
    environment: WritableEnvironment,
    lists: GuardedLists,
    options: ApplySuppressionOptions,
  ) {
    this.#lists = lists;
    this.#options = options;
    this.#session = new WriteSession(environment, { nowMs: Date.now, randomBytes }, lists);
    // What is written through it, the session knows.
    this.#environment = this.#session.environment;
  }

  async run(): Promise<AppliedSuppression> {
    const { ids, link, gone, rollback, log, effects, erase, amend } = this.#environment;
    this.#transact(() => {
      for (const [id, rules] of this.#options.rules) this.#session.giveRules(id, rules);
      if (this.#options.isRestored) this.#lists.require().giveUpOwn();
      this.#lists.note();
      // What a baseline has may be kept out now, and what it lacks may be lifted.
      if (!this.#lists.require().isEmpty) forgetBaselines(this.#environment.meta);
    });
    if (!this.#lists.require().isEmpty) {
      await this.#walk(ids, (organizationId, entries) =>
        this.#passContacts(organizationId, entries),
      );
      await this.#walk(link, (organizationId, entries) => this.#passLinks(organizationId, entries));
      await this.#walk(gone, (organizationId, entries) => this.#passGone(organizationId, entries));
      for (const [database, purge] of [
        [rollback, purgeRollback],
        [log, purgeLog],
      ] as const) {
        await this.#eachOrganization(database, (organizationId) =>
          this.#purge((place) => purge(this.#session, organizationId, place)),
        );
      }
      await this.#eachOrganization(effects, (organizationId) => this.#purgeEffects(organizationId));
      await this.#eachOrganization(erase, (organizationId) =>
        this.#step(() => this.#erasedIn(organizationId).forgetContacts()),
      );
      await this.#eachOrganization(amend, (organizationId) => this.#passAmendments(organizationId));
    }
    return { rows: this.#rows, keptRows: this.#keptRows };
  }

  async #purge(purge: (place: PurgePlace) => Purged): Promise<void> {
    const limit = scanEntriesPerTransaction;
    for (let after: string | null | undefined; after !== null; ) {
      const from = after ?? null;
      after = await this.#step(() => purge({ after: from, limit }).next);
    }
  }

  async #purgeEffects(organizationId: number): Promise<void> {
    const keyId = this.#lists.require().keyIds[0] ?? '';
    const contacts = this.#transact(() => this.#erasedIn(organizationId).contacts());
    await this.#purge((place) =>
      purgeEffects(this.#session, organizationId, { ...place, contacts, keyId }),
    );
  }

  /** Keeps the ids of erased contacts. */
  #erasedIn(organizationId: number): ErasureLog {
    return new ErasureLog(this.#environment.erase, organizationId, 'restore');
  }

  #names(organizationId: number, identities: readonly IdentityKey[]): ReadonlySet<string> {
    return suppressedAmong(this.#session, organizationId, identities) ?? noNames;
  }

  #passContacts(organizationId: number, entries: readonly Entry[]): void {
    const lists = entries.map(({ value }) => unpackList(value, value.length).identities);
    const names = this.#names(organizationId, lists.flat());
    for (const identities of lists) {
      if (!identities.some((it) => names.has(nameOf(it)))) continue;
      const taken = takeOut(this.#session, organizationId, {
        identities,
        isSuppressed: (nodes) => this.#names(organizationId, nodes),
        isKept: ({ datasetId, key }) => isKept(this.#session, { organizationId, datasetId }, key),
      });
      this.#rows += taken.rows;
      this.#keptRows += taken.keptRows;
      this.#erasedIn(organizationId).addContacts(taken.contactIds);
      this.#options.onErased?.(organizationId, [
        ...taken.identities,
        ...taken.contactIds.map((digest) => ({ typeId: 0, digest })),
      ]);
    }
  }

  /** What people joined and parted, and ids that wait for the return of a row. */
  #passLinks(organizationId: number, entries: readonly Entry[]): void {
    const { link } = this.#environment;
    const linked = entries.map(({ key }) => linkedIdentities(key));
    const names = this.#names(organizationId, linked.flat());
    for (const [place, { key }] of entries.entries()) {
      const identities = linked[place] ?? [];
      if (!identities.some((it) => names.has(nameOf(it)))) continue;
      link.remove(key);
      for (const it of identities) this.#dropIndexEntry(organizationId, it);
    }
  }

  /** An identity that leads nowhere is in the index only for its links. */
  #dropIndexEntry(organizationId: number, identity: IdentityKey): void {
    const { id } = this.#environment;
    const key = () => this.#session.identityKey(organizationId, identity.typeId, identity.digest);
    const bytes = id.getBinaryFast(key());
    if (bytes === undefined || !isZero(unpackIndexEntry(bytes).contactId)) return;
    if (!hasLinks(this.#session, organizationId, identity)) id.remove(key());
  }

  #passGone(organizationId: number, entries: readonly Entry[]): void {
    const founders = entries.map(({ value }) => identityOf(value));
    const names = this.#names(organizationId, founders);
    for (const [place, founder] of founders.entries()) {
      if (!names.has(nameOf(founder))) continue;
      const { key } = entries[place] as Entry;
      this.#environment.gone.remove(key);
      const contactId = key.subarray(10);
      this.#erasedIn(organizationId).addContacts([contactId]);
      this.#options.onErased?.(organizationId, [{ typeId: 0, digest: contactId }]);
    }
  }

  async #passAmendments(organizationId: number): Promise<void> {
    const isErased = (it: IdentityKey) => this.#names(organizationId, [it]).size > 0;
    const limit = scanEntriesPerTransaction;
    for (let after: IdentityKey | null | undefined; after !== null; ) {
      const from = after ?? null;
      after = await this.#step(
        () =>
          eraseAmendmentsNaming(this.#session, organizationId, isErased, { after: from, limit })
            .after,
      );
    }
  }

  async #walk(
    database: KeyedDatabase,
    pass: (organizationId: number, entries: readonly Entry[]) => void,
  ): Promise<void> {
    await this.#eachOrganization(database, async (organizationId) => {
      const prefix = organizationPrefix(organizationId);
      for (let after: Buffer | null | undefined; after !== null; ) {
        const start = after ?? prefix;
        const isLater = after !== undefined;
        after = await this.#step(() => {
          const limit = scanEntriesPerTransaction;
          const range = { ...rangeUnder(prefix), start, exclusiveStart: isLater, limit };
          const entries = [...database.getRange(range)].map(({ key, value }) => ({
            key: Buffer.from(key),
            value: Buffer.from(value),
          }));
          pass(organizationId, entries);
          return entries.length < limit ? null : (entries.at(-1)?.key ?? null);
        });
      }
    });
  }

  async #eachOrganization(
    database: KeyedDatabase,
    pass: (organizationId: number) => Promise<void>,
  ): Promise<void> {
    for (let next = 0; next <= 65_535; ) {
      const [first] = this.#transact(() => [
        ...database.getRange({ start: organizationPrefix(next), limit: 1 }),
      ]);
      if (first === undefined) return;
      const organizationId = Buffer.from(first.key).readUInt16BE(0);
      await pass(organizationId);
      next = organizationId + 1;
    }
  }

  async #step<T>(work: () => T): Promise<T> {
    this.#options.interrupted?.throwIfAborted();
    await setImmediate();
    return this.#transact(work);
  }

  #transact<T>(work: () => T): T {
    return this.#environment.transact(() => {
      this.#session.begin();
      const result = work();
      this.#session.end();
      return result;
    });
  }
}

const noNames: ReadonlySet<string> = new Set();
