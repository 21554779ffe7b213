/**
 * Creates and edits computed fields in two steps, as `write-segments.ts` does with segments. A
 * computed field is a field: its id, name and settings are those of fields.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogChange, NewField, OrganizationRecord } from '../../catalog/catalog.ts';
import {
  type Field,
  type FieldType,
  fieldTypes,
  isBuiltInFieldName,
  isFieldName,
  noDatasetId,
} from '../../domain/contact/field.ts';
import { maxFieldsPerOrganization } from '../../domain/limits.ts';
import { isStricter } from '../../domain/rule/field-sensitivity.ts';
import { type RuleText, referencesOf, ruleTextOf } from '../../domain/rule/rule-text.ts';
import { canFill, type RuleType } from '../../domain/rule/rule-type.ts';
import type { CheckedRule } from '../../membership/check/check-rule.ts';
import { nounOf } from '../../membership/check/type-nouns.ts';
import type { ChangeRecord } from '../administration.ts';
import type { Document } from '../dataset/dataset-view.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import { checkFieldSettings, checkWord, type FieldSettings } from '../field-settings.ts';
import { type FieldLoss, lossesOf } from '../field-uses.ts';
import { viewComputedField } from './computed-field-view.ts';
import { checkCurrencies, sharedCurrency } from './field-currencies.ts';
import { type CurrencyPlace, ruleAmounts } from './rule-amounts.ts';
import { type RuleBook, readRuleBook } from './rule-book.ts';
import type { WantedRules } from './settle-rules.ts';
import {
  type FieldFlag,
  fieldFlags,
  listed,
  sensitivitiesOf,
  shownInputs,
} from './shown-inputs.ts';

export interface ComputedFieldRequest {
  readonly name: string;
  /** What is not given stays. A new field gets the type of its rule, if none is given. */
  readonly settings: FieldSettings;
  /** A new field needs a rule. */
  readonly rule?: string;
  /** JSON pointer of the request. */
  readonly path: string;
  /** JSON pointer of its name. */
  readonly namePath: string;
}

export interface PreparedField {
  readonly before: Field | undefined;
  readonly wanted: WantedRules;
  /** The field with its checked rule; `undefined` until the rule is checked. */
  readonly settled: () => Field | undefined;
}

/** Gives new fields their ids. Writes nothing if it notes a problem. */
export async function prepareComputedFields(
  change: CatalogChange,
  organizationId: number,
  asked: {
    readonly requests: readonly ComputedFieldRequest[];
    readonly mayLower: boolean;
    readonly problems: DefinitionProblems;
  },
): Promise<readonly PreparedField[]> {
  const { requests, mayLower, problems } = asked;
  if (requests.length === 0) return [];
  const count = problems.count;
  const organization = await change.findOrganization({ id: organizationId });
  const { fields, names } = await readRuleBook(change, organizationId);
  const byName = new Map([...fields.values()].map((field) => [field.name, field]));
  for (const request of requests) checkRequest(request, byName.get(request.name), problems);
  const added = requests.flatMap(({ name }) => (byName.has(name) ? [] : [newField(name)]));
  const most = `An organization has at most ${maxFieldsPerOrganization} fields.`;
  problems.check(fields.size + added.length <= maxFieldsPerOrganization, '', most);
  if (problems.count > count || organization === undefined) return [];
  for (const field of await change.insertFields(organizationId, added)) {
    byName.set(field.name, field);
  }
  return requests.flatMap((request): PreparedField[] => {
    const field = byName.get(request.name);
    if (field === undefined) return [];
    const before = fields.get(field.id);
    const { name, path, rule } = request;
    let settled: Field | undefined;
    const text = rule ?? ruleTextOf(before?.rule ?? [], names);
    const wanted: WantedRules = {
      owner: { kind: 'computed_field', id: field.id, name },
      rules: [{ text, path: `${path}/rule` }],
      fieldWith: (checked, book) => {
        const place = { organization, mayLower, problems: problems.below(path) };
        const subject = { ...{ request, before, field }, ...place };
        settled = settleField(subject, checked, book);
        return settled;
      },
    };
    return [{ before, wanted, settled: () => settled }];
  });
}

