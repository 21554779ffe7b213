/** Shows who claims the identities of a contact, as far as the actor may see it. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import {
  seesDataset,
  seesField,
  seesIdentityType,
  type TokenLists,
} from '../../domain/token/token-sight.ts';
import type {
  ExplainedContact,
  ExplainedIdentity,
  IdentityClaim,
} from '../../stores/join-answer.ts';
import type { Amendment } from '../../stores/privacy-answer.ts';
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
import { contactSubject, noteLook } from './note-look.ts';
import { noteShown } from './note-shown.ts';

export interface ClaimView {
  /** `null` if the dataset no longer exists. */
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

export interface AmendedView {
  readonly field: string;
  /** RFC 3339 */
  readonly at: string;
}

export interface ContactIdentitiesView {
  /** `null` if the actor may not use ids of contacts. */
  readonly contact_id: string | null;
  readonly other_ids: readonly string[];
  readonly identities: readonly ExplainedIdentityView[];
  /** Fields with a value that a person set, which counts over that of the dataset. */
  readonly amended: readonly AmendedView[];
}

/**
 * Notes the act in the audit log.
 * @throws UsherError `contact_not_found`, `scope_missing`
 */
export async function explainContact(
  caller: ContactCaller,
  reader: ContactReader,
  identity: IdentityKey,
): Promise<ContactIdentitiesView> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  const { organization } = caller;
  await noteShown(caller, { action: 'contact.identities' });
  const { id } = organization.organization;
  const contact = await reader.explainContact(id, identity, organization.identityRules);
  const way = 'identities';
  if (contact === undefined) {
    noteLook(caller, { subject: identity, way, outcome: 'contact_not_found', fields: [] });
    throw refusedJoin('contact_not_found');
  }
  noteLook(caller, { subject: contactSubject(contact.contactId), way, fields: [] });
  return viewIdentities(caller, contact);
}

/**
 * With lists, a token sees only claims of datasets that it may see, and only the identities that
 * these claims name.
 */
export function viewIdentities(
  { administration, organization }: ContactCaller,
  contact: ExplainedContact,
): ContactIdentitiesView {
  const lists = sightOf(administration.actor);
  const seesIds = seesIdentityType(lists, 'id');
  const sight = {
    show: identityViews(organization, lists),
    datasets: seenDatasets(organization, lists),
  };
  return {
    contact_id: seesIds ? contactIdView(contact.contactId) : null,
    other_ids: seesIds ? contact.otherIds.map(contactIdView) : [],
    identities: contact.identities.flatMap((one) => viewExplained(one, lists, sight)),
    amended: contact.amendments.flatMap((one) => viewAmended(one, organization, lists)),
  };
}

/** Nothing for a field that is gone, or that the lists do not allow. */
function viewAmended(
  { fieldId, atMs }: Amendment,
  { fields, datasets }: OrganizationState,
  lists: TokenLists,
): AmendedView[] {
  const field = [...fields.values()].find(({ id }) => id === fieldId);
  if (field === undefined) return [];
  const dataset = [...datasets.values()].find(({ id }) => id === field.datasetId)?.name ?? null;
  if (!seesField(lists, field.name, dataset)) return [];
  return [{ field: field.name, at: new Date(atMs).toISOString() }];
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
