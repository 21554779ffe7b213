/** The state of one write transaction: clock, new contact ids, scratch buffers, changed counts. */
import { writeContactId } from '../../../domain/contact/contact-id.ts';
import { type IdentityRules, usualRules } from '../../../domain/contact/identity-rules.ts';
import { nextRevision } from '../../../domain/revision.ts';
import { ByteScratch } from '../../byte-scratch.ts';
import { maxAloneMs, maxDecidedRows, maxGroupMs, maxJoinsPerTransaction } from '../../limits.ts';
import type { DatasetPlace } from '../../run-lease.ts';
import type { StoreCounts } from '../../store.ts';
import { AmendmentBook } from '../contacts/amendment-book.ts';
import { ReadCache } from '../contacts/read-cache.ts';
import type { WritableEnvironment } from '../environment.ts';
import { ContactKey } from '../keyed-database.ts';
import { metaKeys, readMeta, writeMeta } from '../meta.ts';
import { DatasetTallies, type DatasetTally } from './dataset-tally.ts';
import type { GuardedLists } from './guarded-lists.ts';
import { OpenRuns } from './open-runs.ts';

export interface WriteSources {
  /** From how many rows on what was read of a component is kept; tests of the cache lower it. */
  readonly leastCachedRows?: number | undefined;
  readonly nowMs: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
}

export interface ContactPlace {
  readonly organizationId: number;
  readonly contactId: Uint8Array;
}

const randomPoolBytes = 8_192;

export class WriteSession {
  readonly environment: WritableEnvironment;
  readonly lists: GuardedLists;
  readonly key = new ContactKey();
  /** For the record about to be written. */
  readonly recordScratch = new ByteScratch();
  /** For a merged section. */
  readonly sectionScratch = new ByteScratch();
  /** For a list of identities. */
  readonly listScratch = new ByteScratch();
  /** For a rollback entry. */
  readonly rollbackScratch = new ByteScratch();
  readonly #sources: WriteSources;
  readonly #counts = new Map<number, { contacts: number; identities: number }>();
  readonly #tallies = new DatasetTallies();
  readonly #rules = new Map<number, IdentityRules>();
  readonly openRuns: OpenRuns;
  readonly amendments: AmendmentBook;
  /** What is stored of large components. */
  readonly cache: ReadCache;
  /** Contacts that became part of another one in this transaction. */
  joinedContacts = 0;
  /** Rows about which this transaction decided, each as often as it did. */
  decidedRows = 0;
  /** Grows with each erasure: what is kept from one transaction to the next may name the person. */
  erasures = 0;
  /** Whether each new identity of the transaction had the highest key so far. */
  areKeysAscending = true;
  /** Whether the one write of the transaction keeps no other one waiting. */
  isAlone = false;
  #beganAtMs = 0;
  #random: Uint8Array = new Uint8Array(0);
  #randomUsed = 0;
  #lastRevision = 0n;
  #revisionBefore = 0n;
  /** When the last revision was made. */
  #revisedMs = 0;
  #firstRevision = 0n;
  #lastVersion = 0n;
  #firstVersion = 0n;

  constructor(environment: WritableEnvironment, sources: WriteSources, lists: GuardedLists) {
    this.lists = lists;
    this.cache = new ReadCache(sources.leastCachedRows);
    this.environment = this.cache.watch(environment);
    this.openRuns = new OpenRuns(environment.meta);
    this.amendments = new AmendmentBook(environment.amend);
    this.#sources = sources;
  }

  nowMs(): number {
    return this.#sources.nowMs();
  }

  /**
   * Call it first in each transaction: another process may have written since the last one.
   * @throws UsherError `store_unavailable` if a suppression list cannot be used
   */
  begin(): void {
    this.lists.require();
    this.cache.begin(this.environment.root.getWriteTxnId());
    const clock = readMeta<{ revision: string }>(this.environment.meta, metaKeys.clock);
    this.#lastRevision = BigInt(clock?.revision ?? 0);
    this.#firstRevision = this.#lastRevision;
    this.#revisedMs = 0;
    this.areKeysAscending = true;
    const versions = readMeta<{ version: string }>(this.environment.meta, metaKeys.versionClock);
    this.#lastVersion = BigInt(versions?.version ?? this.#lastRevision);
    this.#firstVersion = this.#lastVersion;
    this.#counts.clear();
    this.#tallies.clear();
    this.joinedContacts = 0;
    this.decidedRows = 0;
    this.isAlone = false;
    this.#beganAtMs = performance.now();
    this.#rules.clear();
    this.openRuns.begin();
    this.amendments.begin();
  }

