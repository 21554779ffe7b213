/** Shows the log of joins and partings. Identities have their values if the store knows them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OrganizationState } from '../../domain/catalog-state.ts';
import type { TokenLists } from '../../domain/token/token-sight.ts';
import type { LoggedJoin } from '../../stores/join-answer.ts';
import type { ContactReader, IdentityKey, KnownIdentity } from '../../stores/store.ts';
import { joinKeysPerTurn } from '../limits.ts';
import { everything, requireWholeSight, sightOf } from '../token/actor-sight.ts';
import { type ContactCaller, requireScopes } from './contact-caller.ts';
import { type IdentityView, identityViews } from './identity-view.ts';
import { noteLook } from './note-look.ts';
import { identityName } from './stored-values.ts';

export interface JoinView {
  /** Its name, for `unmergeContacts`. */
  readonly entry: string;
  readonly kind: LoggedJoin['kind'];
  /** RFC 3339. */
  readonly at: string;
  readonly dataset: string | null;
  /** `operator:<name>` or `token:<id>`; `null` for a join by rows. */
  readonly by: string | null;
  /** `null` if the actor may not use the type of this identity. */
  readonly pairs: readonly (readonly [IdentityView | null, IdentityView | null])[];
  readonly identity: IdentityView | null;
  readonly taken_back: boolean;
}

export interface JoinPage {
  readonly joins: readonly JoinView[];
  /** The place in the log before which the next page begins; `null`: there are no more. */
  readonly next: string | null;
}

/**
 * The entries before `before`, the newest first.
 * @throws UsherError `scope_missing`, also for a token that may not see every dataset
 */
export async function listJoins(
  caller: ContactCaller,
  reader: ContactReader,
  page: { readonly before: string | null; readonly limit: number },
): Promise<JoinPage> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  const { administration, organization } = caller;
  requireWholeSight(administration.actor);
  const { joins, next } = await reader.listJoins(organization.organization.id, page);
  const lists = sightOf(administration.actor);
  const views = await viewJoins(reader, organization, { joins, lists });
  if (lists.masksIdentities !== true) noteJoins(caller, joins);
  return { joins: views, next };
}

/** The log of joins names identities, and no contacts. */
function noteJoins(caller: ContactCaller, joins: readonly LoggedJoin[]): void {
  const shown = new Map(joins.flatMap(keysOf).map((key) => [identityName(key), key]));
  for (const subject of shown.values()) noteLook(caller, { subject, way: 'joins', fields: [] });
}

interface ShownJoins {
  readonly joins: readonly LoggedJoin[];
  /** What the actor may see; everything if missing. */
  readonly lists?: TokenLists;
  /** Which identities to show; all if missing. */
  readonly isShown?: (key: IdentityKey) => boolean;
}

export async function viewJoins(
  reader: ContactReader,
  organization: OrganizationState,
  { joins, lists = everything, isShown = () => true }: ShownJoins,
): Promise<readonly JoinView[]> {
  const { id: organizationId } = organization.organization;
  const values = await readValues(reader, organizationId, joins.flatMap(keysOf).filter(isShown));
  const show = identityViews(organization, lists);
  const view = (key: IdentityKey) =>
    isShown(key) ? show({ ...key, value: values.get(identityName(key)) ?? '' }) : null;
  const datasets = new Map([...organization.datasets.values()].map(({ id, name }) => [id, name]));
  return joins.map(({ entry, kind, atMs, datasetId, by, pairs, identity, isTakenBack }) => ({
    ...{ entry, kind, at: new Date(atMs).toISOString() },
    dataset: datasetId === null ? null : (datasets.get(datasetId) ?? null),
    by,
    pairs: pairs.map(([one, other]) => [view(one), view(other)] as const),
    identity: identity && view(identity),
    taken_back: isTakenBack,
  }));
}

function keysOf({ pairs, identity }: LoggedJoin): IdentityKey[] {
  return identity === null ? pairs.flat() : [...pairs.flat(), identity];
}

/** The values of the identities that lead to a contact. The log has only hashes. */
async function readValues(
  reader: ContactReader,
  organizationId: number,
  keys: readonly IdentityKey[],
): Promise<ReadonlyMap<string, string>> {
  const distinct = [...new Map(keys.map((key) => [identityName(key), key]))];
  const parts = { memberships: false, identities: true };
  const values = new Map<string, string>();
  for (let start = 0; start < distinct.length; start += joinKeysPerTurn) {
    if (start > 0) await nextTurn();
    const some = distinct.slice(start, start + joinKeysPerTurn);
    const queries = some.map(([name, identity]) => ({ organizationId, identity, parts, name }));
    const found = await reader.readContacts(queries, ({ identities }, { name }) =>
      knownValue(identities, name),
    );
    for (const [place, value] of found.entries()) {
      const name = some[place]?.[0];
      if (name !== undefined && value !== undefined) values.set(name, value);
    }
  }
  return values;
}

function knownValue(identities: readonly KnownIdentity[], name: string): string | undefined {
  return identities.find((one) => identityName(one) === name)?.value;
}
