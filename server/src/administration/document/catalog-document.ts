/**
 * All definitions of an organization as one document, the catalog file. It leaves defaults out, and
 * its members always have the same order. Tokens, the rate limit and runs are not definitions.
 */

import { isDeepStrictEqual } from 'node:util';
import type { CatalogView, OrganizationRecord } from '../../catalog/catalog.ts';
import { builtInFields } from '../../domain/contact/field.ts';
import {
  type IdentityType,
  isBuiltInType,
  usualSettings,
} from '../../domain/contact/identity-type.ts';
import { type Document, viewDatasetDocument } from '../dataset/dataset-view.ts';
import { viewFlowDocument, viewGroupDocument, viewHoldout } from '../flow/flow-view.ts';
import { noHoldout } from '../flow/global-holdout.ts';
import { viewOrganization } from '../organization-settings.ts';
import { viewComputedField } from '../rule/computed-field-view.ts';
import { readRuleBook } from '../rule/rule-book.ts';
import { viewSegment, viewSegmentDocument } from '../rule/segment-view.ts';

/** The version of the document's format. */
export const catalogDocumentVersion = 1;

export const catalogMembers = [
  ...['version', 'organization', 'identity_types', 'built_in_content', 'datasets'],
  ...['computed_fields', 'segments', 'flows', 'exclusion_groups', 'global_holdout'],
] as const;

/** The members of an entry of `identity_types`, if the entry is an object. */
export const identityTypeMembers = [
  ...['normalisation', 'joins', 'stable', 'max_per_contact', 'shared_limit', 'blocked'],
];

export const organizationMembers = [
  ...['currency', 'locale', 'time_zone', 'unknown_contact_status', 'trust'],
] as const;

export async function viewCatalog(
  view: CatalogView,
  organization: OrganizationRecord,
): Promise<Document> {
  const { id, currency, locale, timeZone, unknownContactStatus } = organization;
  const { trust } = viewOrganization(organization, await view.listDatasets(id));
  const types = (await view.listIdentityTypes(id)).filter(isWorthNaming);
  const flags = await view.readBuiltInContent(id);
  const fields = await view.listFields(id);
  const datasets = (await view.listDatasets(id)).flatMap(({ id: datasetId, name, definition }) => {
    if (definition === null) return [];
    const own = fields.filter((field) => field.datasetId === datasetId);
    return [[name, viewDatasetDocument(definition, own)] as const];
  });
  const unusual = builtInFields.filter(({ name, content }) => flags.get(name) !== content);
  return {
    version: catalogDocumentVersion,
    organization: {
      currency,
      locale,
      time_zone: timeZone,
      unknown_contact_status: unknownContactStatus,
      ...(trust.length > 0 && { trust }),
    },
    ...(types.length > 0 && {
      identity_types: Object.fromEntries(types.map((type) => [type.name, viewIdentityType(type)])),
    }),
    ...(unusual.length > 0 && {
      built_in_content: Object.fromEntries(unusual.map(({ name, content }) => [name, !content])),
    }),
    ...(datasets.length > 0 && { datasets: Object.fromEntries(datasets) }),
    ...(await viewRules(view, id)),
  };
}

async function viewRules(view: CatalogView, organizationId: number): Promise<Document> {
  const book = await readRuleBook(view, organizationId);
  const { fields, segments, flows, groups, names } = book;
  const holdout = await view.readGlobalHoldout(organizationId);
  const shown = holdout === null ? null : viewHoldout(holdout, book);
  const computed = [...fields.values()].filter(({ rule }) => rule !== null);
  return {
    ...(computed.length > 0 && {
      computed_fields: Object.fromEntries(
        computed.map((field) => [field.name, viewComputedField(field, book)]),
      ),
    }),
    ...(segments.size > 0 && {
      segments: Object.fromEntries(
        [...segments.values()].map((segment) => {
          const shown = viewSegment(segment, names);
          return [shown.name, viewSegmentDocument(shown)];
        }),
      ),
    }),
    ...(flows.size > 0 && {
      flows: Object.fromEntries(
        [...flows.values()].map((flow) => [flow.name, viewFlowDocument(flow, book)]),
      ),
    }),
    ...(groups.size > 0 && {
      exclusion_groups: Object.fromEntries(
        [...groups.values()].map((group) => [group.name, viewGroupDocument(group, book)]),
      ),
    }),
    ...(shown !== null && !isDeepStrictEqual(shown, noHoldout) && { global_holdout: shown }),
  };
}

/** Whether the document names the type: it is an added one, or a built-in one with settings. */
function isWorthNaming(type: IdentityType): boolean {
  return !isBuiltInType(type) || Object.keys(unusualSettings(type)).length > 0;
}

function viewIdentityType(type: IdentityType): unknown {
  const { normalisation } = type;
  const settings = unusualSettings(type);
  if (isBuiltInType(type)) return settings;
  return Object.keys(settings).length === 0 ? normalisation : { normalisation, ...settings };
}

function unusualSettings(type: IdentityType): Document {
  const { normalisation, joins, isStable, maxPerContact, sharedLimit, blocked } = type;
  if (normalisation === 'contact-id' || normalisation === 'email-hash') return {};
  const usual = usualSettings;
  return {
    ...(joins !== usual.joins && { joins }),
    ...(isStable !== usual.isStable && { stable: isStable }),
    ...(maxPerContact !== usual.maxPerContact && { max_per_contact: maxPerContact }),
    ...(sharedLimit !== usual.sharedLimit && { shared_limit: sharedLimit }),
    ...(!isDeepStrictEqual(blocked, usual.blocked) && { blocked }),
  };
}
