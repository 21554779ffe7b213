/** The identity types that an organization adds to the built-in ones. */
import type { CatalogChange, CatalogView } from '../catalog/catalog.ts';
import {
  builtInIdentityTypes,
  type IdentityType,
  isIdentityTypeName,
  type Normalisation,
} from '../domain/contact/identity-type.ts';
import { UsherError } from '../domain/errors.ts';
import { isLive } from '../domain/token/token.ts';
import { seesIdentityType } from '../domain/token/token-sight.ts';
import { type Administration, type ChangeRecord, changeIn, readIn } from './administration.ts';
import { DefinitionProblems } from './dataset/definition-problems.ts';
import { checkWord } from './field-settings.ts';
import { maxIdentityTypesPerOrganization } from './limits.ts';
import { sightOf } from './token/actor-sight.ts';

export interface IdentityTypeView {
  readonly name: string;
  readonly normalisation: Normalisation;
  readonly built_in: boolean;
}

export interface IdentityTypeRequest {
  readonly name: string;
  /** `exact` if missing. */
  readonly normalisation?: string;
}

/** What an added type may have. The other normalisations belong to built-in types only. */
export const addableNormalisations = ['exact', 'phone', 'email'] as const;

/** The identity types that the actor may see: built-in ones first, then in order of creation. */
export async function listIdentityTypes(
  administration: Administration,
  organizationId: number,
): Promise<readonly IdentityTypeView[]> {
  const sight = sightOf(administration.actor);
  return readIn(administration, organizationId, async (view) => {
    const all = await allIdentityTypes(view, organizationId);
    return all.filter(({ name }) => seesIdentityType(sight, name)).map(viewIdentityType);
  });
}

/** Built-in ones first, then in order of creation. */
export async function allIdentityTypes(
  view: CatalogView,
  organizationId: number,
): Promise<readonly IdentityType[]> {
  return [...builtInIdentityTypes, ...(await view.listIdentityTypes(organizationId))];
}

/** @throws UsherError `definition_invalid`, `name_taken`, `scope_missing`, `resource_not_found` */
export async function createIdentityType(
  administration: Administration,
  organizationId: number,
  request: IdentityTypeRequest,
): Promise<IdentityTypeView> {
  return changeIn(administration, organizationId, async (change) => {
    const wanted = checkRequest(request);
    const all = await allIdentityTypes(change, organizationId);
    if (all.some((type) => type.name === wanted.name)) {
      throw new UsherError('name_taken', `The identity type ${wanted.name} already exists.`);
    }
    const made = await addIdentityType(change, organizationId, wanted);
    return { result: made.after, audit: [made] };
  });
}

/**
 * Adds a type, whose name must be free.
 * @returns the entry for the audit log
 * @throws UsherError `definition_invalid` when the organization has too many
 */
export async function addIdentityType(
  change: CatalogChange,
  organizationId: number,
  wanted: Omit<IdentityType, 'id'>,
): Promise<ChangeRecord & { readonly after: IdentityTypeView }> {
  const problems = new DefinitionProblems();
  const hasRoom =
    (await allIdentityTypes(change, organizationId)).length < maxIdentityTypesPerOrganization;
  const detail = `An organization has at most ${maxIdentityTypesPerOrganization} identity types. Delete one that is not in use.`;
  problems.check(hasRoom, '', detail);
  problems.throwIfAny();
  const after = viewIdentityType(await change.insertIdentityType(organizationId, wanted));
  return { action: 'identity_type.create', target: after.name, before: null, after };
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
  name: string,
): Promise<void> {
  return changeIn(administration, organizationId, async (change, _, nowMs) => {
    const problems = new DefinitionProblems();
    const isBuiltIn = builtInIdentityTypes.some((type) => type.name === name);
    problems.check(
      !isBuiltIn,
      '/name',
      `The identity type ${name} is built in and cannot be removed.`,
    );
    const type = (await change.listIdentityTypes(organizationId)).find((has) => has.name === name);
    if (!isBuiltIn && type === undefined) {
      throw new UsherError(
        'resource_not_found',
        `There is no identity type ${name}. To list them: usher identity-type list`,
      );
    }
    for (const use of await usesOfType(change, organizationId, { name, nowMs })) {
      problems.add('/name', `The identity type is in use: ${use}.`);
    }
    problems.throwIfAny();
    await change.deleteIdentityType(organizationId, name);
    const before = type === undefined ? null : viewIdentityType(type);
    const record = { action: 'identity_type.delete', target: name, before, after: null };
    return { result: undefined, audit: [record] };
  });
}

function checkRequest(request: IdentityTypeRequest): Omit<IdentityType, 'id'> {
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
  type: { readonly name: string; readonly nowMs: number },
): Promise<readonly string[]> {
  const datasets = await view.listDatasets(organizationId);
  const tokens = await view.listTokens(organizationId);
  const { name, nowMs } = type;
  return [
    ...datasets
      .filter((has) => has.definition?.identifiers.some((is) => is.identityType === name))
      .map((dataset) => `dataset ${dataset.name}`),
    ...tokens
      .filter((token) => isLive(token, nowMs) && token.identityTypes?.includes(name))
      .map((token) => `token ${token.id}`),
  ];
}

export function viewIdentityType(type: IdentityType): IdentityTypeView {
  return {
    name: type.name,
    normalisation: type.normalisation,
    built_in: builtInIdentityTypes.some((builtIn) => builtIn.name === type.name),
  };
}
