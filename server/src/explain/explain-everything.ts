/**
 * Why a contact is what it is: where its values come from, what joined its identities, which
 * segments and flows it is in, and what a token sees of it. The rules are those of look-ups.
 */

import { readIn } from '../administration/administration.ts';
import type { ContactCaller } from '../administration/contact/contact-caller.ts';
import { requireScopes } from '../administration/contact/contact-caller.ts';
import {
  type ExplainedIdentityView,
  viewIdentities,
} from '../administration/contact/explain-contact.ts';
import { refusedJoin } from '../administration/contact/join-refusals.ts';
import { type JoinView, viewJoins } from '../administration/contact/list-joins.ts';
import { contactSubject, noteLook } from '../administration/contact/note-look.ts';
import { noteShown } from '../administration/contact/note-shown.ts';
import { findOwnJoins } from '../administration/contact/own-joins.ts';
import { copyStored, ownRows, readHiddenRows } from '../administration/contact/stored-values.ts';
import { ruleSightOf, valueSightOf } from '../administration/contact/value-sight.ts';
import { requireWholeSight, sightOf } from '../administration/token/actor-sight.ts';
import { resolveToken } from '../administration/token/tokens.ts';
import type { Token } from '../domain/token/token.ts';
import type { DatasetAges } from '../lookup/dataset-ages.ts';
import { judgeAges, type SectionAge } from '../lookup/freshness.ts';
import { datasetsById, planSections } from '../lookup/lookup-plan.ts';
import { compiledDefinitionsOf } from '../membership/compiled-definitions.ts';
import { evaluateContact } from '../membership/evaluate-contact.ts';
import type { ExplainedContact } from '../stores/join-answer.ts';
import { contactIdText } from '../stores/read-record.ts';
import type { ContactReader, IdentityKey } from '../stores/store.ts';
import { type ExplainedField, explainFields, storedFields } from './explain-fields.ts';
import { type ExplainedFlow, explainFlows } from './explain-flows.ts';
import { membershipExplainer } from './explain-memberships.ts';
import { type ExplainedSegment, explainSegments, ruleNamesOf } from './explain-segments.ts';
import { type ExplainedToken, explainToken } from './explain-token.ts';
import { explainBuiltIn, explainValues } from './explain-values.ts';
import { searchedJoins, shownJoins } from './limits.ts';
import { maskExplanation } from './mask-explanation.ts';
import { noteWork } from './note-work.ts';

export interface Explanation {
  /** `null` if the caller may not use ids of contacts. */
  readonly contact_id: string | null;
  readonly other_ids: readonly string[];
  /** RFC 3339: the time that rules saw as `now`. */
  readonly now: string;
  readonly identities: readonly ExplainedIdentityView[];
  /** What joined and parted the contact, the newest first. */
  readonly joins: readonly JoinView[];
  /** Whether these are all. */
  readonly joins_complete: boolean;
  readonly fields: readonly ExplainedField[];
  readonly segments: readonly ExplainedSegment[];
  /** Flows that follow a segment. */
  readonly flows: readonly ExplainedFlow[];
  /** `null`: not asked for. */
  readonly token: ExplainedToken | null;
}

export interface ExplainRequest {
  readonly identity: IdentityKey;
  /** The identity type as the caller named it. */
  readonly identityType: string;
  /** A reference to the token whose answer is explained, too. */
  readonly token: string | null;
}

export interface ExplainStore {
  readonly reader: ContactReader;
  readonly datasetAges: DatasetAges;
}

/**
 * Notes the act in the audit log. Rules name fields, so a token needs sight of all fields.
 * @throws UsherError `contact_not_found`, `scope_missing`; for the token `resource_not_found` and
 *   `token_ambiguous`
 */
