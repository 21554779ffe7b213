/** Random conditions. */
import {
  fieldValue,
  hasValue,
  type NaiveContact,
  type NaiveField,
  naiveFields,
} from './naive-contact.ts';
import {
  choice,
  coalesced,
  isTrue,
  type Naive,
  type NaiveCondition,
  type NaiveSource,
} from './naive-source.ts';
import { sampleTexts, textConstant } from './naive-text.ts';

export function naiveCondition(source: NaiveSource, depth: number): NaiveCondition {
  const { random } = source;
  if (depth === 0) return leaf(source);
  const next = () => source.condition(depth - 1);
  switch (random.below(16)) {
    case 0:
    case 1:
      return chain(source, depth, random.pick(['&&', '||']));
    case 2: {
      const part = next();
      return { text: `!(${part.text})`, value: (contact) => !isTrue(contact, part) };
    }
    case 3:
      return choice(next(), next(), next());
    case 4:
      return coalesced([next(), next()]);
    case 5:
      return compared(source, [next(), next()], { signs: ['==', '!='], compare: compareBooleans });
    case 6:
      return textTest(source, depth - 1);
    case 7:
      return inSet(source, depth - 1);
    case 8:
      return inList(source, depth - 1);
    case 9:
      return leaf(source);
    default:
      return comparison(source, depth - 1);
  }
}

function leaf(source: NaiveSource): NaiveCondition {
  const { random, computed } = source;
  if (random.chance(20) && computed.boolean.length > 0) return random.pick(computed.boolean);
  if (random.chance(20) && computed.segments.length > 0) return random.pick(computed.segments);
  if (random.chance(20)) return membership(source);
  if (random.chance(50)) {
    const name = random.pick(Object.keys(naiveFields) as NaiveField[]);
    return { text: `has(${name})`, value: (contact) => hasValue(contact, name) };
  }
  const name: NaiveField = random.pick(['vip', 'news'] as const);
  return { text: name, value: (contact) => fieldValue(contact, name) as boolean | null };
}

function chain(source: NaiveSource, depth: number, sign: '&&' | '||'): NaiveCondition {
  const count = 2 + source.random.below(4);
  const parts = Array.from({ length: count }, () => source.condition(depth - 1));
  return {
    text: `(${parts.map(({ text }) => text).join(` ${sign} `)})`,
    ...(sign === '&&' && { clauses: clausesOf(parts) }),
    value: (contact) => {
      const truths = parts.map((part) => isTrue(contact, part));
      return sign === '&&' ? truths.every(Boolean) : truths.some(Boolean);
    },
  };
}

/** A chain at the beginning of a chain continues it. */
function clausesOf([first, ...others]: readonly NaiveCondition[]): readonly NaiveCondition[] {
  return first === undefined ? [] : [...(first.clauses ?? [first]), ...others];
}

type Sign = '==' | '!=' | '<' | '<=' | '>' | '>=';
const allSigns: readonly Sign[] = ['==', '!=', '<', '<=', '>', '>='];

function compared<Value>(
  { random }: NaiveSource,
  [left, right]: readonly [Naive<Value>, Naive<Value>],
  { signs, compare }: { signs: readonly Sign[]; compare: (one: Value, other: Value) => number },
): NaiveCondition {
  const sign = random.pick(signs);
  return {
    text: `(${left.text} ${sign} ${right.text})`,
    value: (contact) => {
      const [one, other] = [left.value(contact), right.value(contact)];
      if (one === null || other === null) return sign === '!=';
      const order = compare(one, other);
      if (sign === '==') return order === 0;
      if (sign === '!=') return order !== 0;
      if (sign === '<') return order < 0;
      if (sign === '<=') return order <= 0;
      return sign === '>' ? order > 0 : order >= 0;
    },
  };
}

function comparison(source: NaiveSource, depth: number): NaiveCondition {
  const { random } = source;
  const ofNumbers = { signs: allSigns, compare: (one: number, other: number) => one - other };
  switch (random.below(6)) {
    case 0:
      return compared(source, [source.text(depth), source.text(depth)], ofTexts);
    case 1: {
      const other = random.chance(50) ? source.big(depth) : bigConstant(source);
      return compared(source, [source.big(depth), other], {
        signs: allSigns,
        compare: (one, two) => (one === two ? 0 : one < two ? -1 : 1),
      });
    }
    case 2:
      return compared(source, [source.date(depth), source.date(depth)], ofNumbers);
    case 3:
      return compared(source, [source.duration(depth), source.duration(depth)], ofNumbers);
    default: {
      const kinds = [random.chance(50), random.chance(50)] as const;
      const parts = [source.number(depth, kinds[0]), source.number(depth, kinds[1])] as const;
      return compared(source, parts, ofNumbers);
    }
  }
}

