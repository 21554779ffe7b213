/** Tells who claims the identities of a contact, and why claims have no effect. */
import { type IdentityRules, usualRules } from '../../../domain/contact/identity-rules.ts';
import { readAmendments } from '../../amended-fields.ts';
import type { ExplainedContact, ExplainedIdentity, IdentityClaim } from '../../join-answer.ts';
import { winnerIdOf } from '../../read-record.ts';
import type { IdentityKey } from '../../store.ts';
import type { Environment } from '../environment.ts';
import { ContactKey } from '../keyed-database.ts';
import { metaKeys, readMeta } from '../meta.ts';
import { OpenRuns } from '../writer/open-runs.ts';
import { claimedByNobodyElse } from './claimed-by-nobody-else.ts';
import { Component, type ComponentSource, type IdentityNode } from './component.ts';
import { type ComponentDecision, decideComponent } from './decide-component.ts';
import { JoinLog } from './join-log.ts';

/** Reads in the transaction that the caller holds. */
export function explainContact(
  environment: Environment,
  organizationId: number,
  identity: IdentityKey,
  given?: IdentityRules,
): ExplainedContact | undefined {
  const { meta } = environment;
  const component = new Component(componentSourceOf(environment, organizationId));
  const node = nodeOf(component, identity, environment);
  if (node === undefined) return undefined;
  component.gather();
  const openRuns = new OpenRuns(meta);
  const open = new Set(openRuns.of(organizationId).values());
  const stored = readMeta<IdentityRules>(meta, metaKeys.identityRules(organizationId));
  const decision = decideComponent(component, {
    rules: given ?? stored ?? usualRules,
    isEnded: (version) => !open.has(version),
    quietAt: openRuns.quietAt(organizationId),
  });
  const explained = explain(component, decision, node);
  if (explained === undefined) return undefined;
  const at = component.source.contactKey({ organizationId, contactId: explained.contactId });
  const record = environment.rec.getBinaryFast(at);
  const view = record && { bytes: record, length: environment.rec.lastSize };
  return { ...explained, amendments: view === undefined ? [] : readAmendments(view) };
}

/** The node of the identity; for a contact id that of the founder of the contact that answers. */
function nodeOf(
  component: Component,
  identity: IdentityKey,
  { rec }: Environment,
): IdentityNode | undefined {
  if (identity.typeId !== 0) {
    const node = component.node(identity);
    return node.entry === undefined ? undefined : node;
  }
  const { contactKey, organizationId } = component.source;
  const record = rec.getBinaryFast(contactKey({ organizationId, contactId: identity.digest }));
  const contact = component.contactAt((record && winnerIdOf(record)) ?? identity.digest);
  return contact?.nodes[contact.list.founder];
}

function explain(
  component: Component,
  { groupOf, refusals }: ComponentDecision,
  node: IdentityNode,
): Omit<ExplainedContact, 'amendments'> | undefined {
  const contact =
    node.contact ??
    component.rows.find(({ claims }) => claims.some((it) => it.node === node))?.home;
  if (contact === undefined) return undefined;
  const claimsOf = (one: IdentityNode): IdentityClaim[] =>
    component.rows.flatMap((row) =>
      row.claims
        .filter((claim) => claim.node === one)
        .map(({ since }) => {
          const refusal = refusals.find((it) => it.row === row && it.node === one);
          const isElsewhere = groupOf.get(row.key) !== groupOf.get(one);
          return {
            datasetId: row.datasetId,
            key: known(row.key),
            sinceMs: since === 0n ? null : Number(since >> 16n),
            refused: refusal?.code ?? (isElsewhere ? 'identity_taken' : null),
          };
        }),
    );
  const group = groupOf.get(contact.nodes[contact.list.founder] as IdentityNode);
  const alone = new Set(group && claimedByNobodyElse(component, group));
  const identities = contact.list.identities.map(({ leadsHere }, place): ExplainedIdentity => {
    const one = contact.nodes[place] as IdentityNode;
    const isFounder = place === contact.list.founder;
    const isOwn = leadsHere || alone.has(one);
    return { ...known(one), leadsHere, isOwn, isFounder, claims: claimsOf(one) };
  });
  const otherIds = contact.list.aliases.map(({ contactId }) => Uint8Array.from(contactId));
  return { contactId: contact.contactId, otherIds, identities };
}

function known({ typeId, digest, value }: IdentityNode) {
  return { typeId, digest: Uint8Array.from(digest), value };
}

/** For a component that is read, and not written. */
export function componentSourceOf(
  { id, ids, link, log }: Environment,
  organizationId: number,
): ComponentSource {
  const key = new ContactKey();
  const keyFor = (organization: number, typeId: number, bytes: Uint8Array) => {
    key.organizationId = organization;
    key.typeId = typeId;
    key.bytes = bytes;
    key.start = 0;
    return key;
  };
  const joins = new JoinLog(log, organizationId);
  return {
    ...{ organizationId, id, ids, link },
    identityKey: keyFor,
    contactKey: (place) => keyFor(place.organizationId, -1, place.contactId),
    mergeAt: (entry) => joins.mergeAt(entry),
  };
}
