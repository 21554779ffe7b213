/** Compiles the functions whose result is a number. */
import type { Call } from '../check/typed-node.ts';
import type { CompileContext, Load, NumberPart } from './compile-context.ts';
import type { Evaluation } from './evaluation.ts';
import { scanSet } from './read-values.ts';
import { countCharacters } from './text-functions.ts';

export function compileNumberCall(node: Call, context: CompileContext): NumberPart {
  const [part] = node.parts;
  switch (node.name) {
    case 'coalesce':
      return compileCoalesce(node, context);
    case 'min':
    case 'max':
      return compileExtreme(node, context);
    case 'days':
      return part === undefined ? context.constant(Number.NaN) : context.number(part);
    case 'size':
      return compileSize(node, context);
    case 'int':
    case 'double':
      return compileConversion(node, context);
    default:
      return compileUnary(node, context);
  }
}

function compileCoalesce({ parts }: Call, context: CompileContext): NumberPart {
  const choices = parts.map((part) => context.number(part));
  const slot = context.register();
  return {
    slot,
    load: (evaluation) => {
      const { numbers, isDay } = evaluation;
      numbers[slot] = Number.NaN;
      for (const { load, slot: from } of choices) {
        if (load !== null) load(evaluation);
        const value = numbers[from] as number;
        if (Number.isNaN(value)) continue;
        numbers[slot] = value;
        isDay[slot] = isDay[from] as number;
        return;
      }
    },
  };
}

/** The smallest or largest; null if one of them is null. */
function compileExtreme({ parts, name }: Call, context: CompileContext): NumberPart {
  const choices = parts.map((part) => context.number(part));
  const slot = context.register();
  const isMin = name === 'min';
  return {
    slot,
    load: (evaluation) => {
      const { numbers, isDay } = evaluation;
      let best = Number.NaN;
      for (const [place, { load, slot: from }] of choices.entries()) {
        if (load !== null) load(evaluation);
        const value = numbers[from] as number;
        if (Number.isNaN(value)) {
          best = Number.NaN;
          break;
        }
        if (place > 0 && (isMin ? value >= best : value <= best)) continue;
        best = value;
        isDay[slot] = isDay[from] as number;
      }
      numbers[slot] = best;
    },
  };
}

const unary: Readonly<Partial<Record<Call['name'], (value: number) => number>>> = {
  abs: Math.abs,
  negative: (value) => (value === 0 ? 0 : -value),
  // Halves go away from zero, as in SQL.
  round: (value) => safeInteger(Math.sign(value) * Math.round(Math.abs(value))),
  floor: (value) => safeInteger(Math.floor(value)),
  ceil: (value) => safeInteger(Math.ceil(value)),
};

function compileUnary({ name, parts }: Call, context: CompileContext): NumberPart {
  const [part] = parts;
  const calculate = unary[name];
  if (part === undefined || calculate === undefined) return context.constant(Number.NaN);
  const { load, slot: from } = context.number(part);
  const slot = context.register();
  return {
    slot,
    load: (evaluation) => {
      if (load !== null) load(evaluation);
      evaluation.numbers[slot] = calculate(evaluation.numbers[from] as number);
    },
  };
}

function safeInteger(value: number): number {
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Characters of a text, or elements of a set. */
function compileSize({ parts }: Call, context: CompileContext): NumberPart {
  const [part] = parts;
  if (part === undefined) return context.constant(Number.NaN);
  const slot = context.register();
  if (part.type !== 'set') {
    const read = context.reader(context.text(part));
    return { slot, load: loadCount(slot, read, countCharacters) };
  }
  const set = context.set(part);
  const loadText = loadCount(slot, context.reader(set), countElements);
  if (set.kind === 'read') return { slot, load: loadText };
  const { number } = set.input;
  return {
    slot,
    load: (evaluation) => {
      if (!evaluation.hasInput(number)) {
        loadText(evaluation);
        return;
      }
      const { bytes, starts, ends, base, numbers } = evaluation;
      const range = { start: starts[base + number] as number, end: ends[base + number] as number };
      evaluation.spend((range.end - range.start) >> 2);
      numbers[slot] = scanSet(bytes, range);
    },
  };
}

function loadCount(
  slot: number,
  read: (evaluation: Evaluation) => string | null,
  count: (text: string) => number,
): Load {
  return (evaluation) => {
    const text = read(evaluation);
    if (text !== null) evaluation.spend(text.length >> 1);
    evaluation.numbers[slot] = text === null ? Number.NaN : count(text);
  };
}

function countElements(json: string): number {
  return (JSON.parse(json) as readonly string[]).length;
}

function compileConversion({ name, parts }: Call, context: CompileContext): NumberPart {
  const [part] = parts;
  if (part === undefined) return context.constant(Number.NaN);
  const slot = context.register();
  const isWhole = name === 'int';
  if (part.type === 'text' || part.type === 'big integer') {
    const read = context.reader(context.text(part));
    const convert = isWhole ? wholeOf : numberOf;
    return { slot, load: loadCount(slot, read, convert) };
  }
  const { load, slot: from } = context.number(part);
  return {
    slot,
    load: (evaluation) => {
      if (load !== null) load(evaluation);
      const value = evaluation.numbers[from] as number;
      evaluation.numbers[slot] = isWhole ? safeInteger(Math.trunc(value)) : value;
    },
  };
}

function wholeOf(text: string): number {
  return safeInteger(Math.trunc(numberOf(text)));
}

/** Null if the number is too large for a double. `docs/rules.md` says which texts are numbers. */
function numberOf(text: string): number {
  const number =
    text.length <= maxNumberLength && numberForm.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : Number.NaN;
}

const maxNumberLength = 110;
const numberForm =
  /^[+-]?(?:[0-9]{1,110}(?:\.[0-9]{0,110})?|\.[0-9]{1,110})(?:[eE][+-]?[0-9]{1,3})?$/;
