/**
 * Corrects values of a person: amendments count over the values of sources until they are lifted.
 */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { currencyOf, type Field, isFieldName } from '../../domain/contact/field.ts';
import { UsherError } from '../../domain/errors.ts';
import { nearestWord } from '../../domain/nearest-word.ts';
import { isEmptyValue, parseFieldValue } from '../../domain/value/field-value.ts';
import type { AmendmentChange, AmendmentOutcome } from '../../stores/privacy-answer.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { requireRowIdentity } from '../contact/join-contacts.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { maxAmendedFields } from '../limits.ts';
import { performRequest } from './perform-request.ts';
import { type PrivacyCaller, type PrivacyStore, requirePrivacy } from './privacy-caller.ts';
import { makeSubjects } from './subjects.ts';

export interface AmendmentRequest {
  readonly identity: IdentityKey;
  /** Values by field. An empty one says that the field has no value, whatever sources say. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields whose amendments end. */
  readonly lift: readonly string[];
}

export interface AmendedView {
  readonly id: string;
  /** Whether anything is different now. */
  readonly changed: boolean;
}

/**
 * Sets and lifts amendments of a contact. Either all of them are written or none.
 * @throws UsherError `contact_not_found`, `definition_invalid` with the fields at fault,
 *   `scope_missing`, `storage_full`, `store_unavailable`
 */
export async function amendContact(
  caller: PrivacyCaller,
  store: PrivacyStore,
  request: AmendmentRequest,
): Promise<AmendedView> {
  requirePrivacy(caller);
  const { administration, organization } = caller;
  const change = checkAmendments(caller, request);
  const identity = await requireRowIdentity(caller, store, request.identity);
  const { id, result } = await performRequest(caller, 'amend', async () => {
    const { id: organizationId } = organization.organization;
    const atMs = administration.clock();
    const rules = organization.identityRules;
    const outcome = await store.writer.amendContact(
      organizationId,
      identity,
      { ...change, atMs },
      { rules },
    );
    const counts = countsOf(outcome);
    const subjects = await makeSubjects(store, { organization, identities: [identity] });
    return { subjects, counts, result: counts.set + counts.lifted > 0 };
  });
  return { id, changed: result };
}

/** What was done, which may be less than was asked for. */
function countsOf(outcome: AmendmentOutcome): { readonly set: number; readonly lifted: number } {
  if (typeof outcome === 'object') return { set: outcome.set, lifted: outcome.lifted };
  if (outcome === 'unchanged') return { set: 0, lifted: 0 };
  if (outcome === 'contact_not_found') {
    throw new UsherError(
      'contact_not_found',
      'No contact has this identity. Check its type and spelling, or import the contact.',
    );
  }
  throw new UsherError(
    'definition_invalid',
    'The values are too large for the contact. Amend fewer fields, or give shorter values.',
  );
}

/** Problems name the field, never the value. */
function checkAmendments(
  { organization }: PrivacyCaller,
  { fields, lift }: AmendmentRequest,
): Omit<AmendmentChange, 'atMs'> {
  const problems = new DefinitionProblems();
  const set = Object.entries(fields).flatMap(([name, value]) => {
    const path = isFieldName(name) ? `/fields/${name}` : '/fields';
    const field = organization.fields.get(name);
    if (field === undefined) {
      problems.add(path, unknownField(name, organization));
      return [];
    }
    if (field.rule !== null) {
      const detail = `The field ${name} is computed from other fields. Amend those that its rule uses: usher computed-field show ${name}`;
      problems.add(path, detail);
      return [];
    }
    const parsed = readValue(field, value, organization.organization);
    if ('json' in parsed) return [{ fieldId: field.id, value: parsed.json }];
    problems.add(path, `The value of the field ${name} (${field.type}) ${parsed.reason}.`);
    return [];
  });
  const lifted = lift.flatMap((name, place) => {
    const field = organization.fields.get(name);
    if (field === undefined) problems.add(`/lift/${place}`, unknownField(name, organization));
    if (Object.hasOwn(fields, name)) {
      problems.add(
        `/lift/${place}`,
        `The same request gives a value for the field ${name}. Either give a value or lift the old one.`,
      );
    }
    return field === undefined ? [] : [field.id];
  });
  const count = set.length + lifted.length;
  problems.check(count > 0 || problems.count > 0, '/fields', 'Name a field to amend or to lift.');
  problems.check(
    count <= maxAmendedFields,
    '',
    `Amend at most ${maxAmendedFields} fields at once.`,
  );
  problems.throwIfAny();
  return { set, lift: lifted };
}

function readValue(
  field: Field,
  value: unknown,
  organization: { readonly currency: string },
): { readonly json: string } | { readonly reason: string } {
  const { type } = field;
  if (isEmptyValue(type, value)) return { json: 'null' };
  const currency = currencyOf(field, organization);
  const options = { timeZone: 'Z', exact: true, ...(currency !== undefined && { currency }) };
  const parsed = parseFieldValue(type, value, options);
  return 'json' in parsed && parsed.json === '[]' ? { json: 'null' } : parsed;
}

/** A text that cannot be the name of a field may be a value in the wrong place. */
function unknownField(name: string, { fields, identityTypes }: OrganizationState): string {
  if (name === 'id' || identityTypes.has(name)) {
    return `${name} is an identity of the contact, not a field. Identities come from the rows of sources: correct the row there.`;
  }
  const near = nearestWord(name, [...fields.keys()]);
  const hint = near === undefined ? 'List the fields: usher field list' : `Did you mean ${near}?`;
  return isFieldName(name)
    ? `There is no field ${name}. ${hint}`
    : 'This is not the name of a field. List the fields: usher field list';
}
