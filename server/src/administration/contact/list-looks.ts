/** Who looked at which contact: the entries of the access log, for people. */
import type { AccessOutcome, AccessSubject, AccessWay } from '../../access/access-entry.ts';
import { readAccessKeys } from '../../access/access-keys.ts';
import { type AccessEntry, type AccessPlace, listAccess } from '../../access/list-access.ts';
import { DigestSet } from '../../access/redact-access.ts';
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { builtInFieldId, builtInFields } from '../../domain/contact/field.ts';
import { idWords } from '../../stores/read-record.ts';
import type { ContactReader, IdentityKey } from '../../stores/store.ts';
import { rfc3339 } from '../administration.ts';
import { requireWholeSight } from '../token/actor-sight.ts';
import { type ContactCaller, requireScopes } from './contact-caller.ts';

/** Which looks to list. What is `null` allows all. */
export interface LookFilter {
  readonly contact: IdentityKey | null;
  /** The subject of an entry, in hexadecimal. */
  readonly subject: string | null;
  /** `token:ID` or `user:ID`. */
  readonly who: string | null;
  readonly way: AccessWay | null;
  readonly outcome: AccessOutcome | null;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

export interface LookView {
  readonly at: string;
  /** `token:<id>` or `user:<id>`. */
  readonly actor: string;
  readonly claimed_actor: string | null;
  readonly address: string;
  readonly way: AccessEntry['way'];
  readonly outcome: AccessEntry['outcome'];
  readonly fields: readonly string[];
  readonly remark: string | null;
  readonly subject: string | null;
  readonly found: boolean;
}

export interface LookPage {
  readonly looks: readonly LookView[];
  /** Where the next page goes on; `null`: this is the last one. */
  readonly next: AccessPlace | null;
}

/**
 * Looks, newest first. A call reads a bounded part of the log, so that a page can have few entries,
 * even none, while more follow.
 * @throws UsherError `scope_missing`, also for a token that may not see every field and dataset
 */
export async function listLooks(
  caller: ContactCaller,
  { dataFolder, reader }: { readonly dataFolder: string; readonly reader: ContactReader },
  asked: {
    readonly filter: LookFilter;
    readonly limit: number;
    readonly before: AccessPlace | null;
  },
): Promise<LookPage> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  requireWholeSight(caller.administration.actor);
  const { contact, subject, ...filter } = asked.filter;
  const { organization } = caller;
  const organizationId = organization.organization.id;
  const ofContact =
    contact === null
      ? null
      : await digestsOf(dataFolder, await subjectsOf(reader, organizationId, contact));
  const subjects = digestSet(ofContact, subject === null ? null : Buffer.from(subject, 'hex'));
  const page = await listAccess(dataFolder, { ...filter, organizationId, subjects }, asked);
  const nameOf = fieldNames(organization);
  return { looks: page.entries.map((entry) => viewLook(entry, nameOf)), next: page.next };
}

/**
 * Everything that entries about a contact can name: its id, the ids of contacts that are part of
 * it, and the identities that lead to it.
 */
async function subjectsOf(
  reader: ContactReader,
  organizationId: number,
  identity: IdentityKey,
): Promise<AccessSubject[]> {
  const asked = { organizationId, typeId: identity.typeId, words: idWords(identity.digest) };
  const explained = await reader.explainContact(organizationId, identity);
  if (explained === undefined) return [asked];
  const ids = [explained.contactId, ...explained.otherIds];
  return [
    asked,
    ...ids.map((id) => ({ organizationId, typeId: 0, words: idWords(id) })),
    ...explained.identities
      .filter(({ leadsHere }) => leadsHere)
      .map(({ typeId, digest }) => ({ organizationId, typeId, words: idWords(digest) })),
  ];
}

async function digestsOf(
  dataFolder: string,
  subjects: readonly AccessSubject[],
): Promise<readonly Buffer[]> {
  const keys = await readAccessKeys(dataFolder);
  return subjects.map((subject) => keys.digestOf(subject));
}

/** What both filters allow; `null` if there is none. */
function digestSet(digests: readonly Buffer[] | null, only: Buffer | null): DigestSet | null {
  if (only === null) return digests && new DigestSet(digests);
  return new DigestSet(digests === null || digests.some((it) => it.equals(only)) ? [only] : []);
}

function fieldNames({ fields }: OrganizationState): (id: number) => string {
  const names = new Map<number, string>();
  for (const { name } of builtInFields) names.set(builtInFieldId(name), name);
  for (const { id, name } of fields.values()) names.set(id, name);
  return (id) => names.get(id) ?? `#${id}`;
}

function viewLook(entry: AccessEntry, nameOf: (id: number) => string): LookView {
  const { atMs, who, actor, address, way, outcome, fieldIds, remark, subject } = entry;
  return {
    at: rfc3339(atMs),
    actor: who,
    claimed_actor: actor,
    ...{ address, way, outcome },
    fields: fieldIds.map(nameOf),
    ...{ remark, subject },
    found: entry.isContact,
  };
}

/** A place as a text, for cursors. */
export function lookPlaceText({ file, block, entry }: AccessPlace): string {
  return `${file}.${block}.${entry}`;
}

/** @param text of `lookPlaceText` */
export function lookPlaceOf(text: string): AccessPlace {
  const [file = 0, block = 0, entry = 0] = text.split('.').map(Number);
  return { file, block, entry };
}
