/**
 * Applies the parts of a catalog document that are not datasets: organization settings, identity
 * types, and content flags of built-in fields.
 */
import type { AuditRecord, CatalogChange, OrganizationRecord } from '../../catalog/catalog.ts';
import { builtInFields, isBuiltInFieldName } from '../../domain/contact/field.ts';
import { builtInIdentityTypes, isIdentityTypeName } from '../../domain/contact/identity-type.ts';
import type { Administration } from '../administration.ts';
import { builtInLoss, type FieldLoss } from '../field-uses.ts';
import { viewBuiltInField } from '../field-view.ts';
import {
  addableNormalisations,
  requireRoomForType,
  usesOfType,
  viewIdentityType,
} from '../identity-types.ts';
import { checkOrganizationSettings } from '../organization-settings.ts';
import { viewOrganization } from '../organization-view.ts';
import { organizationMembers } from './catalog-document.ts';
import type { DocumentReader } from './document-reader.ts';

export interface ApplyStep {
  readonly change: CatalogChange;
  readonly organization: OrganizationRecord;
  /** The whole document. */
  readonly place: DocumentReader;
  readonly administration: Administration;
  readonly atMs: number;
}

/** Settings that are not given stay. */
export async function applyOrganization({
  change,
  organization,
  place,
}: ApplyStep): Promise<readonly AuditRecord[]> {
  const at = place.member('organization');
  if (at.isAbsent || !at.takes(organizationMembers)) return [];
  const text = (name: string) => at.member(name).text(100);
  const status = at.member('unknown_contact_status');
  const given = {
    currency: text('currency'),
    locale: text('locale'),
    timeZone: text('time_zone'),
    unknownContactStatus: status.isAbsent ? undefined : Number(status.value),
  };
  const settings = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const checked = checkOrganizationSettings(
    organization,
    settings,
    place.problems.below('/organization'),
  );
  const wanted = { ...organization, ...checked };
  const [before, after] = [viewOrganization(organization), viewOrganization(wanted)];
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  await change.updateOrganization(wanted);
  const { id: organizationId, name: target } = organization;
  return [{ organizationId, action: 'organization.update', target, before, after }];
}

/** A known type keeps its normalisation, because contacts are found by the normalised values. */
export async function applyIdentityTypes({
  change,
  organization,
  place,
}: ApplyStep): Promise<readonly AuditRecord[]> {
  const organizationId = organization.id;
  const known = await change.listIdentityTypes(organizationId);
  const audit: AuditRecord[] = [];
  for (const [name, at] of place.member('identity_types').entries('names with normalisations')) {
    const normalisation = at.word(addableNormalisations) ?? 'exact';
    const there = known.find((type) => type.name === name);
    if (there !== undefined) {
      if (there.normalisation !== normalisation) {
        at.fail(
          `It is ${there.normalisation} and cannot change, because contacts are found by it.`,
        );
      }
      continue;
    }
    if (builtInIdentityTypes.some((type) => type.name === name)) {
      at.fail('This identity type is built in.');
      continue;
    }
    if (!isIdentityTypeName(name)) {
      at.fail('A name has 1 to 64 characters of a-z, 0-9, - and _, and starts with a letter.');
      continue;
    }
    requireRoomForType((await change.listIdentityTypes(organizationId)).length);
    const type = await change.insertIdentityType(organizationId, { name, normalisation });
    const after = viewIdentityType(type);
    audit.push({
      organizationId,
      action: 'identity_type.create',
      target: name,
      before: null,
      after,
    });
  }
  return audit;
}

/** Runs after the datasets. A type that a dataset uses stays, and is reported. */
export async function pruneIdentityTypes({
  change,
  organization,
  place,
  atMs,
}: ApplyStep): Promise<readonly AuditRecord[]> {
  const organizationId = organization.id;
  const at = place.member('identity_types');
  const named = new Set(at.entries('names with normalisations').map(([name]) => name));
  const audit: AuditRecord[] = [];
  for (const type of await change.listIdentityTypes(organizationId)) {
    const { name } = type;
    if (named.has(name)) continue;
    const uses = await usesOfType(change, organizationId, { name, nowMs: atMs });
    if (uses.length > 0) {
      at.fail(`The identity type ${name} is in use: ${uses.join(', ')}.`);
      continue;
    }
    await change.deleteIdentityType(organizationId, name);
    const before = viewIdentityType(type);
    audit.push({
      organizationId,
      action: 'identity_type.delete',
      target: name,
      before,
      after: null,
    });
  }
  return audit;
}

export async function applyBuiltInContent({ change, organization, place }: ApplyStep): Promise<{
  readonly audit: readonly AuditRecord[];
  readonly losses: readonly FieldLoss[];
}> {
  const organizationId = organization.id;
  const flags = await change.readBuiltInContent(organizationId);
  const at = place.member('built_in_content');
  const audit: AuditRecord[] = [];
  const losses: FieldLoss[] = [];
  if (at.isAbsent || !at.takes(builtInFields.map(({ name }) => name))) return { audit, losses };
  for (const [name, flag] of at.entries('names of built-in fields')) {
    const content = flag.flag();
    const known = flags.get(name) === true;
    if (!isBuiltInFieldName(name) || content === undefined || content === known) continue;
    await change.setBuiltInContent(organizationId, name, content);
    if (!content) losses.push(builtInLoss(name));
    const [before, after] = [viewBuiltInField(name, known), viewBuiltInField(name, content)];
    audit.push({ organizationId, action: 'field.update', target: name, before, after });
  }
  return { audit, losses };
}
