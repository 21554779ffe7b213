/** Applies the identity types of a catalog document, and their settings. */
import {
  type IdentityType,
  isBuiltInType,
  isIdentityTypeName,
  type Normalisation,
} from '../../domain/contact/identity-type.ts';
import { givenMembers } from '../../domain/given-members.ts';
import {
  changeIdentitySettings,
  checkIdentitySettings,
  secondStable,
} from '../identity-settings.ts';
import {
  addableNormalisations,
  addIdentityType,
  auditedType,
  usesOfType,
} from '../identity-types.ts';
import {
  maxBlockedLength,
  maxBlockedValues,
  maxPerContactRange,
  sharedLimitRange,
} from '../limits.ts';
import type { ApplyStep } from './apply-settings.ts';
import { identityTypeMembers } from './catalog-document.ts';
import type { DocumentReader } from './document-reader.ts';

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
      const { record } = await addIdentityType(change, organization.id, { name, normalisation });
      step.audit.push(record);
    }
    await applyIdentitySettings(step, name, at);
  }
}

/** `undefined` if a fault was noted. */
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
      : word.fail('This identity type is built in: give only its settings.');
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

/** Settings that are not given stay. Whether several types are stable is checked at the end. */
async function applyIdentitySettings(
  step: ApplyStep,
  name: string,
  at: DocumentReader,
): Promise<void> {
  const { change, organization } = step;
  const type = (await change.listIdentityTypes(organization.id)).find((has) => has.name === name);
  const count = at.problems.count;
  const wanted = givenMembers({
    joins: at.member('joins').flag(),
    isStable: at.member('stable').flag(),
    maxPerContact: at.member('max_per_contact').number(maxPerContactRange),
    sharedLimit: at.member('shared_limit').number(sharedLimitRange),
    blocked: readBlocked(at.member('blocked')),
  });
  if (type === undefined || at.problems.count > count) return;
  const settings = checkIdentitySettings(type, wanted, at.problems.below(at.path));
  if (at.problems.count > count) return;
  step.audit.push(...(await changeIdentitySettings(change, organization.id, { type, settings })));
}

function readBlocked(list: DocumentReader): readonly string[] | undefined {
  if (list.isAbsent) return undefined;
  const texts = list
    .elements('values', maxBlockedValues)
    .map((one) =>
      typeof one.value === 'string' ? one.text(maxBlockedLength) : one.fail(quotedText),
    );
  return texts.filter((value) => value !== undefined);
}

/** Runs at the end, because a document may make one type stable in place of another. */
export async function checkOneStable({ change, organization, place }: ApplyStep): Promise<void> {
  const types = await change.listIdentityTypes(organization.id);
  const stable = types.filter((type) => type.isStable && type.normalisation !== 'email-hash');
  if (stable.length < 2) return;
  const entries = place.member('identity_types').entries('names with normalisations');
  const given = entries.filter(([, at]) => at.member('stable').value === true);
  const [name, at] = given.at(-1) ?? [];
  const others = stable.filter((type) => type.name !== name).map((type) => type.name);
  const first = others.find((other) => given.every(([one]) => one !== other)) ?? others[0];
  at?.member('stable').fail(secondStable(first));
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
    const uses = await usesOfType(change, organizationId, { id: type.id, name, nowMs: atMs });
    if (uses.length > 0) {
      at.fail(`The identity type ${name} is in use: ${uses.join(', ')}.`);
      continue;
    }
    await change.deleteIdentityType(organizationId, type);
    const before = auditedType(type);
    step.audit.push({ action: 'identity_type.delete', target: name, before, after: null });
  }
}
