/** Random definitions: computed fields and segments that use each other, and rules over them. */
import { naiveCondition } from './naive-condition.ts';
import { naiveDate, naiveDays, naiveDuration } from './naive-date.ts';
import { naiveNumber } from './naive-number.ts';
import {
  isTrue,
  type Naive,
  type NaiveComputed,
  type NaiveCondition,
  type NaiveSource,
} from './naive-source.ts';
import { naiveBig, naiveSet, naiveText } from './naive-text.ts';
import type { RandomSource } from './random-source.ts';

export interface RandomRules {
  readonly computed: Record<string, readonly [ComputedType, string]>;
  /** What each computed field gives, without its implied value. */
  readonly values: Record<string, Naive<unknown>>;
  readonly segments: Record<string, string>;
  readonly rules: readonly NaiveCondition[];
}

type ComputedType = 'float' | 'currency' | 'positive integer' | 'string' | 'date' | 'boolean';

export function randomRules(random: RandomSource, count: number): RandomRules {
  const source = sourceOf(random);
  const found: RandomRules = {
    ...{ computed: {}, values: {}, segments: {} },
    rules: [],
  };
  for (let place = 0; place < 6; place += 1) addComputed(source, found, `c${place}`);
  for (let place = 0; place < 4; place += 1) {
    const rule = source.condition(3);
    found.segments[`s${place}`] = rule.text;
    const text = `in_segment("s${place}")`;
    source.computed.segments.push({ text, value: (contact) => isTrue(contact, rule) });
  }
  return { ...found, rules: Array.from({ length: count }, () => source.condition(4)) };
}

function sourceOf(random: RandomSource): NaiveSource {
  const computed: NaiveComputed = {
    ...{ number: [], whole: [], text: [], date: [], boolean: [], segments: [] },
  };
  const source: NaiveSource = {
    random,
    computed,
    condition: (depth) => naiveCondition(source, depth),
    number: (depth, isWhole) => naiveNumber(source, depth, isWhole),
    text: (depth) => naiveText(source, depth),
    big: (depth) => naiveBig(source, depth),
    set: (depth) => naiveSet(source, depth),
    date: (depth) => naiveDate(source, depth),
    duration: (depth) => naiveDuration(source, depth),
    days: (depth) => naiveDays(source, depth),
  };
  return source;
}

function addComputed(source: NaiveSource, { computed, values }: RandomRules, name: string): void {
  const types: readonly ComputedType[] = [
    ...(['float', 'currency', 'positive integer', 'string', 'date', 'boolean'] as const),
  ];
  const type = source.random.pick(types);
  const add = <Value>(rule: Naive<Value>, own: Naive<Value>['value'], implied: Value | null) => {
    computed[name] = [type, rule.text];
    values[name] = { text: name, value: own };
    return { text: name, value: (contact: Parameters<typeof own>[0]) => own(contact) ?? implied };
  };
  if (type === 'string') {
    const rule = source.text(2);
    const own: typeof rule.value = (contact) => {
      const text = rule.value(contact)?.trim() ?? '';
      return text === '' || Array.from(text).length > 254 ? null : text;
    };
    source.computed.text.push(add(rule, own, null));
  } else if (type === 'date') {
    const rule = source.date(2);
    source.computed.date.push(add(rule, rule.value, null));
  } else if (type === 'boolean') {
    const rule = source.condition(2);
    source.computed.boolean.push(add(rule, rule.value, false));
  } else {
    const isWhole = type === 'positive integer';
    const rule = source.number(2, isWhole);
    const own: typeof rule.value = (contact) => {
      const value = rule.value(contact);
      if (value === null || (isWhole && value < 0)) return null;
      return type === 'currency' ? Number(value.toPrecision(15)) : value;
    };
    (isWhole ? source.computed.whole : source.computed.number).push(add(rule, own, 0));
  }
}
