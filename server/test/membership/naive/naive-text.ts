/** Random texts, sets and big integers. */
import { fieldValue, type NaiveField } from './naive-contact.ts';
import {
  applied,
  choice,
  coalesced,
  combined,
  constant,
  type Naive,
  type NaiveSource,
} from './naive-source.ts';

/** Texts that fields have and rules name, so that they often meet. */
export const sampleTexts: readonly string[] = [
  ...[
    'NY',
    'NJ',
    'ny',
    'Zoë',
    'a',
    'ä',
    '😀 ok',
    'say "hi"',
    'back\\slash',
    'two\nlines',
    '12',
    '-7',
  ],
  ...['', ' NY ', '\u0001', 'ﬀ', 'NYC', '1.5'],
  ...['12.9', '-0.5', '1e3', '+5', '.5', '5.', '1e400', ' 5', '0x10', '1,000', '.', 'e5'],
];

export function naiveText(source: NaiveSource, depth: number): Naive<string> {
  const { random } = source;
  if (depth === 0 || random.chance(35)) {
    if (source.computed.text.length > 0 && random.chance(20))
      return random.pick(source.computed.text);
    if (random.chance(30)) return textConstant(random.pick(sampleTexts));
    const name: NaiveField = random.pick(['state', 'name'] as const);
    return { text: name, value: (contact) => fieldValue(contact, name) as string | null };
  }
  const next = () => source.text(depth - 1);
  switch (random.below(6)) {
    case 0:
      return choice(source.condition(depth - 1), next(), next());
    case 1:
      return coalesced([next(), next()]);
    case 2: {
      const parts = [next(), next()] as const;
      return combined(parts, `(${parts[0].text} + ${parts[1].text})`, (one, other) => one + other);
    }
    case 3: {
      const whole = source.number(depth - 1, true);
      return applied(whole, `string(${whole.text})`, (value) => String(value));
    }
    case 4: {
      const flag = source.condition(depth - 1);
      return applied(flag, `string(${flag.text})`, (value) => String(value));
    }
    default:
      return changed(source, next());
  }
}

function changed({ random }: NaiveSource, piece: Naive<string>): Naive<string> {
  const name = random.pick(['lowerAscii', 'upperAscii', 'trim'] as const);
  return applied(piece, `(${piece.text}).${name}()`, (value) => {
    if (name === 'trim') return value.trim();
    const isLower = name === 'lowerAscii';
    return [...value]
      .map((sign) =>
        /^[A-Za-z]$/.test(sign) ? (isLower ? sign.toLowerCase() : sign.toUpperCase()) : sign,
      )
      .join('');
  });
}

export function textConstant(text: string): Naive<string> {
  return constant(JSON.stringify(text), text);
}

export function naiveSet(source: NaiveSource, depth: number): Naive<readonly string[]> {
  const { random } = source;
  if (depth === 0 || random.chance(70)) {
    const name: NaiveField = random.pick(['tags', 'likes'] as const);
    return {
      text: name,
      value: (contact) => fieldValue(contact, name) as readonly string[] | null,
    };
  }
  const next = () => source.set(depth - 1);
  return random.chance(50)
    ? coalesced([next(), next()])
    : choice(source.condition(depth - 1), next(), next());
}

export function naiveBig(source: NaiveSource, depth: number): Naive<bigint> {
  const { random } = source;
  if (depth === 0 || random.chance(60)) {
    return {
      text: 'card',
      value: (contact) => {
        const digits = fieldValue(contact, 'card') as string | null;
        return digits === null ? null : BigInt(digits);
      },
    };
  }
  const next = () => source.big(depth - 1);
  return random.chance(50)
    ? coalesced([next(), next()])
    : choice(source.condition(depth - 1), next(), next());
}
