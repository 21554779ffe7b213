/** Identity types that a plan needs and that do not exist yet. */
import {
  type IdentityType,
  isIdentityTypeName,
  usualSettings,
} from '../../domain/contact/identity-type.ts';
import { maxIdentityTypesPerOrganization } from '../../domain/limits.ts';

/** The id of an identity type until it is made. Further ones of the same plan count down. */
const firstId = 65_535;

const normalisations = ['exact', 'phone', 'email'] as const;

export function isNewType({ id }: Pick<IdentityType, 'id'>): boolean {
  return id > firstId - maxIdentityTypesPerOrganization;
}

/**
 * @param text `name`, which is exact, or `name:normalisation`
 * @param known the identity types that exist, and those that the plan makes already
 * @returns `undefined` if there can be no such type
 */
export function newIdentityType(
  text: string,
  known: readonly IdentityType[],
): IdentityType | undefined {
  const [name = '', wanted = 'exact', ...others] = text.split(':');
  const normalisation = normalisations.find((one) => one === wanted);
  const isPossible = isIdentityTypeName(name) && others.length === 0;
  if (!isPossible || normalisation === undefined) return undefined;
  if (known.length >= maxIdentityTypesPerOrganization) return undefined;
  const id = firstId - known.filter(isNewType).length;
  return { id, name, normalisation, ...usualSettings };
}