  /** Whether the transaction has done much and taken long: others wait for it. */
  get isLong(): boolean {
    const isMuch =
      this.joinedContacts >= maxJoinsPerTransaction || this.decidedRows >= maxDecidedRows;
    return isMuch && this.#hasTaken(this.isAlone ? maxAloneMs : maxGroupMs);
  }

  get hasTakenLong(): boolean {
    return this.#hasTaken(maxGroupMs);
  }

  #hasTaken(ms: number): boolean {
    return performance.now() - this.#beganAtMs > ms;
  }

  /** Call it last in each transaction. */
  end(): void {
    const { meta } = this.environment;
    if (this.#lastRevision !== this.#firstRevision) {
      writeMeta(meta, metaKeys.clock, { revision: `${this.#lastRevision}` });
    }
    if (this.#lastVersion !== this.#firstVersion) {
      writeMeta(meta, metaKeys.versionClock, { version: `${this.#lastVersion}` });
    }
    this.#tallies.write(meta);
    for (const [organizationId, added] of this.#counts) {
      const at = metaKeys.counts(organizationId);
      const counts = readMeta<StoreCounts>(meta, at) ?? { contacts: 0, identities: 0 };
      writeMeta(meta, at, {
        contacts: counts.contacts + added.contacts,
        identities: counts.identities + added.identities,
      });
    }
  }

  /** How the organization's identities join, as last given. */
  rules(organizationId: number): IdentityRules {
    const known = this.#rules.get(organizationId);
    if (known !== undefined) return known;
    const at = metaKeys.identityRules(organizationId);
    const rules = readMeta<IdentityRules>(this.environment.meta, at) ?? usualRules;
    this.#rules.set(organizationId, rules);
    return rules;
  }

  giveRules(organizationId: number, rules: IdentityRules | undefined): void {
    if (rules === undefined) return;
    if (JSON.stringify(rules) === JSON.stringify(this.rules(organizationId))) return;
    writeMeta(this.environment.meta, metaKeys.identityRules(organizationId), rules);
    this.#rules.set(organizationId, rules);
  }

  get lastRevision(): bigint {
    return this.#lastRevision;
  }

  nextRevision(): bigint {
    const nowMs = this.#sources.nowMs();
    this.#revisionBefore = this.#lastRevision;
    // Within a millisecond the clock has not moved on.
    this.#lastRevision =
      nowMs === this.#revisedMs ? this.#lastRevision + 1n : nextRevision(this.#lastRevision, nowMs);
    this.#revisedMs = nowMs;
    return this.#lastRevision;
  }

  /** Call it if nothing was written with the last revision. */
  returnRevision(): void {
    this.#lastRevision = this.#revisionBefore;
    this.#revisedMs = 0;
  }

  get lastVersion(): bigint {
    return this.#lastVersion;
  }

  /**
   * The version of a run, a push or a join by a person: higher than all before, in every dataset.
   * Unlike a revision it tells nobody that something changed.
   */
  nextVersion(): bigint {
    this.#lastVersion = nextRevision(this.#lastVersion, this.#sources.nowMs());
    return this.#lastVersion;
  }

  /** What later writes part has a later version, also if their run has begun already. */
  endRun(place: DatasetPlace): void {
    if (this.openRuns.end(place, this.#lastVersion)) this.nextVersion();
  }

  writeContactId(into: Uint8Array, revision: bigint): void {
    if (this.#randomUsed + 8 > this.#random.length) {
      this.#random = this.#sources.randomBytes(randomPoolBytes);
      this.#randomUsed = 0;
    }
    writeContactId(into, revision, this.#random, this.#randomUsed);
    this.#randomUsed += 8;
  }

  count(organizationId: number, contacts: number, identities: number): void {
    const counts = this.#counts.get(organizationId) ?? { contacts: 0, identities: 0 };
    counts.contacts += contacts;
    counts.identities += identities;
    this.#counts.set(organizationId, counts);
  }

  tally(place: DatasetPlace): DatasetTally {
    return this.#tallies.of(place);
  }

  /** The key of a contact. Its bytes are read when the key is used. */
  contactKey({ organizationId, contactId }: ContactPlace): ContactKey {
    const { key } = this;
    key.organizationId = organizationId;
    key.typeId = -1;
    key.bytes = contactId;
    key.start = 0;
    return key;
  }

  identityKey(organizationId: number, typeId: number, digest: Uint8Array): ContactKey {
    const key = this.contactKey({ organizationId, contactId: digest });
    key.typeId = typeId;
    return key;
  }
}
