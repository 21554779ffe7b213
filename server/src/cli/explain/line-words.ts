/** Values, times and clauses in words, as all parts of an explanation show them. */
import type { ExplainedMembership } from '../../explain/explain-memberships.ts';
import type { ExplainedClause } from '../../explain/explain-segments.ts';
import type { ExplainedValue } from '../../explain/explain-values.ts';

const shownCharacters = 40;
const shownRuleCharacters = 200;

/** @param isTrue `null`: the caller may not know it */
export function truthWord(isTrue: boolean | null): string {
  return isTrue === null ? 'hidden' : String(isTrue);
}

export function valueWords(value: unknown): string {
  return cut(JSON.stringify(value), shownCharacters);
}

/** The name of a definition, which has no quotes itself. */
export function quoted(name: string): string {
  return `"${name}"`;
}

export function ruleWords(rule: string): string {
  return cut(rule.replace(/\s+/g, ' ').trim(), shownRuleCharacters);
}

function cut(text: string, length: number): string {
  const characters = [...text.slice(0, length * 2)];
  return characters.length > length ? `${characters.slice(0, length - 3).join('')}...` : text;
}

/** To the minute, in UTC; empty if it is unknown. */
export function timeWords(time: string | null): string {
  return time?.slice(0, 16).replace('T', ' ') ?? '';
}

export function indented(lines: readonly string[], spaces: number): string[] {
  return lines.map((line) => `${' '.repeat(spaces)}${line}`);
}

/** A line for each clause, and below it one for each input and each membership. */
export function clauseLines(clauses: readonly ExplainedClause[]): string[] {
  return clauses.flatMap(({ rule, is_true, inputs, memberships }) => [
    `${truthWord(is_true).padEnd(5)}  ${ruleWords(rule)}`,
    ...indented([...inputs.map(inputWords), ...memberships.map(membershipWords)], 9),
  ]);
}

function membershipWords({ kind, name, is_found, at, since }: ExplainedMembership): string {
  if (kind === 'in_list') {
    if (!is_found) return `not in the list ${quoted(name)}`;
    return `in the list ${quoted(name)}${at === null ? '' : ` since ${timeWords(at)}`}`;
  }
  const last = is_found ? `last received ${timeWords(at)}` : 'never received';
  const window = since === null ? '' : `, counts since ${timeWords(since)}`;
  return `campaign ${valueWords(name)} ${last}${window}`;
}

export function inputWords({ field, value, from, as_of }: ExplainedValue): string {
  const age = as_of === null ? '' : `, as of ${timeWords(as_of)}`;
  if (from === 'implied' && value === null) return `${field} has no value${age}`;
  const origin = from === 'value' ? '' : `, ${originWords[from]}`;
  return `${field} = ${valueWords(value)}${origin}${age}`;
}

const originWords = {
  stale: 'older than its maximum age',
  amended: 'set by a person',
  implied: 'the implied value',
  withheld: 'withheld, because it is too old',
  computed: 'computed',
  approximate: 'computed without a value that is too old',
  reported: 'reported by other tools',
  hidden: 'not shown',
} as const satisfies Partial<Record<ExplainedValue['from'], string>>;
