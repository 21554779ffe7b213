/** Shows who claims the identities of a contact, as far as the actor may see it. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { seesDataset, seesIdentityType, type TokenLists } from '../../domain/token/token-sight.ts';
import type { ExplainedIdentity, IdentityClaim } from '../../stores/join-answer.ts';
import type { ContactReader, IdentityKey } from '../../stores/store.ts';
import { sightOf } from '../token/actor-sight.ts';
import { type ContactCaller, requireScopes } from './contact-caller.ts';
import {
  contactIdView,
  type IdentityView,
  identityViews,
  type ShowIdentity,
} from './identity-view.ts';
import { refusedJoin } from './join-refusals.ts';

export interface ClaimView {
  /** `null`: the dataset no longer exists. */
  readonly dataset: string | null;
  readonly key: IdentityView | null;
  /** RFC 3339; `null`: an earlier release stored the row. */
  readonly since: string | null;
  /** Why the claim has no effect. */
  readonly refused: IdentityClaim['refused'];
}

export interface ExplainedIdentityView {
  readonly identity: IdentityView;
  readonly leads_here: boolean;
  readonly is_founder: boolean;
  readonly claims: readonly ClaimView[];
}

export interface ContactIdentitiesView {
  /** `null`: the actor may not use ids of contacts. */
  readonly contact_id: string | null;
  readonly other_ids: readonly string[];
  readonly identities: readonly ExplainedIdentityView[];
}

/**
 * With lists, a token sees only claims of datasets that it may see, and only the identities that
 * these claims name.
 * @throws UsherError `contact_not_found`, `scope_missing`
 */
export async function explainContact(
  caller: ContactCaller,
  reader: ContactReader,
  identity: IdentityKey,
): Promise<ContactIdentitiesView> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  const { organization } = caller;
  const { id } = organization.organization;
  const contact = await reader.explainContact(id, identity, organization.identityRules);
  if (contact === undefined) throw refusedJoin('contact_not_found');
  const lists = sightOf(caller.administration.actor);
  const seesIds = seesIdentityType(lists, 'id');
  const sight = {
    show: identityViews(organization, lists),
    datasets: seenDatasets(organization, lists),
  };
  return {
    contact_id: seesIds ? contactIdView(contact.contactId) : null,
    other_ids: seesIds ? contact.otherIds.map(contactIdView) : [],
    identities: contact.identities.flatMap((one) => viewExplained(one, lists, sight)),
  };
}

interface Sight {
  readonly show: ShowIdentity;
  readonly datasets: ReadonlyMap<number, string>;
}

/** The names of the datasets that the lists allow, by id. */
function seenDatasets(
  { datasets, fields }: OrganizationState,
  lists: TokenLists,
): ReadonlyMap<number, string> {
  const seen = [...datasets.values()].filter(({ id, name }) => {
    const own = [...fields.values()].filter(({ datasetId }) => datasetId === id);
    return seesDataset(
      lists,
      name,
      own.map((field) => field.name),
    );
  });
  return new Map(seen.map(({ id, name }) => [id, name]));
}

function viewExplained(
  one: ExplainedIdentity,
  lists: TokenLists,
  sight: Sight,
): ExplainedIdentityView[] {
  const identity = sight.show(one);
  if (identity === null) return [];
  const seesAll = lists.fields === null && lists.dataset === null;
  const claims = one.claims.filter(({ datasetId }) => seesAll || sight.datasets.has(datasetId));
  if (claims.length === 0 && !seesAll) return [];
  return [
    {
      identity,
      leads_here: one.leadsHere,
      is_founder: one.isFounder,
      claims: claims.map((claim) => viewClaim(claim, sight)),
    },
  ];
}

function viewClaim(
  { datasetId, key, sinceMs, refused }: IdentityClaim,
  { show, datasets }: Sight,
): ClaimView {
  return {
    dataset: datasets.get(datasetId) ?? null,
    key: show(key),
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    refused,
  };
}
