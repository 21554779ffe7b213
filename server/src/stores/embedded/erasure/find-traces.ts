/**
 * Finds what else an erasure has to erase. In rollback data and the log of joins: identities that
 * lead nowhere now, and belonged to the person. For identities that led to no contact, also whether
 * anything names them: the effects of unfinished runs, amendments, contact ids without a founder.
 */
import type { IdentityKey } from '../../store.ts';
import { hasLapsed, identityBytes, identityOf, isAwaited } from '../contacts/identity-links.ts';
import { JoinLog } from '../contacts/join-log.ts';
import { loggedRelations } from '../contacts/logged-relations.ts';
import { SoughtIdentities } from '../contacts/sought-identities.ts';
import { type KeyedDatabase, organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { mayComeBack } from '../rollback/may-come-back.ts';
import { mayNameAny, namedTogether } from '../rollback/named-together.ts';
import { noteNamed } from '../rollback/rollback-entry.ts';
import { findContactId } from '../writer/contact-id-identities.ts';
import { notedEffect } from '../writer/run-effects.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { notedIdentities } from './purge-effects.ts';
import { loggedIdentities } from './purge-log.ts';

export interface FoundTraces {
  /** Those that led to no contact, and that something names. */
  readonly named: readonly IdentityKey[];
  /** Identities without a contact that rows before a run, or join memory, name with one of them. */
  readonly related: readonly IdentityKey[];
  /** Identities without a contact that the log of joins joined with one of them. */
  readonly joined: readonly IdentityKey[];
  /** Identities that were joined with somebody else later. */
  readonly joinedOthers: readonly IdentityKey[];
  /** Identities that were parted from one of them later. */
  readonly parted: readonly IdentityKey[];
  /** Waiting contact ids among them, each with the row key that it waits for. */
  readonly founders: readonly {
    readonly contactId: IdentityKey;
    readonly founder: IdentityKey;
  }[];
  /** Where the next call goes on; `null` if nothing is left to look at. */
  readonly next: string | null;
}

/** What an erasure looks for. */
export class Sought {
  /** Identities that led to no contact. */
  readonly lost: SoughtIdentities;
  /** The same, and identities that are erased. */
  readonly all: SoughtIdentities;
  /** Identities that the log of joins joined with one of them, so far. `findTraces` changes it. */
  readonly joined: SoughtIdentities;

  constructor({
    lost,
    erased,
    joined,
  }: Readonly<Record<'lost' | 'erased' | 'joined', readonly IdentityKey[]>>) {
    this.lost = new SoughtIdentities(lost);
    this.all = new SoughtIdentities([...lost, ...erased]);
    this.joined = new SoughtIdentities(joined);
  }
}

interface Place {
  /** Where an earlier call ended; `null`: at the beginning. */
  readonly after: string | null;
  readonly limit: number;
}

type Step = Partial<Omit<FoundTraces, 'next'>> & Pick<FoundTraces, 'next'>;

/** In this order: the founder of a contact id is then looked for everywhere else. */
const sources = {
  gone: inGone,
  rollback: inRollback,
  log: inLog,
  effects: inEffects,
  amend: inAmend,
};

type SourceName = keyof typeof sources;

const nothingFound: Omit<FoundTraces, 'next'> = {
  ...{ named: [], related: [], joined: [], joinedOthers: [], parted: [], founders: [] },
};

/** Looks at the next `limit` entries of one place. */
export function findTraces(
  session: WriteSession,
  organizationId: number,
  sought: Sought,
  { after, limit }: Place,
): FoundTraces {
  const sourceNames: readonly SourceName[] =
    sought.lost.size === 0 ? ['rollback', 'log'] : (Object.keys(sources) as SourceName[]);
  const [name, from] = (after ?? `${sourceNames[0]} `).split(' ') as [SourceName, string];
  const step: Step = sources[name](new Search(session, organizationId, sought), {
    ...{ after: from === '' ? null : from, limit },
  });
  const following = sourceNames[sourceNames.indexOf(name) + 1];
  const atEnd = following === undefined ? null : `${following} `;
  const next = step.next === null ? atEnd : `${name} ${step.next}`;
  return { ...nothingFound, ...step, next };
}

class Search {
  readonly session: WriteSession;
  readonly organizationId: number;
  readonly sought: Sought;

  constructor(session: WriteSession, organizationId: number, sought: Sought) {
    this.session = session;
    this.organizationId = organizationId;
    this.sought = sought;
  }

  readonly isLost = (identity: IdentityKey): boolean => this.sought.lost.has(identity);

  readonly isSought = (identity: IdentityKey): boolean => this.sought.all.has(identity);

  /** Whether nobody has it, and no row of others names it. */
  readonly isFree = (identity: IdentityKey): boolean =>
    findContactId(this.session, this.organizationId, identity) === undefined &&
    !isAwaited(this.session.environment.link, this.organizationId, identity);

  readonly hasLapsed = (keys: readonly [IdentityKey, IdentityKey]): boolean =>
    hasLapsed(this.session.environment.link, this.organizationId, keys);

  /** The next entries of the organization. They are valid until something is written. */
  read(database: KeyedDatabase, { after, limit }: Place) {
    const prefix = organizationPrefix(this.organizationId);
    const start = after === null ? prefix : Buffer.from(after, 'hex');
    const range = { ...rangeUnder(prefix), start, exclusiveStart: after !== null, limit };
    const entries = [...database.getRange(range)].map(({ key, value }) => ({
      key: asBuffer(key),
      value: asBuffer(value),
    }));
    const next = entries.length < limit ? null : (entries.at(-1)?.key.toString('hex') ?? null);
    return { entries, next };
  }
}

/** The id of a contact is an identity of type 0. */
function inGone(search: Search, place: Place): Step {
  const { entries, next } = search.read(search.session.environment.gone, place);
  const founders = entries.map(({ key, value }) => ({
    contactId: { typeId: 0, digest: Uint8Array.from(key.subarray(10)) },
    founder: identityOf(value),
  }));
  return { founders: founders.filter(({ contactId }) => search.isLost(contactId)), next };
}

function inRollback(search: Search, place: Place): Step {
  const { entries, next } = search.read(search.session.environment.rollback, place);
  const touched = entries
    .filter(({ key, value }) => mayNameAny(search.sought.all, key, value))
    .map(({ key, value }) => ({ at: Buffer.from(key), value: Buffer.from(value) }));
  return {
    named: touched.flatMap(({ at, value }) => identitiesIn(at, value)).filter(search.isLost),
    related: touched.flatMap(({ at, value }) => relatedIn(search, at, value)),
    next,
  };
}

function relatedIn(search: Search, at: Buffer, value: Buffer): readonly IdentityKey[] {
  const { session, organizationId, isSought, isLost, isFree } = search;
  const { keys, claims } = namedTogether(at, value) ?? { keys: [], claims: [] };
  const [key] = keys;
  if (key === undefined) return [];
  const others = () => [...keys, ...claims].filter((it) => !isSought(it) && isFree(it));
  if (keys.some(isSought)) return others();
  // Other identities may have belonged to several people, one after the other.
  if (!claims.some(isLost)) return [];
  const row = { organizationId, datasetId: at.readUInt16BE(2) };
  // A row of another person, which let the identity go.
  return mayComeBack(session, row, key) ? [] : others();
}

function identitiesIn(at: Buffer, value: Buffer): IdentityKey[] {
  const identities: IdentityKey[] = [];
  noteNamed(at, value, {
    add: (typeId, bytes, start, end) => {
      identities.push({ typeId, digest: bytes.subarray(start, end) });
    },
  });
  return identities;
}

const firstEntry = '0'.repeat(16);

function inLog(search: Search, { after, limit }: Place): Step {
  const { session, organizationId, isSought, isLost, isFree, hasLapsed } = search;
  const { all, joined } = search.sought;
  const log = new JoinLog(session.environment.log, organizationId);
  const mayName = (it: string) => all.mayHaveHex(it) || joined.mayHaveHex(it);
  const { entries, next } = log.searchFrom({ since: firstEntry, after, mayName }, limit);
  const named: IdentityKey[] = [];
  const news: IdentityKey[] = [];
  const parted: IdentityKey[] = [];
  const joinedOthers: IdentityKey[] = [];
  for (const { entry } of entries) {
    const found = loggedRelations(entry, { isSought, isFree, hasLapsed, isJoined: joined.has });
    for (const it of [...found.parted, ...found.joinedOthers]) joined.remove(it);
    for (const it of found.joined) joined.add(it);
    named.push(...loggedIdentities(entry).filter(isLost));
    news.push(...found.joined);
    parted.push(...found.parted);
    joinedOthers.push(...found.joinedOthers);
  }
  return { named, joined: news.filter(joined.has), joinedOthers, parted, next };
}

function inEffects(search: Search, place: Place): Step {
  const { entries, next } = search.read(search.session.environment.effects, place);
  return {
    named: entries.map(notedEffect).flatMap(notedIdentities).filter(search.isLost),
    next,
  };
}

function inAmend({ session, organizationId, isLost }: Search, { after, limit }: Place): Step {
  const from = after === null ? null : identityOf(Buffer.from(after, 'hex'));
  const entries = session.amendments.list(organizationId, { after: from, limit });
  const last = entries.length < limit ? undefined : entries.at(-1);
  return {
    named: entries.flatMap(({ key, names }) => [key, ...names]).filter(isLost),
    next: last === undefined ? null : identityBytes(last.key).toString('hex'),
  };
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
