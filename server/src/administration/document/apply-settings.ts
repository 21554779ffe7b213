/**
 * Applies the parts of a catalog document that are not datasets: organization settings, identity
 * types, and content flags of built-in fields.
 */
import type { CatalogChange, OrganizationRecord } from '../../catalog/catalog.ts';
import { builtInFields, isBuiltInFieldName } from '../../domain/contact/field.ts';
import {
  type IdentityType,
  isBuiltInType,
  isIdentityTypeName,
  type Normalisation,
} from '../../domain/contact/identity-type.ts';
import type { ChangeRecord } from '../administration.ts';
import type { DefinitionAuthor } from '../dataset/define-dataset.ts';
import { builtInLoss, type FieldLoss } from '../field-uses.ts';
import { viewBuiltInField } from '../field-view.ts';
import {
  addableNormalisations,
  addIdentityType,
  changeBlocked,
  checkBlocked,
  usesOfType,
  viewIdentityType,
} from '../identity-types.ts';
import { maxBlockedLength, maxBlockedValues } from '../limits.ts';
import { checkOrganizationSettings, viewOrganization } from '../organization-settings.ts';
import { identityTypeMembers, organizationMembers } from './catalog-document.ts';
import { type DocumentReader, givenMembers } from './document-reader.ts';

/** Each step adds its audit records to `audit`, and fields that it turned off to `losses`. */
export interface ApplyStep extends DefinitionAuthor {
  readonly change: CatalogChange;
  readonly organization: OrganizationRecord;
  /** The whole document. */
  readonly place: DocumentReader;
  readonly audit: ChangeRecord[];
  readonly losses: FieldLoss[];
}

/** Settings that are not given stay. */
export async function applyOrganization(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const at = place.member('organization');
  if (at.isAbsent || !at.takes(organizationMembers)) return;
  const text = (name: string) => at.member(name).text(100);
  const status = at.member('unknown_contact_status');
  const settings = givenMembers({
    currency: text('currency'),
    locale: text('locale'),
    timeZone: text('time_zone'),
    unknownContactStatus: status.isAbsent ? undefined : Number(status.value),
  });
  const problems = place.problems.below('/organization');
  const checked = checkOrganizationSettings(organization, settings, problems);
  const wanted = { ...organization, ...checked };
  const [before, after] = [viewOrganization(organization), viewOrganization(wanted)];
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  await change.updateOrganization(wanted);
  step.audit.push({ action: 'organization.update', target: organization.name, before, after });
}

/** A known type keeps its normalisation, because contacts are found by the normalised values. */
export async function applyIdentityTypes(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const known = await change.listIdentityTypes(organization.id);
  for (const [name, at] of place.member('identity_types').entries('names with normalisations')) {
    const there = known.find((type) => type.name === name);
    const normalisation = readNormalisation(at, there);
    if (normalisation === undefined) continue;
    if (there === undefined && !isIdentityTypeName(name)) {
      at.fail('A name has 1 to 64 characters of a-z, 0-9, - and _, and starts with a letter.');
      continue;
    }
    if (there === undefined) {
      step.audit.push(await addIdentityType(change, organization.id, { name, normalisation }));
    }
    await applyBlocked(step, name, at);
  }
}

/** `undefined`: a fault was noted. */
function readNormalisation(
  at: DocumentReader,
  there: IdentityType | undefined,
): Normalisation | undefined {
  const hasMembers = typeof at.value === 'object' && at.value !== null;
  if (hasMembers && !at.takes(identityTypeMembers)) return undefined;
  const word = hasMembers ? at.member('normalisation') : at;
  if (there !== undefined && isBuiltInType(there)) {
    return word.isAbsent && hasMembers
      ? there.normalisation
      : word.fail('This identity type is built in: give only its blocked values.');
  }
  const count = at.problems.count;
  const normalisation = word.word(addableNormalisations) ?? 'exact';
  if (at.problems.count > count) return undefined;
  if (there === undefined || there.normalisation === normalisation) return normalisation;
  return word.fail(
    `The normalisation is ${there.normalisation} and cannot change, because contacts are found by it.`,
  );
}

const quotedText = 'Give a string: write the value in quotes.';

/** A type whose blocked values are not given keeps them. */
async function applyBlocked(step: ApplyStep, name: string, at: DocumentReader): Promise<void> {
  const { change, organization } = step;
  const type = (await change.listIdentityTypes(organization.id)).find((has) => has.name === name);
  if (type === undefined) return;
  const list = at.member('blocked');
  if (list.isAbsent) return;
  const texts = list
    .elements('values', maxBlockedValues)
    .map((one) =>
      typeof one.value === 'string' ? one.text(maxBlockedLength) : one.fail(quotedText),
    );
  const count = at.problems.count;
  const given = texts.filter((value) => value !== undefined);
  const blocked = checkBlocked(type, given, at.problems.below(list.path));
  if (at.problems.count > count || given.length < texts.length) return;
  step.audit.push(...(await changeBlocked(change, organization.id, { type, blocked })));
}

/** Runs after the datasets. A type that a dataset uses stays, and is reported. */
export async function pruneIdentityTypes(step: ApplyStep): Promise<void> {
  const { change, organization, place, atMs } = step;
  const organizationId = organization.id;
  const at = place.member('identity_types');
  const named = new Set(at.entries('names with normalisations').map(([name]) => name));
  for (const type of await change.listIdentityTypes(organizationId)) {
    const { name } = type;
    if (named.has(name) || isBuiltInType(type)) continue;
    const uses = await usesOfType(change, organizationId, { name, nowMs: atMs });
    if (uses.length > 0) {
      at.fail(`The identity type ${name} is in use: ${uses.join(', ')}.`);
      continue;
    }
    await change.deleteIdentityType(organizationId, type);
    const before = viewIdentityType(type);
    step.audit.push({ action: 'identity_type.delete', target: name, before, after: null });
  }
}

export async function applyBuiltInContent(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const flags = await change.readBuiltInContent(organization.id);
  const at = place.member('built_in_content');
  if (at.isAbsent || !at.takes(builtInFields.map(({ name }) => name))) return;
  for (const [name, flag] of at.entries('names of built-in fields')) {
    const content = flag.flag();
    const known = flags.get(name) === true;
    if (!isBuiltInFieldName(name) || content === undefined || content === known) continue;
    await change.setBuiltInContent(organization.id, name, content);
    if (!content) step.losses.push(builtInLoss(name));
    const [before, after] = [viewBuiltInField(name, known), viewBuiltInField(name, content)];
    step.audit.push({ action: 'field.update', target: name, before, after });
  }
}
