/** The identity types that an organization adds to the built-in ones. */
import type { CatalogView } from '../catalog/catalog.ts';
import {
  builtInIdentityTypes,
  type IdentityType,
  isIdentityTypeName,
  type Normalisation,
} from '../domain/contact/identity-type.ts';
import { UsherError } from '../domain/errors.ts';
import { isLive } from '../domain/token/token.ts';
import { seesIdentityType } from '../domain/token/token-sight.ts';
import { type Administration, authorOf, openOrganization } from './administration.ts';
import { DefinitionProblems } from './dataset/definition-problems.ts';
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

/** The kinds that an added type may have. Other kinds share index entries with built-in types. */
export const addableNormalisations = ['exact', 'phone', 'email'] as const;

/** The identity types that the actor may see: built-in ones first, then in order of creation. */
export async function listIdentityTypes(
  administration: Administration,
  organizationId: number,
): Promise<readonly IdentityTypeView[]> {
  const { catalog, actor } = administration;
  return catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:read');
    const added = await view.listIdentityTypes(organizationId);
    const sight = sightOf(actor);
    return [...builtInIdentityTypes, ...added]
      .filter(({ name }) => seesIdentityType(sight, name))
      .map(viewIdentityType);
  });
}

/** @throws UsherError `definition_invalid`, `name_taken`, `scope_missing`, `resource_not_found` */
export async function createIdentityType(
  administration: Administration,
  organizationId: number,
  request: IdentityTypeRequest,
): Promise<IdentityTypeView> {
  const { catalog, actor } = administration;
  return catalog.change(authorOf(administration), async (change) => {
    await openOrganization(change, actor, organizationId, 'admin:write');
    const wanted = checkRequest(request);
    const added = await change.listIdentityTypes(organizationId);
    const all = [...builtInIdentityTypes, ...added];
    if (all.some((type) => type.name === wanted.name)) {
      throw new UsherError('name_taken', `The identity type ${wanted.name} already exists.`);
    }
    requireRoomForType(all.length);
    const after = viewIdentityType(await change.insertIdentityType(organizationId, wanted));
    const action = 'identity_type.create';
    return {
      result: after,
      audit: [{ organizationId, action, target: after.name, before: null, after }],
    };
  });
}

/**
 * Removes an added type that no dataset and no token names. Contacts keep their identities of that
 * type, but are no longer found by them.
 * @throws UsherError `definition_invalid` for a built-in type or one in use, `resource_not_found`,
 *   `scope_missing`
 */
export async function deleteIdentityType(
  administration: Administration,
  organizationId: number,
  name: string,
): Promise<void> {
  const { catalog, actor } = administration;
  const author = authorOf(administration);
  return catalog.change(author, async (change) => {
    await openOrganization(change, actor, organizationId, 'admin:write');
    const problems = new DefinitionProblems();
    const isBuiltIn = builtInIdentityTypes.some((type) => type.name === name);
    problems.check(!isBuiltIn, '/name', `The identity type ${name} is built in.`);
    const type = (await change.listIdentityTypes(organizationId)).find((has) => has.name === name);
    if (!isBuiltIn && type === undefined) {
      throw new UsherError(
        'resource_not_found',
        `There is no identity type ${name}. To list them: usher identity-type list`,
      );
    }
    for (const use of await usesOfType(change, organizationId, { name, nowMs: author.atMs })) {
      problems.add('/name', `It is in use: ${use}.`);
    }
    problems.throwIfAny();
    await change.deleteIdentityType(organizationId, name);
    const before = type === undefined ? null : viewIdentityType(type);
    const action = 'identity_type.delete';
    return {
      result: undefined,
      audit: [{ organizationId, action, target: name, before, after: null }],
    };
  });
}

/** @throws UsherError `definition_invalid` */
export function requireRoomForType(count: number): void {
  const problems = new DefinitionProblems();
  problems.check(
    count < maxIdentityTypesPerOrganization,
    '',
    `An organization has at most ${maxIdentityTypesPerOrganization} identity types. Delete one that is not in use.`,
  );
  problems.throwIfAny();
}

function checkRequest(request: IdentityTypeRequest): Omit<IdentityType, 'id'> {
  const problems = new DefinitionProblems();
  problems.check(
    isIdentityTypeName(request.name),
    '/name',
    'A name has 1 to 64 characters of a-z, 0-9, - and _, and starts with a letter.',
  );
  const asked = request.normalisation ?? 'exact';
  const normalisation = addableNormalisations.find((known) => known === asked);
  problems.check(
    normalisation !== undefined,
    '/normalisation',
    `Give one of ${addableNormalisations.join(', ')}.`,
  );
  problems.throwIfAny();
  return { name: request.name, normalisation: normalisation ?? 'exact' };
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