const ofTexts = { signs: allSigns, compare: compareCodePoints };

function compareCodePoints(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function compareBooleans(one: boolean, other: boolean): number {
  return Number(one) - Number(other);
}

function bigConstant({ random }: NaiveSource): Naive<bigint> {
  const value = random.pick([0n, -40n, 7n, 100_000_000_000_000_000_000n, -(10n ** 30n)]);
  return { text: String(value), value: () => value };
}

function textTest(source: NaiveSource, depth: number): NaiveCondition {
  const [text, part] = [source.text(depth), source.text(0)];
  const name = source.random.pick(['startsWith', 'endsWith', 'contains'] as const);
  return {
    text: `(${text.text}).${name}(${part.text})`,
    value: (contact) => {
      const [one, other] = [text.value(contact), part.value(contact)];
      if (one === null || other === null) return false;
      return name === 'contains' ? one.includes(other) : one[name](other);
    },
  };
}

function inSet(source: NaiveSource, depth: number): NaiveCondition {
  const { random } = source;
  const value = random.chance(60) ? textConstant(random.pick(sampleTexts)) : source.text(depth);
  const set = source.set(depth);
  return {
    text: `(${value.text} in ${set.text})`,
    value: (contact) => {
      const [one, all] = [value.value(contact), set.value(contact)];
      return one !== null && all?.includes(one) === true;
    },
  };
}

function inList(source: NaiveSource, depth: number): NaiveCondition {
  const { random } = source;
  const count = random.pick([0, 1, 2, 3, 9, 20]);
  const list = <Value>(value: Naive<Value>, make: () => Naive<Value>): NaiveCondition => {
    const elements = Array.from({ length: count }, make);
    return {
      text: `(${value.text} in [${elements.map(({ text }) => text).join(', ')}])`,
      value: (contact: NaiveContact) => {
        const one = value.value(contact);
        return one !== null && elements.some((element) => element.value(contact) === one);
      },
    };
  };
  if (random.chance(20)) return list(source.date(depth), () => source.date(0));
  if (random.chance(30)) return list(source.number(depth, true), () => source.number(0, true));
  if (random.chance(50)) {
    return list(source.text(0), () => textConstant(`${random.pick(sampleTexts)}`));
  }
  return list(source.text(depth), () => source.text(0));
}

export const sampleCampaigns: readonly string[] = ['spring', 'a"b', 'ä'];
export const sampleVariants: readonly string[] = ['A', 'B "x"', '-A', 'rest'];

function membership({ random, flows }: NaiveSource): NaiveCondition {
  const kind = random.below(4);
  if (kind === 0) {
    return { text: 'in_list("press")', value: ({ lists }) => lists?.includes('press') === true };
  }
  const flowId = random.pick(flows.askedIds);
  const variants = flows.variantsOf(flowId) ?? sampleVariants;
  if (kind === 1 || (kind === 2 && variants.length === 0)) {
    return {
      text: `in_flow(${flowId})`,
      value: (contact) => flows.variantsIn(contact, flowId).length > 0,
    };
  }
  if (kind === 2) {
    const variant = random.pick(variants);
    return {
      text: `in_variant(${flowId}, ${JSON.stringify(variant)})`,
      value: (contact) => flows.variantsIn(contact, flowId).includes(variant),
    };
  }
  const campaign = random.pick(sampleCampaigns);
  const hours = random.pick([undefined, 24, 720]);
  const within = hours === undefined ? '' : `, duration("${hours}h")`;
  return {
    text: `received_campaign(${JSON.stringify(campaign)}${within})`,
    value: ({ memberships, nowMs }) =>
      (memberships?.campaigns ?? []).some(
        ({ campaignId, receivedAt }) =>
          campaignId === campaign &&
          (hours === undefined || Date.parse(receivedAt) >= nowMs - hours * 3_600_000),
      ),
  };
}
