/**
 * Finds what else names identities that lead to no contact: rollback data, the log of joins, the
 * effects of unfinished runs, amendments, and contact ids that wait for a founder.
 */
import type { IdentityKey } from '../../store.ts';
import { nameOf } from '../contacts/component.ts';
import { identityBytes, identityOf } from '../contacts/identity-links.ts';
import { JoinLog } from '../contacts/join-log.ts';
import { type KeyedDatabase, organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { mayComeBack } from '../rollback/may-come-back.ts';
import { noteNamed, readRollbackKey, unpackRollbackEntry } from '../rollback/rollback-entry.ts';
import { findContactId } from '../writer/contact-id-identities.ts';
import { notedEffect } from '../writer/run-effects.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { notedIdentities } from './purge-effects.ts';
import { loggedIdentities } from './purge-log.ts';

export interface FoundTraces {
  /** Those that something names. */
  readonly named: readonly IdentityKey[];
  /** Identities without a contact of rows that are gone, which named one of them. */
  readonly related: readonly IdentityKey[];
  /** Waiting contact ids among them, each with the row key that it waits for. */
  readonly founders: readonly {
    readonly contactId: IdentityKey;
    readonly founder: IdentityKey;
  }[];
  /** Where the next call goes on; `null` if nothing is left to look at. */
  readonly next: string | null;
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

const sourceNames = Object.keys(sources) as (keyof typeof sources)[];

/** Looks at the next `limit` entries of one place. */
export function findTraces(
  session: WriteSession,
  organizationId: number,
  lost: readonly IdentityKey[],
  { after, limit }: Place,
): FoundTraces {
  const [name, from] = (after ?? `${sourceNames[0]} `).split(' ') as [keyof typeof sources, string];
  const step: Step = sources[name](new Search(session, organizationId, lost), {
    ...{ after: from === '' ? null : from, limit },
  });
  const following = sourceNames[sourceNames.indexOf(name) + 1];
  const atEnd = following === undefined ? null : `${following} `;
  const next = step.next === null ? atEnd : `${name} ${step.next}`;
  return { named: [], related: [], founders: [], ...step, next };
}

class Search {
  readonly session: WriteSession;
  readonly organizationId: number;
  readonly #names: ReadonlySet<string>;

  constructor(session: WriteSession, organizationId: number, lost: readonly IdentityKey[]) {
    this.session = session;
    this.organizationId = organizationId;
    this.#names = new Set(lost.map(nameOf));
  }

  readonly isLost = (identity: IdentityKey): boolean => this.#names.has(nameOf(identity));

  /** Whether nobody has it. */
  readonly leadsNowhere = (identity: IdentityKey): boolean =>
    findContactId(this.session, this.organizationId, identity) === undefined;

  /** Copies of the next entries of the organization. */
  read(database: KeyedDatabase, { after, limit }: Place) {
    const prefix = organizationPrefix(this.organizationId);
    const start = after === null ? prefix : Buffer.from(after, 'hex');
    const range = { ...rangeUnder(prefix), start, exclusiveStart: after !== null, limit };
    const entries = [...database.getRange(range)].map(({ key, value }) => ({
      key: Buffer.from(key),
      value: Buffer.from(value),
    }));
    const next = entries.length < limit ? null : (entries.at(-1)?.key.toString('hex') ?? null);
    return { entries, next };
  }
}

/** The id of a contact is an identity of type 0. */
function inGone(search: Search, place: Place): Step {
  const { entries, next } = search.read(search.session.environment.gone, place);
  const founders = entries.map(({ key, value }) => ({
    contactId: { typeId: 0, digest: key.subarray(10) },
    founder: identityOf(value),
  }));
  return { founders: founders.filter(({ contactId }) => search.isLost(contactId)), next };
}

function inRollback(search: Search, place: Place): Step {
  const { session, organizationId } = search;
  const { entries, next } = search.read(session.environment.rollback, place);
  const named: IdentityKey[] = [];
  const related: IdentityKey[] = [];
  for (const { key: at, value } of entries) {
    const found = identitiesIn(at, value).filter(search.isLost);
    if (found.length === 0) continue;
    named.push(...found);
    const { kind, identity } = readRollbackKey(at);
    if (kind !== 'row') continue;
    const before = unpackRollbackEntry(value, value.length).before;
    const keys = before?.key === undefined ? [identity] : [identity, before.key];
    const row = { organizationId, datasetId: at.readUInt16BE(2) };
    // A row of another person, which let the identity go.
    if (!keys.some(search.isLost) && mayComeBack(session, row, identity)) continue;
    const all = [...keys, ...(before?.claims ?? [])];
    related.push(...all.filter((it) => !search.isLost(it) && search.leadsNowhere(it)));
  }
  return { named, related, next };
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

function inLog({ session, organizationId, isLost }: Search, { after, limit }: Place): Step {
  const log = new JoinLog(session.environment.log, organizationId);
  const { entries, next } = log.readFrom({ since: firstEntry, after }, limit);
  return { named: entries.flatMap(({ entry }) => loggedIdentities(entry)).filter(isLost), next };
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
