/**
 * Compiles + - * / % of numbers, dates, durations and days. What is outside of the result's type is
 * null: whole numbers beyond 2^53, infinities, and dates outside of the years 1 to 9999.
 */
import { dayMs, type ZoneDays } from '../../domain/value/zone-days.ts';
import type { Arithmetic } from '../check/typed-node.ts';
import { maxDays } from '../limits.ts';
import type { CompileContext, NumberPart } from './compile-context.ts';
import { nowSlot } from './evaluation.ts';

export function compileArithmetic(node: Arithmetic, context: CompileContext): NumberPart {
  const left = context.number(node.left);
  const right = context.number(node.right);
  const { type } = node;
  if (type === 'date') {
    const isSwapped = node.right.type === 'date';
    const [date, shift] = isSwapped ? [right, left] : [left, right];
    const shiftType = isSwapped ? node.left.type : node.right.type;
    const sign = node.sign === '-' ? -1 : 1;
    return shiftType === 'days'
      ? shiftByDays({ date, shift, sign }, context)
      : shiftByTime({ date, shift, sign }, context);
  }
  const slot = context.register();
  const isWhole = type === 'integer';
  const calculate = operations[isWhole ? `whole ${node.sign}` : node.sign] ?? nothing;
  return {
    slot,
    load: (evaluation) => {
      if (left.load !== null) left.load(evaluation);
      if (right.load !== null) right.load(evaluation);
      const { numbers } = evaluation;
      calculate(numbers, { left: left.slot, right: right.slot, slot });
      const result = numbers[slot] as number;
      const isOutside = isWhole ? !Number.isSafeInteger(result) : !Number.isFinite(result);
      if (isOutside) numbers[slot] = Number.NaN;
    },
  };
}

interface Slots {
  readonly left: number;
  readonly right: number;
  readonly slot: number;
}

type Calculate = (numbers: Float64Array, slots: Slots) => void;

const nothing: Calculate = (numbers, { slot }) => {
  numbers[slot] = Number.NaN;
};

/** Division by zero gives an infinity or NaN, which is null. */
const operations: Readonly<Record<string, Calculate>> = {
  '+': (numbers, { left, right, slot }) => {
    numbers[slot] = (numbers[left] as number) + (numbers[right] as number);
  },
  '-': (numbers, { left, right, slot }) => {
    numbers[slot] = (numbers[left] as number) - (numbers[right] as number);
  },
  '*': (numbers, { left, right, slot }) => {
    numbers[slot] = (numbers[left] as number) * (numbers[right] as number);
  },
  '/': (numbers, { left, right, slot }) => {
    numbers[slot] = (numbers[left] as number) / (numbers[right] as number);
  },
  'whole /': (numbers, { left, right, slot }) => {
    numbers[slot] = Math.trunc((numbers[left] as number) / (numbers[right] as number));
  },
  'whole %': (numbers, { left, right, slot }) => {
    numbers[slot] = (numbers[left] as number) % (numbers[right] as number);
  },
  'whole +': (numbers, slots) => operations['+']?.(numbers, slots),
  'whole -': (numbers, slots) => operations['-']?.(numbers, slots),
  'whole *': (numbers, slots) => operations['*']?.(numbers, slots),
};

interface Shift {
  readonly date: NumberPart;
  readonly shift: NumberPart;
  readonly sign: 1 | -1;
}

function shiftByTime({ date, shift, sign }: Shift, context: CompileContext): NumberPart {
  const slot = context.register();
  return {
    slot,
    load: (evaluation) => {
      if (date.load !== null) date.load(evaluation);
      if (shift.load !== null) shift.load(evaluation);
      const { numbers } = evaluation;
      const result = (numbers[date.slot] as number) + sign * (numbers[shift.slot] as number);
      numbers[slot] = isDate(result) ? Math.trunc(result) : Number.NaN;
    },
  };
}

function shiftByDays({ date, shift, sign }: Shift, context: CompileContext): NumberPart {
  const slot = context.register();
  const { zone } = context;
  // Of most rules both are the same for all records of a request.
  const isSteady = date.slot === nowSlot && shift.load === null;
  const known = context.register();
  return {
    slot,
    load: (evaluation) => {
      const { numbers, isDay } = evaluation;
      if (isSteady && numbers[known] === numbers[nowSlot]) return;
      if (date.load !== null) date.load(evaluation);
      if (shift.load !== null) shift.load(evaluation);
      const from = numbers[date.slot] as number;
      const days = numbers[shift.slot] as number;
      const isKnown = !Number.isNaN(from) && Math.abs(days) <= maxDays;
      const local = isKnown ? zone.toLocalMs(from) : Number.NaN;
      const shiftMs = sign * days * dayMs;
      // A day that begins at 01:00, because the clock skips midnight, is still a day.
      const result =
        isDay[date.slot] === 1
          ? epochMsOf(Math.floor(local / dayMs) * dayMs + shiftMs, zone)
          : epochMsOf(local + shiftMs, zone, local - from);
      numbers[slot] = isDate(result) ? result : Number.NaN;
      isDay[slot] = isDay[date.slot] as number;
      if (isSteady) numbers[known] = numbers[nowSlot] as number;
    },
  };
}

/** @param offset of the moment that is shifted: days leave it as it is where that is possible */
function epochMsOf(localMs: number, zone: ZoneDays, offset?: number): number {
  if (!isDate(localMs)) return Number.NaN;
  return offset === undefined ? zone.toEpochMs(localMs) : zone.toEpochMsWith(localMs, offset);
}

const firstDate = Date.parse('0001-01-01T00:00:00Z');
const lastDate = Date.parse('9999-12-31T23:59:59.999Z');

/** `false` for NaN. */
function isDate(ms: number): boolean {
  return ms >= firstDate && ms <= lastDate;
}
