/** Checks the types of a rule before it is saved, and reads a stored rule. */
import { type RuleFault, type RuleProblem, ruleProblem } from '../../domain/rule/rule-problem.ts';
import { type RuleReference, type RuleText, referencesOf } from '../../domain/rule/rule-text.ts';
import type { RuleType } from '../../domain/rule/rule-type.ts';
import { maxRuleBytes } from '../limits.ts';
import { checkNode } from './check-node.ts';
import { parseText, partsOf } from './parse-text.ts';
import type { RuleChecker, RuleContext, TextEdit } from './rule-checker.ts';
import { faultOf, refuse } from './rule-fault.ts';
import { placeIn, type WrittenRule, writeRule } from './rule-places.ts';
import { bracketPairs } from './scan-text.ts';
import type { TypedNode } from './typed-node.ts';

export type { RuleContext } from './rule-checker.ts';

export interface CheckedRule {
  /** As it is to be saved: integer literals beside numbers with decimals have decimals too. */
  readonly rule: RuleText;
  readonly type: RuleType;
  /** The ids of the fields that the rule itself reads, computed fields included. */
  readonly inputs: readonly number[];
  /** Everything that the rule itself uses, fields included. */
  readonly uses: readonly RuleReference[];
}

/**
 * Checks the types of a rule. The caller checks that the type is the wanted one: `boolean` for a
 * segment, `canFill` for a computed field.
 *
 * @example
 *   const checked = checkRule(parsed.rule, context);
 *   if ('problem' in checked) throw new UsherError('rule_invalid', checked.problem.detail);
 */
export function checkRule(
  rule: RuleText,
  context: RuleContext,
): CheckedRule | { readonly problem: RuleProblem } {
  const read = readRule(rule, context);
  if ('problem' in read) return read;
  const uses = referencesOf(rule);
  return {
    rule: read.rule,
    type: read.node.type,
    inputs: uses.filter(({ kind }) => kind === 'field').map(({ id }) => id),
    uses,
  };
}

export interface TypedRule {
  readonly node: TypedNode;
  /** As it is to be saved. */
  readonly rule: RuleText;
  /** The parts that && connects, in their order; the whole rule if there is no && around it. */
  readonly clauses: readonly RuleText[];
  /** The problem of a place that a node names, with the line and the column that people see. */
  problemAt(at: number, reason: string): RuleProblem;
}

/** The typed rule. Used by `checkRule`, and for rules that were checked when they were saved. */
export function readRule(
  rule: RuleText,
  context: RuleContext,
): TypedRule | { readonly problem: RuleProblem } {
  // With ids in place of names, a name that became a reserved word does no harm.
  const byId = writeRule(rule, { kind: 'ids' });
  const edits: TextEdit[] = [];
  const found = faultOf(() => {
    checkReferences(rule, byId, context);
    const checker: RuleChecker = {
      edits,
      usesAllFields: context.usesAllFields,
      nameOf: (kind, id) => context.nameOf(kind, id),
      fieldOf: (id) => context.fieldOf(id),
      variantsOf: (id) => context.variantsOf?.(id),
    };
    const root = parseText(byId.text, maxStoredBytes);
    const parts = root.op === '&&' ? partsOf(root) : [root];
    return { node: checkNode(root, checker), parts };
  });
  const problemOf = (fault: RuleFault) => {
    const byName = writeRule(rule, { kind: 'names', names: context });
    return ruleProblem(byName.text, { ...fault, at: placeIn(byId, byName, fault.at) });
  };
  if ('fault' in found) return { problem: problemOf(found.fault) };
  return {
    problemAt: (at, reason) => problemOf({ at, reason }),
    node: found.node,
    rule: edits.length === 0 ? rule : edited(rule, byId, edits),
    clauses:
      found.parts.length === 1
        ? [rule]
        : wholeRanges(byId.text, found.parts).map((range) => sliceOf(rule, byId, range)),
  };
}

interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The ranges with the brackets that belong to them. The parser leaves out brackets at the ends, so
 * that its range of `(a || b) == c` begins with `a`.
 */
function wholeRanges(text: string, ranges: readonly TextRange[]): readonly TextRange[] {
  const pairs = bracketPairs(text);
  return ranges.map((range) => {
    const isIn = (at: number) => at >= range.start && at < range.end;
    const cut = pairs.filter(([open, close]) => isIn(open) !== isIn(close));
    const start = Math.min(range.start, ...cut.map(([open]) => open));
    return { start, end: Math.max(range.end, ...cut.map(([, close]) => close + 1)) };
  });
}

/** The part of a rule between two offsets of its text. */
function sliceOf(rule: RuleText, { starts }: WrittenRule, { start, end }: TextRange): RuleText {
  return rule.flatMap((part, place): readonly (string | RuleReference)[] => {
    const from = starts[place] ?? 0;
    if (typeof part !== 'string') return from >= start && from < end ? [part] : [];
    const text = part.slice(Math.max(0, start - from), Math.max(0, end - from));
    return text === '' ? [] : [text];
  });
}

/** An id can be longer than the name that the limit of a rule's text was checked with. */
const maxStoredBytes = maxRuleBytes * 2;

function checkReferences(rule: RuleText, { starts }: WrittenRule, context: RuleContext): void {
  for (const [place, part] of rule.entries()) {
    if (typeof part === 'string' || part.kind === 'flow') continue;
    if (context.nameOf(part.kind, part.id) === undefined) {
      refuse(starts[place] ?? 0, `This ${part.kind} no longer exists.`);
    }
  }
}

/** Literals are in the pieces of text between the references. */
function edited(rule: RuleText, { starts }: WrittenRule, edits: readonly TextEdit[]): RuleText {
  return rule.map((part, place) => {
    if (typeof part !== 'string') return part;
    const from = starts[place] ?? 0;
    let text = '';
    let done = 0;
    for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
      const start = edit.start - from;
      if (start < done || start >= part.length) continue;
      text += part.slice(done, start) + edit.text;
      done = edit.end - from;
    }
    return text + part.slice(done);
  });
}
