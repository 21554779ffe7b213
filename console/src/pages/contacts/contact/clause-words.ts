/**
 * A clause of a rule as a sentence, with the value of the person beside the limit. Clauses of
 * another form stay rules, with the values of their fields.
 */
import type { Formats } from '../../../format/formats.ts';
import { valueWords } from '../../../parts/field-value.tsx';
import type { Explanation, Field } from './use-contact.ts';

export type Clause = Explanation['segments'][number]['clauses'][number];

export interface Wording {
  readonly fields: ReadonlyMap<string, Field>;
  readonly currency: string;
  readonly formats: Formats;
  readonly nowMs: number;
}

export interface ClauseWords {
  /** The field, as people call it. */
  readonly subject: string;
  /** What the person has. */
  readonly value: string;
  /** What the clause asks for. */
  readonly needs: string;
  /** How much is missing; empty if nothing is, or it cannot be said. */
  readonly short: string;
}

/** `undefined`: the clause has another form. */
export function clauseWords(clause: Clause, wording: Wording): ClauseWords | undefined {
  const { rule, inputs } = clause;
  const [input] = inputs;
  if (input === undefined || inputs.length > 1 || rule.length > maxRule) return undefined;
  const field = wording.fields.get(input.field);
  const subject = field?.display_name ?? input.field;
  const { value } = input;
  const common = { subject, value: inputWords(input, wording) };
  if (rule === input.field) return { ...common, needs: 'must be yes', short: '' };
  if (rule === `!${input.field}`) return { ...common, needs: 'must be no', short: '' };
  const match = /^([a-z][a-z0-9_]*) (==|!=|>=|<=|>|<|in) (.+)$/.exec(rule);
  if (match === null || match[1] !== input.field) return undefined;
  const [, , sign = '', limit = ''] = match;
  return (
    ageWordsOf(common, { sign, limit, value, nowMs: wording.nowMs }) ??
    literalWords(common, { sign, limit, value, field, wording })
  );
}

/**
 * `a == 1 || b == 2`: a sentence for each part.
 * @returns `undefined` if one of them has no words, or there is only one
 */
export function choiceWords(
  { rule, inputs, ...clause }: Clause,
  wording: Wording,
): readonly ClauseWords[] | undefined {
  const parts = choicesIn(rule);
  if (parts.length < 2 || parts.length > maxChoices) return undefined;
  const words = parts.map((part) => {
    const name = /^!?([a-z][a-z0-9_]*)/.exec(part)?.[1];
    return clauseWords(
      { ...clause, rule: part, inputs: inputs.filter(({ field }) => field === name) },
      wording,
    );
  });
  return words.every((one) => one !== undefined) ? words : undefined;
}

const maxChoices = 8;

/** The parts that `||` connects, outside of texts and brackets. */
function choicesIn(rule: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [token] of bare(rule).matchAll(/"(?:[^"\\]|\\.)*"|\|\||[\s\S]/g)) {
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') depth -= 1;
    if (token === '||' && depth === 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.map((part) => bare(part.trim()));
}

/** Without brackets around all of it. */
function bare(rule: string): string {
  return rule.replace(/^\(([^()]*)\)$/, '$1');
}

/** Longer rules are no sentence. */
const maxRule = 200;

/** What the person has. */
export function inputWords({ field, value, masked }: Clause['inputs'][number], wording: Wording) {
  if (masked === true) return 'masked';
  return valueWords(value, { ...wording, field: wording.fields.get(field) });
}

interface Comparison {
  readonly sign: string;
  readonly limit: string;
  readonly value: unknown;
}

type Common = Pick<ClauseWords, 'subject' | 'value'>;

/** `last_order < now - days(90)`: the age of a date. */
function ageWordsOf(
  common: Common,
  { sign, limit, value, nowMs }: Comparison & { readonly nowMs: number },
): ClauseWords | undefined {
  const match = /^now - (?:days\((\d{1,5})\)|duration\("(\d{1,7})h"\))$/.exec(limit);
  if (match === null) return undefined;
  const days = match[1] === undefined ? Number(match[2]) / 24 : Number(match[1]);
  const needs = `${sign.startsWith('<') ? 'more' : 'less'} than ${plural(days)} ago`;
  if (typeof value !== 'string') return { ...common, needs: `must be ${needs}`, short: '' };
  const ageDays = Math.floor((nowMs - Date.parse(value)) / dayMs);
  return { subject: common.subject, value: `${plural(ageDays)} ago`, needs, short: '' };
}

function plural(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

const dayMs = 86_400_000;

const signWords: Readonly<Record<string, string>> = {
  '==': 'must be',
  '!=': 'must not be',
  '>': 'must be more than',
  '>=': 'must be at least',
  '<': 'must be less than',
  '<=': 'must be at most',
  in: 'must be',
};

function literalWords(
  common: Common,
  parts: Comparison & { readonly field: Field | undefined; readonly wording: Wording },
): ClauseWords | undefined {
  const { sign, limit, value, field, wording } = parts;
  const literal = readLiteral(limit) ?? readList(sign, limit);
  if (literal === undefined) return undefined;
  const wanted = [literal]
    .flat()
    .map((one) => valueWords(one, { ...wording, field }))
    .join(' or ');
  const missing =
    typeof literal === 'number' && typeof value === 'number' && sign !== '!='
      ? shortage(sign, value, literal)
      : 0;
  const short = missing > 0 ? `${valueWords(missing, { ...wording, field })} short` : '';
  return { ...common, needs: `${signWords[sign] ?? sign} ${wanted}`, short };
}

function shortage(sign: string, value: number, literal: number): number {
  if (sign.startsWith('>')) return rounded(literal - value);
  return sign.startsWith('<') ? rounded(value - literal) : 0;
}

/** Differences of amounts have no more decimals than the amounts. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** `["A", "B"]` */
function readList(sign: string, text: string): readonly unknown[] | undefined {
  const inside = sign === 'in' ? /^\[([^[\]]+)\]$/.exec(text)?.[1] : undefined;
  const values = inside?.match(/"[^"\\]*"|[^\s,]+/g)?.map(readLiteral) ?? [];
  return values.length > 0 && !values.includes(undefined) ? values : undefined;
}

/** A number, a text or a truth value; `undefined`: anything else. */
function readLiteral(text: string): unknown {
  if (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (!/^"[^"\\]*"$/.test(text)) return undefined;
  return text.slice(1, -1);
}