export async function explainEverything(
  caller: ContactCaller,
  { reader, datasetAges }: ExplainStore,
  { identity, identityType, token: reference }: ExplainRequest,
): Promise<Explanation> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  const { administration, organization } = caller;
  requireWholeSight(administration.actor);
  const token = reference === null ? null : await findToken(caller, reference);
  await noteShown(caller, { action: 'contact.explain', tokenId: token?.id });
  const nowMs = administration.clock();
  const question = { identity, nowMs, datasetAges };
  const organizationId = organization.organization.id;
  const read = await readExplained(caller, reader, question);
  const contact =
    read && (await reader.explainContact(organizationId, identity, organization.identityRules));
  const way = 'explain';
  const sees = valueSightOf(administration.actor, organization);
  const hidden = new Set([...organization.fields.values()].filter((it) => !sees(it)).map(nameOf));
  const fields = [...organization.fields.keys()].filter((name) => !hidden.has(name));
  if (read === undefined || contact === undefined) {
    noteLook(caller, { subject: identity, way, outcome: 'contact_not_found', fields });
    throw refusedJoin('contact_not_found');
  }
  noteLook(caller, { subject: contactSubject(contact.contactId), way, fields });
  const { stored, values, builtIn, asOfMs, segments, flows } = read;
  const { contact_id, other_ids, identities } = viewIdentities(caller, contact);
  const hiddenRows = await readHiddenRows(reader, organizationId, ownRows(contact));
  const sources = { values: new Map(values), builtIn, stored, hiddenRows, asOfMs, nowMs };
  const explanation = {
    ...{ contact_id, other_ids, now: new Date(nowMs).toISOString(), identities },
    ...(await explainJoins(caller, reader, contact)),
    fields: await explainFields(caller, sources),
    ...{ segments, flows },
    token:
      token === null
        ? null
        : await explainToken(reader, { ...question, organization, token, identityType }),
  };
  return hidden.size === 0 ? explanation : maskExplanation(explanation, (it) => hidden.has(it));
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

/** @throws UsherError `resource_not_found`, also for a token of another organization */
function findToken({ administration, organization }: ContactCaller, ref: string): Promise<Token> {
  const { id } = organization.organization;
  return readIn(administration, id, async (view) =>
    resolveToken(await view.listTokens(id), ref, administration.clock()),
  );
}

interface Question {
  readonly identity: IdentityKey;
  readonly nowMs: number;
  readonly datasetAges: DatasetAges;
}

/** Everything that is read and computed from the record itself, as of one commit. */
export async function readExplained(
  { administration, organization }: ContactCaller,
  reader: ContactReader,
  { identity, nowMs, datasetAges }: Question,
) {
  const organizationId = organization.organization.id;
  const compiled = compiledDefinitionsOf(organization);
  const reach = compiled.reach({
    segmentIds: compiled.segments.keys(),
    computedIds: compiled.computed.keys(),
    flowIds: compiled.flows.keys(),
  });
  const fields = storedFields(organization);
  const plan = {
    sections: planSections(fields, datasetsById(organization)),
    slotCount: fields.length,
  };
  const asOfMs = await datasetAges.ofPlan(organizationId, plan);
  const rules = { organization, compiled, names: ruleNamesOf(organization) };
  const { actor } = administration;
  const seesRule = ruleSightOf(actor, organization);
  const read = await reader.lendContact(
    {
      ...{ organizationId, identity },
      parts: { memberships: true, identities: reach.readsIdentities },
    },
    (contact) => {
      const found = judgeAges(contact.record, plan, { nowMs, asOfMs });
      const ages = new Map(fields.map(({ field }, slot) => [field.id, found[slot] as SectionAge]));
      const withheld = Uint8Array.from(compiled.inputs, ({ field }) =>
        Number(ages.get(field.id)?.verdict === 'withheld'),
      );
      return evaluateContact(contact, { compiled, reach, nowMs, withheld }, (evaluation) => {
        noteWork(organization, compiled, evaluation);
        const stored = copyStored(contact);
        const showsAll = actor.kind === 'operator';
        const valued = { ...rules, evaluation, stored, ages, showsAll };
        const values = explainValues(valued);
        const explainMembership = membershipExplainer({ ...rules, stored });
        const context = { ...rules, evaluation, values, explainMembership, seesRule };
        return {
          contactId: contactIdText(contact.record.bytes),
          ...{ stored, values: [...values], builtIn: explainBuiltIn(valued) },
          segments: explainSegments(context),
          flows: explainFlows({ ...context, lists: sightOf(actor) }),
        };
      });
    },
  );
  const ofDatasets = plan.sections.map(({ datasetId }, place) => [datasetId, asOfMs[place]]);
  return read && { ...read, asOfMs: new Map(ofDatasets as [number, number | undefined][]) };
}

async function explainJoins(
  { administration, organization }: ContactCaller,
  reader: ContactReader,
  { identities }: ExplainedContact,
): Promise<Pick<Explanation, 'joins' | 'joins_complete'>> {
  const own = identities.filter((one) => one.leadsHere);
  const search = { own, limit: searchedJoins };
  const found = await findOwnJoins(reader, organization.organization.id, search);
  const joins = found.joins.slice(0, shownJoins);
  const lists = sightOf(administration.actor);
  return {
    joins: await viewJoins(reader, organization, { joins, lists }),
    joins_complete: found.isComplete && joins.length === found.joins.length,
  };
}
