/** Compiles texts, big integers (as digits) and sets (as JSON). */
import type { Call, TypedNode } from '../check/typed-node.ts';
import { maxJoinedText } from '../limits.ts';
import type { CompileContext, Input, ReadText, SetPart, TextPart } from './compile-context.ts';
import { readText } from './read-values.ts';
import { lowerAscii, upperAscii } from './text-functions.ts';

export function compileText(node: TypedNode, context: CompileContext): TextPart {
  switch (node.op) {
    case 'constant':
      return { kind: 'constant', text: node.value === null ? null : String(node.value) };
    case 'field': {
      const input = context.input(node.fieldId);
      if (input !== undefined) return { kind: 'input', input, read: inputReader(input) };
      return { kind: 'read', read: context.computed(node.fieldId)?.read ?? none };
    }
    case 'choose': {
      const condition = context.condition(node.condition);
      const yes = context.reader(context.text(node.whenTrue));
      const no = context.reader(context.text(node.whenFalse));
      return { kind: 'read', read: (evaluation) => (condition(evaluation) ? yes : no)(evaluation) };
    }
    case 'arithmetic':
      return { kind: 'read', read: joined(node.left, node.right, context) };
    case 'call':
      return { kind: 'read', read: compileTextCall(node, context) };
    default:
      return { kind: 'read', read: none };
  }
}

const none: ReadText = () => null;

/** The text of a part, which may be null. */
export function readerOf(part: TextPart | SetPart): ReadText {
  if (part.kind !== 'constant') return part.read;
  const { text } = part;
  return () => text;
}

/** Decodes the text once for each record. */
function inputReader(input: Input): ReadText {
  const { number, memo, implied } = input;
  const impliedText = implied === null ? null : String(implied);
  return (evaluation) => {
    if (evaluation.stamps[memo] === evaluation.stamp) return evaluation.texts[memo] ?? null;
    const { bytes, starts, ends, base } = evaluation;
    const at = base + number;
    let text: string | null = null;
    if (evaluation.hasInput(number)) {
      text = readText(bytes, starts[at] as number, ends[at] as number);
    } else if (evaluation.isImplied(number)) text = impliedText;
    evaluation.stamps[memo] = evaluation.stamp;
    evaluation.texts[memo] = text;
    return text;
  };
}

function joined(left: TypedNode, right: TypedNode, context: CompileContext): ReadText {
  const one = context.reader(context.text(left));
  const other = context.reader(context.text(right));
  return (evaluation) => {
    const start = one(evaluation);
    const end = start === null ? null : other(evaluation);
    if (start === null || end === null) return null;
    if (start.length + end.length > maxJoinedText) return null;
    evaluation.spend((start.length + end.length) >> 2);
    return start + end;
  };
}

function compileTextCall({ name, parts }: Call, context: CompileContext): ReadText {
  const [part] = parts;
  if (part === undefined) return none;
  if (name === 'coalesce') {
    return firstOf(parts.map((it) => context.reader(context.text(it))));
  }
  if (name === 'string') return compileString(part, context);
  const change = changes[name];
  const read = context.reader(context.text(part));
  if (change === undefined) return none;
  return (evaluation) => {
    const text = read(evaluation);
    if (text === null) return null;
    evaluation.spend(changeWork + text.length);
    return change(text);
  };
}

function firstOf(choices: readonly ReadText[]): ReadText {
  return (evaluation) => {
    for (const read of choices) {
      const text = read(evaluation);
      if (text !== null) return text;
    }
    return null;
  };
}

/** What a change of a short text takes. */
const changeWork = 25;

const changes: Readonly<Partial<Record<Call['name'], (text: string) => string>>> = {
  lowerAscii,
  upperAscii,
  trim: (text) => text.trim(),
};

function compileString(part: TypedNode, context: CompileContext): ReadText {
  if (part.type === 'text' || part.type === 'big integer') {
    return context.reader(context.text(part));
  }
  const { load, slot } = context.number(part);
  const isBoolean = part.type === 'boolean';
  return (evaluation) => {
    if (load !== null) load(evaluation);
    const value = evaluation.numbers[slot] as number;
    if (Number.isNaN(value)) return null;
    return isBoolean ? String(value === 1) : String(value);
  };
}

/** The JSON of a set. */
export function compileSet(node: TypedNode, context: CompileContext): SetPart {
  if (node.op === 'field') {
    const input = context.input(node.fieldId);
    if (input !== undefined) return { kind: 'input', input, read: setReader(input) };
    return { kind: 'read', read: context.computed(node.fieldId)?.read ?? none };
  }
  if (node.op === 'choose') {
    const condition = context.condition(node.condition);
    const yes = context.set(node.whenTrue).read;
    const no = context.set(node.whenFalse).read;
    return { kind: 'read', read: (evaluation) => (condition(evaluation) ? yes : no)(evaluation) };
  }
  if (node.op === 'call') {
    return { kind: 'read', read: firstOf(node.parts.map((part) => context.set(part).read)) };
  }
  return { kind: 'read', read: none };
}

function setReader({ number, implied }: Input): ReadText {
  const impliedJson = implied === null ? null : JSON.stringify(implied);
  return (evaluation) => {
    const { bytes, starts, ends, base } = evaluation;
    const at = base + number;
    if (evaluation.hasInput(number)) {
      // The text is read once here, and its reader parses it again.
      evaluation.spend((ends[at] as number) - (starts[at] as number));
      return bytes.toString('utf8', starts[at] as number, ends[at] as number);
    }
    return evaluation.isImplied(number) ? impliedJson : null;
  };
}
