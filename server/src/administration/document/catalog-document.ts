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
  usualBlocked,
} from '../../domain/contact/identity-type.ts';
import { type Document, viewDatasetDocument } from '../dataset/dataset-view.ts';

/** The version of the document's format. */
export const catalogDocumentVersion = 1;

export const catalogMembers = [
  ...['version', 'organization', 'identity_types', 'built_in_content', 'datasets'],
] as const;

/** The members of an entry of `identity_types`, if the entry is an object. */
export const identityTypeMembers = ['normalisation', 'blocked'];

export const organizationMembers = [
  ...['currency', 'locale', 'time_zone', 'unknown_contact_status'],
] as const;

export async function viewCatalog(
  view: CatalogView,
  organization: OrganizationRecord,
): Promise<Document> {
  const { id, currency, locale, timeZone, unknownContactStatus } = organization;
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
    },
    ...(types.length > 0 && {
      identity_types: Object.fromEntries(types.map((type) => [type.name, viewIdentityType(type)])),
    }),
    ...(unusual.length > 0 && {
      built_in_content: Object.fromEntries(unusual.map(({ name, content }) => [name, !content])),
    }),
    ...(datasets.length > 0 && { datasets: Object.fromEntries(datasets) }),
  };
}

/**
 * Whether the document names the type: it is an added one, or a built-in one that blocks other
 * values than usual.
 */
function isWorthNaming(type: IdentityType): boolean {
  return !isBuiltInType(type) || !blocksUsual(type);
}

function blocksUsual({ id, normalisation, blocked }: IdentityType): boolean {
  return id === 0 || normalisation === 'email-hash' || isDeepStrictEqual(blocked, usualBlocked);
}

function viewIdentityType(type: IdentityType): unknown {
  const { normalisation, blocked } = type;
  if (blocksUsual(type)) return normalisation;
  return isBuiltInType(type) ? { blocked } : { normalisation, blocked };
}
