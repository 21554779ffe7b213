/** Compiles how inputs are read from the record as numbers: once for each record. */
import type { CompileContext, Input, Load, NumberPart, TextNumber } from './compile-context.ts';
import type { Evaluation } from './evaluation.ts';
import { dateReader, readNumber } from './read-values.ts';
import { TextConstants } from './text-constants.ts';

/** A number, a date or a boolean. */
export function compileInput(input: Input, context: CompileContext): NumberPart {
  const { slot, memo, number, field } = input;
  const loadMissing = missingLoader(input, context);
  const readValue = valueReader(input, context);
  const isNumber = field.type !== 'boolean' && field.type !== 'date';
  return {
    ...{ slot, memo },
    load: (evaluation) => {
      if (evaluation.stamps[memo] === evaluation.stamp) return;
      evaluation.stamps[memo] = evaluation.stamp;
      if (!evaluation.hasInput(number)) loadMissing(evaluation);
      else if (isNumber) readNumber(evaluation, evaluation.base + number, slot);
      else readValue(evaluation);
    },
  };
}

/** Compares the bytes in the record with all constants at once, without decoding them. */
export function compileTextNumber(
  { number, implied }: Input,
  { slot, memo }: Pick<TextNumber, 'slot' | 'memo'>,
): TextNumber {
  const constants = new TextConstants();
  const load: Load = (evaluation) => {
    evaluation.stamps[memo] = evaluation.stamp;
    let found = -1;
    if (evaluation.hasInput(number)) {
      const at = evaluation.base + number;
      const { bytes, starts, ends } = evaluation;
      found = constants.find(bytes, starts[at] as number, ends[at] as number);
    } else if (typeof implied === 'string' && evaluation.isImplied(number)) {
      found = constants.numberOf(implied);
    }
    evaluation.numbers[slot] = found;
  };
  return { slot, memo, load, constants };
}

/** Loads the implied value, or null if it does not count. */
function missingLoader(input: Input, context: CompileContext): Load {
  const { number, slot, field } = input;
  const implied = impliedNumber(input, context);
  const isImpliedDay = field.type === 'date' && String(input.implied).length === 10 ? 1 : 0;
  return (evaluation) => {
    evaluation.numbers[slot] = evaluation.isImplied(number) ? implied : Number.NaN;
    evaluation.isDay[slot] = isImpliedDay;
  };
}

/** Reads a boolean or a date that is in the record. */
function valueReader(
  { number, slot, field }: Input,
  { zone }: Pick<CompileContext, 'zone'>,
): (evaluation: Evaluation) => void {
  if (field.type === 'boolean') {
    return ({ bytes, starts, base, numbers }) => {
      numbers[slot] = bytes[starts[base + number] as number] === letterT ? 1 : 0;
    };
  }
  const read = dateReader(slot, zone);
  return (evaluation) => {
    const start = evaluation.starts[evaluation.base + number] as number;
    read(evaluation, evaluation.bytes, start);
  };
}

/** `true` begins with it. */
const letterT = 116;

function impliedNumber({ implied, field }: Input, { zone }: Pick<CompileContext, 'zone'>): number {
  if (implied === null) return Number.NaN;
  if (field.type !== 'date') return Number(implied);
  return dateOf(String(implied), zone);
}

/** A date as records keep it, in milliseconds; NaN for another text. */
function dateOf(text: string, zone: CompileContext['zone']): number {
  const ms = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
  return text.length === 10 && !Number.isNaN(ms) ? zone.startOf(ms / 86_400_000) : ms;
}
