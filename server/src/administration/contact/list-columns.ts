/** What a list shows of each contact: content fields, memberships and identity types, by name. */
import {
  type BuiltInFieldName,
  builtInFields,
  type Field,
  type FieldType,
} from '../../domain/contact/field.ts';
import { UsherError } from '../../domain/errors.ts';
import { nearestWord } from '../../domain/nearest-word.ts';
import { seesField, seesIdentityType } from '../../domain/token/token-sight.ts';
import type { CompiledDefinitions } from '../../membership/compiled-definitions.ts';
import { ContactValues } from '../../membership/contact-values.ts';
import { MembershipValues } from '../../membership/membership-values.ts';
import type { WalkMoment } from '../../membership/record-evaluator.ts';
import type { ContactParts, LentContact } from '../../stores/store.ts';
import { sightOf } from '../token/actor-sight.ts';
import type { ContactCaller } from './contact-caller.ts';
import { valueSightOf } from './value-sight.ts';

export type ListColumn =
  | { readonly name: string; readonly type: FieldType; readonly field: Field }
  | { readonly name: BuiltInFieldName; readonly type: 'memberships'; readonly field: null };

/**
 * The columns of these names; `null`: all content fields, without memberships, which cost more. A
 * token learns nothing about fields that are not on its list.
 * @throws UsherError `parameter_invalid`
 */
export function chosenColumns(
  { administration, organization }: ContactCaller,
  names: readonly string[] | null,
): readonly ListColumn[] {
  const { fields, builtInContent, datasets } = organization;
  const lists = sightOf(administration.actor);
  const datasetNames = new Map([...datasets.values()].map(({ id, name }) => [id, name]));
  const own: ListColumn[] = [...fields.values()]
    .filter(({ name, datasetId }) => seesField(lists, name, datasetNames.get(datasetId) ?? null))
    .map((field) => ({ name: field.name, type: field.type, field }));
  const builtIn: ListColumn[] = builtInFields
    .filter(({ name }) => seesField(lists, name, null))
    .map(({ name }) => ({ name, type: 'memberships', field: null }));
  const isContent = ({ name, field }: ListColumn) => field?.content ?? builtInContent.get(name);
  const sees = valueSightOf(administration.actor, organization);
  if (names === null)
    return own.filter((it) => isContent(it) && (it.field === null || sees(it.field)));
  const known = new Map([...own, ...builtIn].map((column) => [column.name as string, column]));
  const content = [...known.values()].filter(isContent).map(({ name }) => name);
  return [...new Set(names)].map((name) => {
    const column = known.get(name);
    if (column === undefined) throw unknown('fields', name, content);
    if (isContent(column) !== true) throw notContent(name);
    if (column.field !== null && !sees(column.field)) throw masked(name);
    return column;
  });
}

/** @throws UsherError `parameter_invalid` */
export function chosenTypes(
  { administration, organization }: ContactCaller,
  names: readonly string[] | null,
): readonly string[] {
  const lists = sightOf(administration.actor);
  const seen = [...organization.identityTypes.values()]
    .filter(({ id, name }) => id !== 0 && seesIdentityType(lists, name))
    .map(({ name }) => name);
  if (names === null) return seen;
  return [...new Set(names)].map((name) => {
    if (seen.includes(name)) return name;
    throw unknown('identity_types', name, seen);
  });
}

function unknown(parameter: 'fields' | 'identity_types', name: string, known: readonly string[]) {
  const near = nearestWord(name, known);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const what = parameter === 'fields' ? 'content field' : 'identity type';
  return new UsherError('parameter_invalid', `There is no ${what} ${name} to list.${hint}`, {
    members: { parameter },
  });
}

function notContent(name: string): UsherError {
  return new UsherError(
    'parameter_invalid',
    `The field ${name} is not content, so it is not shown. To change that: usher field set ${name} --content on`,
    { members: { parameter: 'fields' } },
  );
}

function masked(name: string): UsherError {
  return new UsherError(
    'parameter_invalid',
    `Your role does not see the values of ${name}, so they cannot be listed.`,
    { members: { parameter: 'fields' } },
  );
}

/** Reads the columns of contacts that the store lends. */
export class ColumnValues {
  readonly parts: ContactParts;
  readonly #fields: ContactValues;
  readonly #memberships: MembershipValues;
  /** Where the value of each column is. */
  readonly #places: readonly { readonly isMembership: boolean; readonly place: number }[];

  constructor(compiled: CompiledDefinitions, columns: readonly ListColumn[], moment: WalkMoment) {
    const fields: Field[] = [];
    const names: BuiltInFieldName[] = [];
    this.#places = columns.map(({ name, field }) =>
      field === null
        ? { isMembership: true, place: names.push(name) - 1 }
        : { isMembership: false, place: fields.push(field) - 1 },
    );
    this.#fields = new ContactValues(compiled, fields, moment);
    this.#memberships = new MembershipValues(compiled, names, moment);
    const parts = [this.#fields.parts, this.#memberships.parts];
    this.parts = {
      memberships: parts.some(({ memberships }) => memberships),
      identities: parts.some(({ identities }) => identities),
    };
  }

  /** The JSON of each column, in their order. */
  read(contact: LentContact): readonly string[] {
    const fields = this.#fields.read(contact);
    const memberships = this.#memberships.read(contact);
    return this.#places.map(({ isMembership, place }) => {
      return (isMembership ? memberships : fields)[place] ?? 'null';
    });
  }
}
