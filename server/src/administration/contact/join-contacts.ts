/**
 * Joins and parts contacts for people, with an entry of the audit log for each act. The entry names
 * that of the store's log, and no identity.
 */

import { UsherError } from '../../domain/errors.ts';
import { formatRevision } from '../../domain/revision.ts';
import type { JoinAnswer, JoinOptions } from '../../stores/join-answer.ts';
import { keeping } from '../../stores/kept-words.ts';
import type { ContactReader, ContactWriter, IdentityKey } from '../../stores/store.ts';
import { authorOf, rfc3339 } from '../administration.ts';
import { type ContactCaller, requireToJoin } from './contact-caller.ts';
import { refusedJoin } from './join-refusals.ts';

/** The opened store. */
export interface JoinStore {
  readonly reader: ContactReader;
  readonly writer: ContactWriter;
}

export interface JoinedView {
  /** The name of the new entry in the log of joins. */
  readonly entry: string;
}

/**
 * Joins the contacts of two identities, whatever rows say.
 * @throws UsherError `contact_not_found`, `same_contact`, `identity_conflict`, `identity_limit`,
 *   `scope_missing`, `storage_full`, `store_unavailable`
 */
export async function mergeContacts(
  caller: ContactCaller,
  store: JoinStore,
  [one, other]: readonly [IdentityKey, IdentityKey],
): Promise<JoinedView> {
  requireToJoin(caller);
  const keys = [
    await requireRowIdentity(caller, store, one),
    await requireRowIdentity(caller, store, other),
  ];
  const [left, right] = keys as [IdentityKey, IdentityKey];
  const id = caller.organization.organization.id;
  const answer = await store.writer.mergeContacts(id, left, right, optionsOf(caller));
  return noteJoined(caller, answer, { action: 'contact.merge', before: null });
}

/**
 * Takes a merge back, or parts what rows joined.
 * @param entry its name in the log of joins
 * @throws UsherError `resource_not_found`, `still_joined`, `scope_missing`, `storage_full`,
 *   `store_unavailable`
 */
export async function unmergeContacts(
  caller: ContactCaller,
  { writer }: Pick<JoinStore, 'writer'>,
  entry: string,
): Promise<JoinedView> {
  requireToJoin(caller);
  const id = caller.organization.organization.id;
  const answer = await writer.unmergeContacts(id, entry, optionsOf(caller));
  return noteJoined(caller, answer, { action: 'contact.unmerge', before: { entry } });
}

/**
 * Parts an identity, with the rows whose row key it is, from the other rows of its contact.
 * @throws UsherError `contact_not_found`, `nothing_to_part`, `scope_missing`, `storage_full`,
 *   `store_unavailable`
 */
export async function splitContact(
  caller: ContactCaller,
  store: JoinStore,
  identity: IdentityKey,
): Promise<JoinedView> {
  requireToJoin(caller);
  const key = await requireRowIdentity(caller, store, identity);
  const id = caller.organization.organization.id;
  const answer = await store.writer.splitContact(id, key, optionsOf(caller));
  return noteJoined(caller, answer, { action: 'contact.split', before: null });
}

/** Which joins by rows to part. */
export interface StormRequest {
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** `null` for the joins until now. */
  readonly untilMs: number | null;
  /** Its name; `null`: the joins of all datasets. */
  readonly dataset: string | null;
  /** Called with how many are parted so far. */
  readonly onProgress?: (parted: number) => void;
}

const partedStay = 'What was parted stays parted, and the same call parts the rest.';

/**
 * Parts the joins that rows made in a time, and those that the same rows make once others are
 * parted. A call that fails has parted some of them; call it
 * again for the others.
 * @returns how many it parted
 * @throws UsherError `resource_not_found`, `scope_missing`, `storage_full`, `store_unavailable`
 */
export async function partJoins(
  caller: ContactCaller,
  { reader, writer }: JoinStore,
  { sinceMs, untilMs, dataset, onProgress }: StormRequest,
): Promise<number> {
  requireToJoin(caller);
  const { organization } = caller;
  const datasetId = dataset === null ? null : datasetIdOf(caller, dataset);
  // A clock that was set back must not hide the newest joins.
  const until = untilMs === null ? await reader.revision() : lastRevisionOf(untilMs);
  const since = formatRevision(BigInt(sinceMs) << 16n);
  const storm = { since, until: formatRevision(until), datasetId };
  const options = optionsOf(caller);
  let parted = 0;
  try {
    for (let after: string | null = null; ; ) {
      const id = organization.organization.id;
      const { parted: more, next } = await keeping(partedStay, () =>
        writer.partJoins(id, { ...storm, after }, options),
      );
      parted += more;
      onProgress?.(parted);
      if (next === null) break;
      if (next === after && more === 0) throw noProgress();
      after = next;
    }
  } finally {
    if (parted > 0) {
      const after = { since: rfc3339(sinceMs), until: untilMs && rfc3339(untilMs), parted };
      await audit(caller, { action: 'contact.part_joins', target: dataset ?? '*', after });
    }
  }
  return parted;
}

/** The newest revision of a millisecond. */
function lastRevisionOf(ms: number): bigint {
  return ((BigInt(ms) + 1n) << 16n) - 1n;
}

function noProgress(): UsherError {
  return new UsherError(
    'store_unavailable',
    'The store did not part the next joins. Send the request again with a later time in since.',
  );
}

function datasetIdOf({ organization }: ContactCaller, name: string): number {
  const dataset = organization.datasets.get(name);
  if (dataset !== undefined) return dataset.id;
  throw new UsherError(
    'resource_not_found',
    `There is no dataset ${name}. List the datasets: usher dataset list`,
  );
}

/**
 * The identity; for the id of a contact the key that the id belongs to.
 * @throws UsherError `contact_not_found`
 */
export async function requireRowIdentity(
  { organization: { organization, identityRules } }: ContactCaller,
  { reader }: Pick<JoinStore, 'reader'>,
  identity: IdentityKey,
): Promise<IdentityKey> {
  if (identity.typeId !== 0) return identity;
  const contact = await reader.explainContact(organization.id, identity, identityRules);
  const founder = contact?.identities.find(({ isFounder }) => isFounder);
  if (founder === undefined) throw refusedJoin('contact_not_found');
  return { typeId: founder.typeId, digest: founder.digest };
}

function optionsOf({ administration, organization }: ContactCaller): JoinOptions {
  return { by: authorOf(administration).actor, rules: organization.identityRules };
}

async function noteJoined(
  caller: ContactCaller,
  answer: JoinAnswer,
  act: { readonly action: string; readonly before: unknown },
): Promise<JoinedView> {
  if ('refused' in answer) throw refusedJoin(answer.refused);
  const { entry } = answer;
  await audit(caller, { ...act, target: entry, after: { entry } });
  return { entry };
}

async function audit(
  { administration, organization }: ContactCaller,
  act: {
    readonly action: string;
    readonly target: string;
    readonly before?: unknown;
    readonly after: unknown;
  },
): Promise<void> {
  const organizationId = organization.organization.id;
  const record = { before: null, ...act, organizationId };
  await administration.catalog.recordActs(authorOf(administration), [record]);
}