function newField(name: string): NewField {
  return {
    ...{ name, type: 'string', datasetId: noDatasetId, displayName: null, description: null },
    ...{ content: true, condition: true, impliedValue: null, sensitivity: null, currency: null },
    rule: [],
  };
}

function checkRequest(
  { name, rule, path, namePath }: ComputedFieldRequest,
  before: Field | undefined,
  problems: DefinitionProblems,
): void {
  const isNamed = isFieldName(name) && !isBuiltInFieldName(name);
  const form =
    'The name of a field has 1 to 64 characters of a-z, 0-9 and _, starts with a letter, and is not a built-in name.';
  problems.check(isNamed, namePath, form);
  if (before?.rule === null) {
    const detail = 'A dataset fills a field of this name. Give the computed field another name.';
    problems.addCoded(namePath, { code: 'name_taken', detail });
  }
  const isRuled = rule !== undefined || before !== undefined;
  problems.check(isRuled, `${path}/rule`, 'A new computed field needs a rule.');
}

interface Subject {
  readonly request: ComputedFieldRequest;
  readonly before: Field | undefined;
  readonly field: Field;
  readonly organization: OrganizationRecord;
  /** Whether the author may lower sensitivities. */
  readonly mayLower: boolean;
  readonly problems: DefinitionProblems;
}

/** The field with its checked rule; `undefined` if it notes a problem. */
function settleField(subject: Subject, checked: CheckedRule, book: RuleBook): Field | undefined {
  const { request, before, field, organization, problems } = subject;
  const { settings } = request;
  const count = problems.count;
  const type = settleType(subject, checked, book);
  if (type === undefined) return undefined;
  const current = { ...field, type: before?.type ?? type };
  const shared = sharedCurrency(checked.rule, { book, organization });
  const isInherited = before === undefined && settings.currency === undefined;
  const inherited = isInherited && type === 'currency' ? (shared?.currency ?? null) : undefined;
  const guarded = guardInputs(subject, checked.rule, book);
  const currencies = inherited !== undefined && { currency: inherited };
  const wanted = { ...settings, ...guarded, type, ...currencies };
  const { lowered: _, ...checkedField } = checkFieldSettings(current, wanted, problems);
  const settled = { ...checkedField, rule: checked.rule };
  checkCurrencies(settled, { book, organization }, problems);
  return problems.count > count ? undefined : { ...settled, ...lowering(subject, settled, book) };
}

/**
 * Which inputs may be more sensitive than the field. Somebody who may lower sensitivities accepts
 * those of the moment by giving the sensitivity. Later ones count again.
 */
function lowering(
  { request, before, mayLower }: Subject,
  { sensitivity, rule }: Field,
  book: RuleBook,
): Pick<Field, 'lowered'> {
  if (sensitivity === null) return {};
  if (!mayLower || request.settings.sensitivity === undefined) {
    const isKept = before?.lowered !== undefined && before.sensitivity === sensitivity;
    return isKept ? { lowered: before.lowered } : {};
  }
  const shown = [...sensitivitiesOf(book).shownBy(rule ?? [])];
  const lowered = shown.filter(([, own]) => isStricter(own, sensitivity));
  return lowered.length === 0 ? {} : { lowered };
}

/**
 * What is not given of content, condition and sensitivity. A new field shows nothing that look-ups
 * do not return or rules may not use, and is as sensitive as its strictest input. An edit that
 * would show more must say so.
 */
function guardInputs(
  { request, before, problems }: Subject,
  rule: RuleText,
  book: RuleBook,
): Partial<Pick<FieldSettings, FieldFlag | 'sensitivity'>> {
  const { settings } = request;
  const shown = shownInputs(rule, book);
  if (before === undefined) {
    return {
      content: settings.content ?? shown.off.content.length === 0,
      condition: settings.condition ?? shown.off.condition.length === 0,
      ...(settings.sensitivity === undefined && { sensitivity: shown.sensitivity }),
    };
  }
  const was = shownInputs(before.rule ?? [], book);
  for (const flag of fieldFlags) {
    const added = shown.off[flag].filter((name) => !was.off[flag].includes(name));
    if (!before[flag] || settings[flag] !== undefined || added.length === 0) continue;
    problems.add(`/${flag}`, `The rule would show fields that ${moreShown[flag](listed(added))}`);
  }
  const isRaised =
    isStricter(shown.sensitivity, was.sensitivity) &&
    isStricter(shown.sensitivity, before.sensitivity);
  const isSilent = settings.sensitivity === undefined;
  return isRaised && isSilent ? { sensitivity: shown.sensitivity } : {};
}

