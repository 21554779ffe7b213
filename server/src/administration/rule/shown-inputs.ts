/**
 * What a computed field gives away of the fields that its rule uses: values that look-ups do not
 * return, values that rules may not use, and values of a higher sensitivity.
 */
import type { Field, Sensitivity } from '../../domain/contact/field.ts';
import {
  FieldSensitivities,
  isStricter,
  strictestOf,
} from '../../domain/rule/field-sensitivity.ts';
import { referenceTo } from '../../domain/rule/rule-owner.ts';
import { type RuleReference, type RuleText, referencesOf } from '../../domain/rule/rule-text.ts';
import type { RuleBook } from './rule-book.ts';

export const fieldFlags = ['content', 'condition'] as const;

export type FieldFlag = (typeof fieldFlags)[number];

export interface ShownInputs {
  /** The fields that the rule reads, and those in the rules of its segments and flows. */
  readonly fields: readonly Field[];
  /** Names of the fields whose flag is off: look-ups do not return them, rules may not use them. */
  readonly off: Readonly<Record<FieldFlag, readonly string[]>>;
  /** The strictest of the fields. `null`: not said, which counts as personal. */
  readonly sensitivity: Sensitivity | null;
}

type Definitions = Pick<RuleBook, 'fields' | 'owners'>;

/** What the rule shows, also through the segments and flows that it asks for. */
export function shownInputs(rule: RuleText, book: Definitions): ShownInputs {
  const direct = fieldsReached(rule, book);
  return {
    fields: direct,
    off: { content: namesOff(direct, 'content'), condition: namesOff(direct, 'condition') },
    sensitivity: strictestOf(sensitivitiesOf(book).shownBy(rule).values()),
  };
}

const sensitivitiesOfBooks = new WeakMap<Definitions, FieldSensitivities>();

/** How sensitive the values of the fields are. */
export function sensitivitiesOf(book: Definitions): FieldSensitivities {
  const known = sensitivitiesOfBooks.get(book);
  if (known !== undefined) return known;
  const uses = usesIn(book);
  const found = new FieldSensitivities({
    fieldOf: (id) => book.fields.get(id),
    usesOf: (reference) => uses.get(keyOf(reference)) ?? [],
  });
  sensitivitiesOfBooks.set(book, found);
  return found;
}

function namesOff(fields: readonly Field[], flag: FieldFlag): readonly string[] {
  return fields.filter((field) => !field[flag]).map(({ name }) => name);
}

type Uses = ReadonlyMap<string, readonly RuleReference[]>;

const usesOfOwners = new WeakMap<RuleBook['owners'], Uses>();

function usesIn({ owners }: Definitions): Uses {
  const known = usesOfOwners.get(owners);
  if (known !== undefined) return known;
  const uses = new Map(owners.map((owner) => [keyOf(referenceTo(owner)), owner.uses]));
  usesOfOwners.set(owners, uses);
  return uses;
}

/** The fields that the rule reads, and those in the rules of its segments and flows. */
function fieldsReached(rule: RuleText, book: Definitions): readonly Field[] {
  const uses = usesIn(book);
  const found: Field[] = [];
  const seen = new Set<string>();
  const waiting = [...referencesOf(rule)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const key = keyOf(next);
    if (seen.has(key)) continue;
    seen.add(key);
    const field = next.kind === 'field' ? book.fields.get(next.id) : undefined;
    if (field === undefined) waiting.push(...(uses.get(key) ?? []));
    else found.push(field);
  }
  return found.reverse();
}

function keyOf({ kind, id }: RuleReference): string {
  return `${kind} ${id}`;
}

type Warnings = ReadonlyMap<number, readonly string[]>;

const warningsOfBooks = new WeakMap<Definitions, Warnings>();

/** The warnings of each field, by id. Fields without any are missing. */
export function fieldWarnings(book: Definitions): Warnings {
  const known = warningsOfBooks.get(book);
  if (known !== undefined) return known;
  const warnings = findWarnings(book);
  warningsOfBooks.set(book, warnings);
  return warnings;
}

function findWarnings(book: Definitions): Warnings {
  const warnings = new Map<number, string[]>();
  const showers = { content: new Map<string, string[]>(), condition: new Map<string, string[]>() };
  const leaks = new Map<string, string[]>();
  for (const field of book.fields.values()) {
    if (field.rule === null) continue;
    const shown = shownInputs(field.rule, book);
    const flags = fieldFlags.flatMap((flag) => flagWords(field, flag, shown.off[flag]));
    const own = [...flags, ...sensitivityWords(field, shown, sensitivitiesOf(book).of(field))];
    if (own.length > 0) warnings.set(field.id, own);
    for (const flag of fieldFlags) {
      for (const name of field[flag] ? shown.off[flag] : []) add(showers[flag], name, field.name);
    }
    const stricter = shown.fields.filter((one) => isStricter(one.sensitivity, field.sensitivity));
    for (const { name } of stricter) add(leaks, name, field.name);
  }
  for (const { id, name } of book.fields.values()) {
    const shown = fieldFlags.flatMap((flag) =>
      wordsFor(showers[flag].get(name), flagTexts[flag].butShown),
    );
    const leaked = wordsFor(leaks.get(name), 'With a lower sensitivity than this field,');
    const words = [...shown, ...leaked, ...(warnings.get(id) ?? [])];
    if (words.length > 0) warnings.set(id, words);
  }
  return warnings;
}

function add(names: Map<string, string[]>, name: string, user: string): void {
  const users = names.get(name);
  if (users === undefined) names.set(name, [user]);
  else users.push(user);
}

function wordsFor(names: readonly string[] | undefined, before: string): readonly string[] {
  return names === undefined ? [] : [`${before} these computed fields show it: ${listed(names)}.`];
}

const flagTexts = {
  content: {
    on: 'Look-ups return this field, and so show fields whose content is off',
    toTurnOn: 'To return it anyway, set its content on.',
    butShown: 'Look-ups do not return this field, but',
  },
  condition: {
    on: 'Rules may use this field, and so use fields whose condition is off',
    toTurnOn: 'To use it in rules anyway, set its condition on.',
    butShown: 'Rules may not use this field, but may use computed fields, and',
  },
} as const;

function flagWords(field: Field, flag: FieldFlag, off: readonly string[]): readonly string[] {
  if (off.length === 0) return [];
  const names = listed(off);
  const { on, toTurnOn } = flagTexts[flag];
  if (field[flag]) return [`${on}: ${names}.`];
  return [
    `The ${flag} of this field is off, and so is that of fields in its rule: ${names}. ${toTurnOn}`,
  ];
}

/** @param counted the sensitivity that counts for those who look at values */
function sensitivityWords(
  { sensitivity: own }: Field,
  { sensitivity }: ShownInputs,
  counted: Sensitivity | null,
): readonly string[] {
  if (!isStricter(sensitivity, own)) return [];
  const stated = own === null ? 'not said' : own;
  const words = `The sensitivity of this field is ${stated}, and its rule uses fields that are ${sensitivity ?? 'personal'}.`;
  if (own === null || !isStricter(counted, own)) return [words];
  return [
    `${words} So users see it as they see values that are ${counted ?? 'personal'}. To show it as ${stated} anyway, an administrator sets its sensitivity again.`,
  ];
}

const maxShownNames = 5;

/** The names, at most five of them, and how many more there are. */
export function listed(names: readonly string[]): string {
  const left = names.length - maxShownNames;
  const shown = names.slice(0, maxShownNames).join(', ');
  return left > 0 ? `${shown} and ${left} more` : shown;
}
