/** Why a rule cannot be saved, and the place in its text. */
import type { Problem } from '../problem.ts';

export interface RuleProblem extends Problem {
  readonly code: 'rule_invalid';
  readonly members: {
    /** From 1. */
    readonly line: number;
    /** From 1, in characters. */
    readonly column: number;
    /** What to write instead, if that is clear. */
    readonly suggestion?: string;
  };
}

/** What is wrong, and where: an offset in the rule's text, in UTF-16 units. */
export interface RuleFault {
  readonly at: number;
  /** A sentence without the place. */
  readonly reason: string;
  readonly suggestion?: string | undefined;
}

/** The problem of a rule. Its detail begins with the line and the column. */
export function ruleProblem(text: string, { at, reason, suggestion }: RuleFault): RuleProblem {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  const column = [...before.slice(lineStart)].length + 1;
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
  return {
    code: 'rule_invalid',
    detail: `Line ${line}, column ${column}: ${reason}${hint}`,
    members: { line, column, ...(suggestion !== undefined && { suggestion }) },
  };
}
