/**
 * Compiles computed fields: the result of a rule in the form of the field's type. What does not fit
 * the type is null: a number outside of its range, or a text that is too long. An amount of money
 * is rounded to 15 significant digits, which a double keeps exactly.
 */
import { defaultImpliedValue, type Field } from '../../domain/contact/field.ts';
import { maxExactDigits, maxStringLength, maxTextBytes } from '../../domain/limits.ts';
import { dayMs } from '../../domain/value/zone-days.ts';
import type { TypedNode } from '../check/typed-node.ts';
import type { CompileContext, Computed, ReadText } from './compile-context.ts';
import type { Evaluation } from './evaluation.ts';
import { workOf } from './node-parts.ts';
import { countCharacters } from './text-functions.ts';

/** The implied value of a field, as parsed JSON. */
export function impliedOf(field: Field): string | number | boolean | readonly string[] | null {
  return JSON.parse(field.impliedValue ?? defaultImpliedValue(field.type));
}

export function compileComputed(field: Field, node: TypedNode, context: CompileContext): Computed {
  const isText = node.type === 'text' || node.type === 'big integer' || node.type === 'set';
  return isText ? ofText(field, node, context) : ofNumber(field, node, context);
}

function ofNumber(field: Field, node: TypedNode, context: CompileContext): Computed {
  const { load, slot: from } = context.number(node);
  const fitValue = fits[field.type];
  const own = context.register();
  const slot = context.register();
  const memo = context.memo();
  const work = workOf(node);
  const implied = impliedNumber(field, context);
  const isImpliedDay = field.type === 'date' && String(impliedOf(field)).length === 10 ? 1 : 0;
  const loadOwn = (evaluation: Evaluation) => {
    if (evaluation.stamps[memo] === evaluation.stamp) return;
    evaluation.stamps[memo] = evaluation.stamp;
    evaluation.spend(work);
    if (load !== null) load(evaluation);
    const { numbers, isDay } = evaluation;
    const value = numbers[from] as number;
    numbers[own] = fitValue === undefined ? value : fitValue(value);
    const isNull = Number.isNaN(numbers[own]);
    numbers[slot] = isNull ? implied : (numbers[own] as number);
    isDay[own] = isDay[from] as number;
    isDay[slot] = isNull ? isImpliedDay : (isDay[from] as number);
  };
  const write = jsonWriter(field, context);
  return {
    field,
    has: (evaluation) => {
      loadOwn(evaluation);
      return !Number.isNaN(evaluation.numbers[own]);
    },
    number: { slot, load: loadOwn },
    read: () => null,
    readJson: (evaluation) => {
      loadOwn(evaluation);
      const value = evaluation.numbers[own] as number;
      return Number.isNaN(value) ? null : write(value, evaluation.isDay[own] === 1);
    },
  };
}

function impliedNumber(field: Field, { zone }: CompileContext): number {
  const implied = impliedOf(field);
  if (implied === null) return Number.NaN;
  if (field.type !== 'date') return Number(implied);
  const text = String(implied);
  const ms = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
  return text.length === 10 ? zone.startOf(ms / dayMs) : ms;
}

const fits: Readonly<Partial<Record<Field['type'], (value: number) => number>>> = {
  integer: (value) => (Number.isSafeInteger(value) ? value : Number.NaN),
  'positive integer': (value) => (Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN),
  currency: exactAmount,
};

function exactAmount(value: number): number {
  const isExact = Number.isInteger(value) && Math.abs(value) < 10 ** maxExactDigits;
  return isExact ? value : Number(value.toPrecision(maxExactDigits));
}

function jsonWriter(
  field: Field,
  { zone }: CompileContext,
): (value: number, isDay: boolean) => string {
  if (field.type === 'boolean') return (value) => (value === 1 ? 'true' : 'false');
  if (field.type !== 'date') return (value) => String(value === 0 ? 0 : value);
  return (value, isDay) => {
    const iso = new Date(isDay ? zone.toLocalMs(value) : value).toISOString();
    return isDay ? `"${iso.slice(0, 10)}"` : `"${iso.replace('.000Z', 'Z')}"`;
  };
}

function ofText(field: Field, node: TypedNode, context: CompileContext): Computed {
  const readPart = context.reader(node.type === 'set' ? context.set(node) : context.text(node));
  const memo = context.memo();
  const isSet = node.type === 'set';
  const work = workOf(node);
  const readOwn: ReadText = (evaluation) => {
    if (evaluation.stamps[memo] === evaluation.stamp) return evaluation.texts[memo] ?? null;
    evaluation.spend(work);
    const text = readPart(evaluation);
    if (text !== null) evaluation.spend(text.length >> 1);
    const own = text === null ? null : fitText(text, field);
    evaluation.stamps[memo] = evaluation.stamp;
    evaluation.texts[memo] = own;
    return own;
  };
  const implied = impliedOf(field);
  const impliedText = isSet && implied !== null ? JSON.stringify(implied) : implied;
  return {
    field,
    has: (evaluation) => readOwn(evaluation) !== null,
    number: context.constant(Number.NaN),
    read: (evaluation) =>
      readOwn(evaluation) ?? (impliedText === null ? null : String(impliedText)),
    readJson: (evaluation) => {
      const text = readOwn(evaluation);
      return text === null || isSet ? text : JSON.stringify(text);
    },
  };
}

/** A blank text is null, as in sources. */
function fitText(text: string, { type }: Field): string | null {
  if (type !== 'string' && type !== 'text') return text;
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (type === 'string') return isShort(trimmed) ? trimmed : null;
  return Buffer.byteLength(JSON.stringify(trimmed)) > maxTextBytes ? null : trimmed;
}

function isShort(text: string): boolean {
  return text.length <= maxStringLength || countCharacters(text) <= maxStringLength;
}
