/**
 * Changes what an organization sets for its identity types: how they join contacts, how many values
 * a contact may have, and which values identify nobody.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogChange } from '../catalog/catalog.ts';
import { blockedForm } from '../domain/contact/blocked-value.ts';
import {
  type IdentitySettings,
  type IdentityType,
  settingsOf,
  withSettings,
} from '../domain/contact/identity-type.ts';
import { isPlainText, plainTextForm } from '../domain/text-characters.ts';
import { seesIdentityType, type TokenLists } from '../domain/token/token-sight.ts';
import {
  type Administration,
  type ChangeRecord,
  changeIn,
  type Precondition,
  requirePrecondition,
} from './administration.ts';
import { DefinitionProblems } from './dataset/definition-problems.ts';
import { readIncrementalAnew } from './dataset/read-incremental-anew.ts';
import {
  auditedType,
  type IdentityTypeView,
  requireIdentityType,
  viewIdentityType,
} from './identity-types.ts';
import {
  maxBlockedLength,
  maxBlockedValues,
  maxPerContactRange,
  sharedLimitRange,
} from './limits.ts';
import { sightOf } from './token/actor-sight.ts';

/** Settings that are not given stay. */
export type IdentitySettingsChange = Partial<IdentitySettings>;

/**
 * Changes only the given settings of a type. If the change decides which values identify a row, the
 * next run of each dataset that uses the type reads all rows.
 * @throws UsherError `definition_invalid`, also for a second stable type; `resource_not_found`,
 *   `scope_missing`, `precondition_failed`
 */
export async function updateIdentityType(
  administration: Administration,
  organizationId: number,
  update: {
    readonly name: string;
    readonly settings: IdentitySettingsChange;
    readonly precondition?: Precondition<IdentityTypeView>;
  },
): Promise<IdentityTypeView> {
  return changeIn(administration, organizationId, async (change) => {
    const type = await requireIdentityType(change, { organizationId, administration }, update.name);
    requirePrecondition(update.precondition, viewIdentityType(type));
    const problems = new DefinitionProblems();
    const settings = checkIdentitySettings(type, update.settings, problems);
    if (settings.isStable && !type.isStable && problems.count === 0) {
      const types = await change.listIdentityTypes(organizationId);
      checkOneStable(types, { type, sight: sightOf(administration.actor) }, problems);
    }
    problems.throwIfAny();
    const audit = await changeIdentitySettings(change, organizationId, { type, settings });
    return { result: viewIdentityType(withSettings(type, settings)), audit };
  });
}

/** @returns the entries for the audit log: none if the type has these settings already */
export async function changeIdentitySettings(
  change: CatalogChange,
  organizationId: number,
  { type, settings }: { readonly type: IdentityType; readonly settings: IdentitySettings },
): Promise<readonly ChangeRecord[]> {
  if (isDeepStrictEqual(settingsOf(type), settings)) return [];
  await change.setIdentitySettings(organizationId, type.id, settings);
  const isSameRow =
    type.isStable === settings.isStable && isDeepStrictEqual(type.blocked, settings.blocked);
  if (!isSameRow) {
    const types = await change.listIdentityTypes(organizationId);
    const names = new Set(types.filter(({ id }) => id === type.id).map(({ name }) => name));
    await readIncrementalAnew(change, organizationId, ({ identifiers }) =>
      identifiers.some(({ identityType }) => names.has(identityType)),
    );
  }
  const [before, after] = [type, withSettings(type, settings)].map(auditedType);
  return [{ action: 'identity_type.update', target: type.name, before, after }];
}

/** All settings of the type after the change. Faults are added to `problems`. */
export function checkIdentitySettings(
  type: IdentityType,
  wanted: IdentitySettingsChange,
  problems: DefinitionProblems,
): IdentitySettings {
  const { joins, isStable, maxPerContact, sharedLimit, blocked } = wanted;
  if (!hasOwnRules(type)) {
    const isGiven = [joins, isStable, maxPerContact, sharedLimit].some((one) => one !== undefined);
    problems.check(!isGiven, '', withoutRules(type));
  }
  checkWhole(maxPerContact, problems.below('/max_per_contact'), maxPerContactRange);
  checkWhole(sharedLimit, problems.below('/shared_limit'), sharedLimitRange);
  return {
    joins: joins ?? type.joins,
    isStable: isStable ?? type.isStable,
    maxPerContact: maxPerContact ?? type.maxPerContact,
    sharedLimit: sharedLimit ?? type.sharedLimit,
    blocked:
      blocked === undefined
        ? type.blocked
        : checkBlocked(type, blocked, problems.below('/blocked')),
  };
}

function hasOwnRules({ normalisation }: IdentityType): boolean {
  return normalisation !== 'contact-id' && normalisation !== 'email-hash';
}

function withoutRules({ name, normalisation }: IdentityType): string {
  return normalisation === 'email-hash'
    ? `The identity type ${name} has the settings of email. Change those.`
    : `The identity type ${name} has no settings, because no row names a contact id.`;
}

function checkWhole(
  value: number | undefined,
  problems: DefinitionProblems,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  const isWhole = value === undefined || (Number.isInteger(value) && value >= min && value <= max);
  problems.check(isWhole, '', `Give a whole number from ${min} to ${max}.`);
}

/** The blocked values in the form in which they are compared, without duplicates. */
function checkBlocked(
  type: IdentityType,
  values: readonly string[],
  problems: DefinitionProblems,
): readonly string[] {
  problems.check(hasOwnRules(type), '', `The identity type ${type.name} cannot block values.`);
  const detail = `Give at most ${maxBlockedValues} values.`;
  problems.check(values.length <= maxBlockedValues, '', detail);
  for (const [place, value] of values.slice(0, maxBlockedValues).entries()) {
    const form = value.isWellFormed() ? blockedForm(type.normalisation, value) : '';
    const isFine = isPlainText(form, maxBlockedLength);
    problems.check(isFine, `/${place}`, `Give ${plainTextForm(maxBlockedLength)}.`);
  }
  return [...new Set(values.map((value) => blockedForm(type.normalisation, value)))];
}

function checkOneStable(
  types: readonly IdentityType[],
  { type, sight }: { readonly type: IdentityType; readonly sight: TokenLists },
  problems: DefinitionProblems,
): void {
  const other = types.find((has) => has.isStable && has.id !== type.id);
  if (other === undefined) return;
  const name = seesIdentityType(sight, other.name) ? other.name : undefined;
  problems.add('/stable', secondStable(name));
}

/** @param name the stable type that there is; `undefined`: the caller may not see it */
export function secondStable(name: string | undefined): string {
  if (name === undefined) return 'Another identity type is stable. Only one can be.';
  return `The identity type ${name} is stable already, and only one can be. Make ${name} not stable first: usher identity-type set ${name} --stable no`;
}