const moreShown: Readonly<Record<FieldFlag, (names: string) => string>> = {
  content: (names) =>
    `look-ups do not return: ${names}. Set content to true to return this field anyway, or to false.`,
  condition: (names) =>
    `rules may not use: ${names}. Set condition to true to let rules use this field anyway, or to false.`,
};

/** The given type, or that of the field, or the one that fits the rule. */
function settleType(
  { request, before, organization, problems }: Subject,
  { type: result, rule }: CheckedRule,
  book: RuleBook,
): FieldType | undefined {
  const fitting = fieldTypes.filter((type) => canFill(result, type));
  const usual = usualType(result, rule, { book, organization });
  if (usual === undefined) {
    const detail = `The rule gives ${nounOf(result)}, which no field can hold. Compare it, or add it to a date.`;
    problems.addCoded('/rule', { code: 'rule_invalid', detail, members: firstPlace });
    return undefined;
  }
  const asked = request.settings.type;
  const given = checkWord(asked, fieldTypes, problems.below('/type'));
  if (asked !== undefined && given === undefined) return undefined;
  const type = given ?? before?.type ?? usual;
  if (fitting.includes(type)) return type;
  const detail = `The rule gives ${nounOf(result)}, which a field of the type ${type} cannot hold. Give one of the types ${fitting.join(', ')}.`;
  problems.add('/type', detail);
  return undefined;
}

const firstPlace = { line: 1, column: 1 };

const usualTypes: Readonly<Record<RuleType, FieldType | undefined>> = {
  boolean: 'boolean',
  integer: 'integer',
  number: 'float',
  'big integer': 'big integer',
  text: 'string',
  date: 'date',
  set: 'set',
  duration: undefined,
  days: undefined,
};

/** The rule is a field, is over long texts or amounts, which it then gives, or has a usual type. */
function usualType(result: RuleType, rule: RuleText, place: CurrencyPlace): FieldType | undefined {
  const { fields } = place.book;
  const [only, ...rest] = rule;
  if (typeof only === 'object' && rest.length === 0) return fields.get(only.id)?.type;
  const { result: amount, mixed } = ruleAmounts(rule, place);
  if (result === 'number' && amount !== undefined && mixed === undefined) return 'currency';
  const isLong =
    result === 'text' &&
    referencesOf(rule).some(({ kind, id }) => kind === 'field' && fields.get(id)?.type === 'text');
  return isLong ? 'text' : usualTypes[result];
}

/** Writes the fields, and an edit for each that changed. */
export async function writeComputedFields(
  change: CatalogChange,
  organizationId: number,
  asked: { readonly prepared: readonly PreparedField[]; readonly book: RuleBook },
): Promise<{
  readonly audit: readonly ChangeRecord[];
  readonly losses: readonly FieldLoss[];
}> {
  const { prepared, book } = asked;
  const audit: ChangeRecord[] = [];
  const losses: FieldLoss[] = [];
  for (const { before, settled } of prepared) {
    const field = settled();
    if (field === undefined || isDeepStrictEqual(before, field)) continue;
    await change.updateField(organizationId, field);
    if (before !== undefined) losses.push(...lossesOf(before, field));
    const edit = {
      before: before === undefined ? null : viewComputedField(before, book),
      after: viewComputedField(field, book),
    };
    audit.push(await recordFieldEdit(change, organizationId, { field, ...edit }));
  }
  return { audit, losses };
}

/** Adds the edit to the history. */
export async function recordFieldEdit(
  change: CatalogChange,
  organizationId: number,
  edit: {
    readonly field: Field;
    readonly before: Document | null;
    readonly after: Document | null;
  },
): Promise<ChangeRecord> {
  const { field, before, after } = edit;
  const key = { kind: 'computed_field', id: field.id } as const;
  await change.recordEdit(organizationId, key, { before, after });
  const verb = before === null ? 'create' : after === null ? 'remove' : 'edit';
  return { action: `computed_field.${verb}`, target: field.name, before, after };
}
