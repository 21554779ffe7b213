/** Lists the identity types of an organization, and adds and removes its own. */
import type { CatalogChange, CatalogView } from '../catalog/catalog.ts';
import {
  type IdentityType,
  isBuiltInType,
  isIdentityTypeName,
  type Normalisation,
} from '../domain/contact/identity-type.ts';
import { UsherError } from '../domain/errors.ts';
import { maxIdentityTypesPerOrganization } from '../domain/limits.ts';
import { isLive } from '../domain/token/token.ts';
import { seesIdentityType } from '../domain/token/token-sight.ts';
import {
  type Administration,
  type ChangeRecord,
  changeIn,
  type Removal,
  readIn,
  requirePrecondition,
} from './administration.ts';
import { DefinitionProblems } from './dataset/definition-problems.ts';
import { checkWord } from './field-settings.ts';
import { usesOfUnit } from './flow/unit-uses.ts';
import { sightOf } from './token/actor-sight.ts';

export interface IdentityTypeView {
  readonly name: string;
  readonly normalisation: Normalisation;
  readonly built_in: boolean;
  /** The settings. Types of contact ids have none of these four. */
  readonly joins?: boolean;
  readonly stable?: boolean;
  readonly max_per_contact?: number;
  readonly shared_limit?: number;
  /** Values that identify nobody (`domain/contact/blocked-value.ts`). */
  readonly blocked: readonly string[];
}

export interface IdentityTypeRequest {
  readonly name: string;
  /** `exact` if missing. */
  readonly normalisation?: string;
}

export type NewIdentityType = Pick<IdentityType, 'name' | 'normalisation'>;

/** What an added type may have. The other normalisations belong to built-in types only. */
export const addableNormalisations = ['exact', 'phone', 'email'] as const;

/** The identity types that the actor may see: built-in ones first, then in order of creation. */
export async function listIdentityTypes(
  administration: Administration,
  organizationId: number,
): Promise<readonly IdentityTypeView[]> {
  const sight = sightOf(administration.actor);
  return readIn(administration, organizationId, async (view) => {
    const all = await view.listIdentityTypes(organizationId);
    return all.filter(({ name }) => seesIdentityType(sight, name)).map(viewIdentityType);
  });
}

/** @throws UsherError `definition_invalid`, `name_taken`, `scope_missing`, `resource_not_found` */
export async function createIdentityType(
  administration: Administration,
  organizationId: number,
  request: IdentityTypeRequest,
): Promise<IdentityTypeView> {
  return changeIn(administration, organizationId, async (change) => {
    const wanted = checkRequest(request);
    const all = await change.listIdentityTypes(organizationId);
    if (all.some((type) => type.name === wanted.name)) {
      throw new UsherError('name_taken', `The identity type ${wanted.name} already exists.`);
    }
    const made = await addIdentityType(change, organizationId, wanted);
    return { result: viewIdentityType(made.type), audit: [made.record] };
  });
}

/**
 * Adds a type, whose name must be free.
 * @returns the type, and the entry for the audit log
 * @throws UsherError `definition_invalid` when the organization has too many
 */
export async function addIdentityType(
  change: CatalogChange,
  organizationId: number,
  wanted: NewIdentityType,
): Promise<{ readonly type: IdentityType; readonly record: ChangeRecord }> {
  const problems = new DefinitionProblems();
  const hasRoom =
    (await change.listIdentityTypes(organizationId)).length < maxIdentityTypesPerOrganization;
  const detail = `An organization has at most ${maxIdentityTypesPerOrganization} identity types. Delete one that is not in use.`;
  problems.check(hasRoom, '', detail);
  problems.throwIfAny();
  const type = await change.insertIdentityType(organizationId, wanted);
  const audited = { target: type.name, before: null, after: auditedType(type) };
  return { type, record: { action: 'identity_type.create', ...audited } };
}

/**
 * Removes an added type that no dataset and no token uses. Contacts keep their identities of that
 * type, but these no longer find the contacts.
 * @throws UsherError `definition_invalid` for a built-in type or one in use, `resource_not_found`,
 *   `scope_missing`
 */
export async function deleteIdentityType(
  administration: Administration,
  organizationId: number,
  { reference: name, precondition }: Removal<IdentityTypeView>,
): Promise<void> {
  return changeIn(administration, organizationId, async (change, _, nowMs) => {
    const problems = new DefinitionProblems();
    const type = await requireIdentityType(change, { organizationId, administration }, name);
    requirePrecondition(precondition, viewIdentityType(type));
    problems.check(!isBuiltInType(type), '/name', `The identity type ${name} is built in.`);
    for (const use of await usesOfType(change, organizationId, { ...type, nowMs })) {
      problems.add('/name', `The identity type is in use: ${use}.`);
    }
    problems.throwIfAny();
    await change.deleteIdentityType(organizationId, type);
    const before = auditedType(type);
    const record = { action: 'identity_type.delete', target: name, before, after: null };
    return { result: undefined, audit: [record] };
  });
}

/** A type that the actor may not see does not exist for it. */
export async function requireIdentityType(
  view: CatalogView,
  {
    organizationId,
    administration,
  }: { readonly organizationId: number; readonly administration: Administration },
  name: string,
): Promise<IdentityType> {
  const type = (await view.listIdentityTypes(organizationId)).find((has) => has.name === name);
  const isSeen = seesIdentityType(sightOf(administration.actor), name);
  if (type !== undefined && isSeen) return type;
  throw new UsherError(
    'resource_not_found',
    `There is no identity type ${name}. To list them: usher identity-type list`,
  );
}

function checkRequest(request: IdentityTypeRequest): NewIdentityType {
  const problems = new DefinitionProblems();
  const { name, normalisation: asked = 'exact' } = request;
  const detail = 'A name has 1 to 64 characters of a-z, 0-9, - and _, and starts with a letter.';
  problems.check(isIdentityTypeName(name), '/name', detail);
  const at = problems.below('/normalisation');
  const normalisation = checkWord(asked, addableNormalisations, at) ?? 'exact';
  problems.throwIfAny();
  return { name, normalisation };
}

export async function usesOfType(
  view: CatalogView,
  organizationId: number,
  type: { readonly id: number; readonly name: string; readonly nowMs: number },
): Promise<readonly string[]> {
  const datasets = await view.listDatasets(organizationId);
  const tokens = await view.listTokens(organizationId);
  const { id, name, nowMs } = type;
  return [
    ...datasets
      .filter((has) => has.definition?.identifiers.some((is) => is.identityType === name))
      .map((dataset) => `dataset ${dataset.name}`),
    ...tokens
      .filter((token) => isLive(token, nowMs) && token.identityTypes?.includes(name))
      .map((token) => `token ${token.id}`),
    ...(await usesOfUnit(view, organizationId, id)),
  ];
}

/** The type in an entry of the audit log, which says how many values are blocked: never which. */
export function auditedType(type: IdentityType) {
  return { ...viewIdentityType(type), blocked: type.blocked.length };
}

export function viewIdentityType(type: IdentityType): IdentityTypeView {
  return {
    name: type.name,
    normalisation: type.normalisation,
    built_in: isBuiltInType(type),
    ...(type.normalisation !== 'contact-id' && {
      joins: type.joins,
      stable: type.isStable,
      max_per_contact: type.maxPerContact,
      shared_limit: type.sharedLimit,
    }),
    blocked: type.blocked,
  };
}
