/** Random definitions: computed fields and segments that use each other, and rules over them. */
import { naiveCondition } from './naive-condition.ts';
import type { NaiveContact } from './naive-contact.ts';
import { naiveDate, naiveDays, naiveDuration } from './naive-date.ts';
import { NaiveFlows } from './naive-flow.ts';
import { naiveNumber } from './naive-number.ts';
import {
  isTrue,
  type Naive,
  type NaiveComputed,
  type NaiveCondition,
  type NaiveSource,
  remembered,
} from './naive-source.ts';
import { naiveBig, naiveSet, naiveText } from './naive-text.ts';
import {
  addHidingFlow,
  addRandomFlows,
  addRandomGroups,
  addReportedFlows,
} from './random-flows.ts';
import type { RandomSource } from './random-source.ts';

export interface RandomRules {
  readonly computed: Record<string, readonly [ComputedType, string]>;
  /** What each computed field gives, without its implied value. */
  readonly values: Record<string, Naive<unknown>>;
  readonly segments: Record<string, string>;
  /** The same segments, by name. */
  readonly named: Map<string, NaiveCondition>;
  readonly rules: readonly NaiveCondition[];
  /** Empty unless asked for. */
  readonly flows: NaiveFlows;
}

type ComputedType = 'float' | 'currency' | 'positive integer' | 'string' | 'date' | 'boolean';

/** @param flowCount how many flows with a segment to define; 0: none, also none that is reported */
export function randomRules(random: RandomSource, count: number, flowCount = 0): RandomRules {
  const flows = new NaiveFlows();
  const source = sourceOf(random, flows);
  const to = { source, flows };
  const found: RandomRules = {
    ...{ computed: {}, values: {}, segments: {}, named: new Map(), flows },
    rules: [],
  };
  if (flowCount > 0) addReportedFlows(to);
  // What comes first must not use the flow 142309, which may be defined later.
  const isHiding = flowCount > 0 && random.chance(50);
  if (isHiding) flows.askedIds.splice(flows.askedIds.indexOf(142_309), 1);
  for (let place = 0; place < 6; place += 1) addComputed(source, found, `c${place}`);
  const segments = addSegments(source, found, 4);
  if (flowCount > 0) {
    if (isHiding) addHidingFlow(to, random.pick(segments));
    addRandomFlows(to, segments, flowCount);
    addRandomGroups(to);
    addComputed(source, found, 'of_flows');
    addSegments(source, found, 3);
  }
  return { ...found, rules: Array.from({ length: count }, () => remembered(source.condition(4))) };
}

function addSegments(source: NaiveSource, { segments, named }: RandomRules, count: number) {
  const from = Object.keys(segments).length;
  return Array.from({ length: count }, (_, place) => {
    const name = `s${from + place}`;
    const rule = remembered(source.condition(3));
    segments[name] = rule.text;
    named.set(name, rule);
    const value = (contact: NaiveContact) => isTrue(contact, rule);
    source.computed.segments.push({ text: `in_segment("${name}")`, value });
    return { ...rule, name };
  });
}

function sourceOf(random: RandomSource, flows: NaiveFlows): NaiveSource {
  const computed: NaiveComputed = {
    ...{ number: [], whole: [], text: [], date: [], boolean: [], segments: [] },
  };
  const source: NaiveSource = {
    random,
    computed,
    flows,
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
    const { value } = remembered({ text: name, value: own });
    values[name] = { text: name, value };
    return { text: name, value: (contact: Parameters<typeof own>[0]) => value(contact) ?? implied };
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
