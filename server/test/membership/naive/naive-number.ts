/** Random numbers. */
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

const wholeFields: readonly NaiveField[] = ['orders', 'visits'];
const otherFields: readonly NaiveField[] = ['spend', 'rate'];

export function naiveNumber(source: NaiveSource, depth: number, isWhole: boolean): Naive<number> {
  const { random } = source;
  const computed = isWhole ? source.computed.whole : source.computed.number;
  if (depth === 0 || random.chance(30)) {
    if (computed.length > 0 && random.chance(20)) return random.pick(computed);
    if (random.chance(30)) return literal(source, isWhole);
    const name = random.pick(isWhole ? wholeFields : otherFields);
    return { text: name, value: (contact) => fieldValue(contact, name) as number | null };
  }
  const next = () => source.number(depth - 1, isWhole);
  switch (random.below(8)) {
    case 0:
      return choice(source.condition(depth - 1), next(), next());
    case 1:
      return coalesced([next(), next()]);
    case 2:
      return extreme([next(), next()], random.pick(['min', 'max']));
    case 3:
      return unary(next(), isWhole, random.pick(['abs', '-']));
    case 4:
      return isWhole ? toWhole(source, depth - 1) : toNumber(source, depth - 1);
    case 5:
      return isWhole ? sizeOf(source, depth - 1) : sum([next(), next()], '+', isWhole);
    default: {
      const signs = isWhole
        ? (['+', '-', '*', '/', '%'] as const)
        : (['+', '-', '*', '/'] as const);
      return sum([next(), next()], random.pick(signs), isWhole);
    }
  }
}

function literal({ random }: NaiveSource, isWhole: boolean): Naive<number> {
  const value = isWhole
    ? random.pick([0, 1, 2, 3, -1, -7, 90, 9_007_199_254_740_991])
    : random.pick([0, 0.5, 1, 1.1, -2.5, 1000, 1e300, 12.34, 0.1, 1e-5]);
  const written = isWhole || String(value).includes('e') ? String(value) : decimal(value);
  return constant(value < 0 ? `(${written})` : written, value);
}

function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

type Sign = '+' | '-' | '*' | '/' | '%';

function sum(parts: readonly [Naive<number>, Naive<number>], sign: Sign, isWhole: boolean) {
  const [one, other] = parts;
  const text = `(${one.text} ${sign} ${other.text})`;
  return combined(parts, text, (left, right) =>
    fitted(calculate(left, right, sign, isWhole), isWhole),
  );
}

function calculate(left: number, right: number, sign: Sign, isWhole: boolean): number {
  if (sign === '+') return left + right;
  if (sign === '-') return left - right;
  if (sign === '*') return left * right;
  if (right === 0) return Number.NaN;
  if (sign === '%') return left % right;
  return isWhole ? Math.trunc(left / right) : left / right;
}

/** Null outside of the type. */
function fitted(value: number, isWhole: boolean): number | null {
  if (isWhole) return Number.isSafeInteger(value) ? value : null;
  return Number.isFinite(value) ? value : null;
}

function extreme(
  parts: readonly [Naive<number>, Naive<number>],
  name: 'min' | 'max',
): Naive<number> {
  const text = `${name}(${parts[0].text}, ${parts[1].text})`;
  return combined(parts, text, (one, other) => Math[name](one, other));
}

function unary(piece: Naive<number>, isWhole: boolean, sign: 'abs' | '-'): Naive<number> {
  if (sign === '-') return applied(piece, `(-${piece.text})`, (value) => -value);
  return applied(piece, `abs(${piece.text})`, (value) => fitted(Math.abs(value), isWhole));
}

function toWhole(source: NaiveSource, depth: number): Naive<number> {
  const { random } = source;
  if (random.chance(30)) {
    const text = source.text(depth);
    return applied(text, `int(${text.text})`, (value) => {
      const number = numberOf(value);
      return number === null ? null : fitted(Math.trunc(number), true);
    });
  }
  if (random.chance(20)) {
    const big = source.big(depth);
    return applied(big, `int(${big.text})`, (value) => fitted(Number(value), true));
  }
  const piece = source.number(depth, false);
  const name = random.pick(['round', 'floor', 'ceil', 'int'] as const);
  return applied(piece, `${name}(${piece.text})`, (value) => {
    if (name === 'floor') return fitted(Math.floor(value), true);
    if (name === 'ceil') return fitted(Math.ceil(value), true);
    if (name === 'int') return fitted(Math.trunc(value), true);
    const rounded = value < 0 ? -Math.round(-value) : Math.round(value);
    return fitted(rounded, true);
  });
}

function toNumber(source: NaiveSource, depth: number): Naive<number> {
  if (source.random.chance(30)) {
    const text = source.text(depth);
    return applied(text, `double(${text.text})`, numberOf);
  }
  const whole = source.number(depth, true);
  return applied(whole, `double(${whole.text})`, (value) => value);
}

/** Which texts are numbers is up to the runtime, but it takes more signs than rules do. */
function numberOf(text: string): number | null {
  const hasOtherSigns = [...text].some((sign) => !'0123456789+-.eE'.includes(sign));
  const number = hasOtherSigns || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

function sizeOf(source: NaiveSource, depth: number): Naive<number> {
  if (source.random.chance(50)) {
    const set = source.set(depth);
    return applied(set, `size(${set.text})`, (value) => value.length);
  }
  const text = source.text(depth);
  return applied(text, `size(${text.text})`, (value) => Array.from(value).length);
}
