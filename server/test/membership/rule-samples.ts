/** Fields, segments and lists for tests of rules. */
import type { FieldType } from '../../src/domain/contact/field.ts';
import type { RuleNames, RuleReferenceKind } from '../../src/domain/rule/rule-text.ts';
import type { RuleContext } from '../../src/membership/check/check-rule.ts';

const types: Readonly<Record<string, FieldType>> = {
  total_spend: 'currency',
  state: 'string',
  orders: 'integer',
  vip: 'boolean',
  loyalty: 'big integer',
  last_purchase: 'date',
  tags: 'set',
  hidden: 'float',
  discount: 'rate',
};

const sampleFields = Object.entries(types).map(([name, type], place) => {
  return { id: place + 1, name, type, condition: name !== 'hidden' };
});

const others: Readonly<Record<string, number>> = {
  ...{ 'segment Buyers': 2, 'list Press "A"': 3, 'flow Spring mail': 142309, 'flow Plain': 7 },
};

const variants: ReadonlyMap<number, readonly string[]> = new Map([
  [142309, ['A', 'B', 'Voucher']],
  [7, []],
]);

/** The definitions of an organization with these fields, a segment, a list and two flows. */
export const sampleNames: RuleContext & RuleNames = {
  usesAllFields: false,
  idOf: (kind: RuleReferenceKind, name: string): number | undefined =>
    kind === 'field'
      ? sampleFields.find((field) => field.name === name)?.id
      : others[`${kind} ${name}`],
  nameOf: (kind: RuleReferenceKind, id: number): string | undefined => {
    if (kind === 'field') return sampleFields.find((field) => field.id === id)?.name;
    const key = Object.keys(others).find((it) => it.startsWith(`${kind} `) && others[it] === id);
    return key?.slice(kind.length + 1);
  },
  namesOf: (kind: RuleReferenceKind): readonly string[] =>
    kind === 'field'
      ? sampleFields.map(({ name }) => name)
      : Object.keys(others)
          .filter((it) => it.startsWith(`${kind} `))
          .map((it) => it.slice(kind.length + 1)),
  fieldOf: (id: number) => sampleFields.find((field) => field.id === id),
  variantsOf: (id: number) => variants.get(id),
};
