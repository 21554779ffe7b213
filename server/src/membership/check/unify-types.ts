/** Gives several parts of a rule one type, if they can have one. */
import { type Checked, wholeNumberRange } from './checked-part.ts';
import type { RuleChecker } from './rule-checker.ts';
import { refuse } from './rule-fault.ts';
import { nounOf, startOf } from './type-nouns.ts';
import type { TypedNode } from './typed-node.ts';

export interface AgreedParts {
  readonly type: TypedNode['type'];
  /** Of that type, or whole numbers beside numbers with decimals. */
  readonly nodes: readonly TypedNode[];
}

/**
 * The parts, and the type that they have in common: that of the first part that is not an integer
 * literal. Stops with a `RuleFaultError` if the types differ.
 */
export function agree(parts: readonly Checked[], checker: RuleChecker): AgreedParts {
  const lead = parts.find((part) => !isWholeLiteral(part)) ?? parts[0];
  if (lead === undefined) throw new Error('Nothing to give a type to.');
  const hasDecimals = parts.some(({ node }) => node.type === 'number');
  const type = lead.node.type === 'integer' && hasDecimals ? 'number' : lead.node.type;
  const nodes = parts.map((part) => {
    const node = isWholeLiteral(part) ? literalAs(part, type, checker) : part.node;
    const isFit = node.type === type || (node.type === 'integer' && type === 'number');
    return isFit ? node : refuseMix(part, lead, checker);
  });
  return { type, nodes };
}

/** Whether the part is an integer literal, with or without a sign. */
function isWholeLiteral({ at, node }: Checked): boolean {
  if (node.op !== 'constant' || node.type !== 'integer') return false;
  const literal = at.op === '-_' ? at.args : at;
  return literal.op === 'value' && typeof literal.args === 'bigint';
}

/** An integer literal as a value of another type, which changes the rule's text if needed. */
function literalAs(part: Checked, type: TypedNode['type'], checker: RuleChecker): TypedNode {
  const { at } = part;
  const literal = at.op === '-_' ? at.args : at;
  if (literal.op !== 'value' || typeof literal.args !== 'bigint') return part.node;
  const value = at.op === '-_' ? -literal.args : literal.args;
  if (type === 'big integer') return { op: 'constant', type, value: String(value) };
  if (value > wholeNumberRange || value < -wholeNumberRange) {
    refuse(at.start, 'This number has more digits than the value beside it can have.');
  }
  if (type !== 'number') return part.node;
  checker.edits.push({ start: literal.start, end: literal.end, text: `${literal.args}.0` });
  return { op: 'constant', type, value: Number(value) };
}

/** Says what to write instead, where that is clear. */
function refuseMix(part: Checked, lead: Checked, checker: RuleChecker): never {
  const [one, other] = [lead.node.type, part.node.type];
  const reason = `${startOf(one)} and ${nounOf(other)} cannot be compared or combined.`;
  for (const [text, beside] of [
    [part, lead],
    [lead, part],
  ] as const) {
    const suggestion = suggestionFor(text, beside.node.type, checker);
    if (suggestion !== undefined) refuse(text.at.start, reason, suggestion);
  }
  refuse((part.node.op === 'constant' ? part : lead).at.start, reason);
}

const dayForm = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

function suggestionFor(
  { node, at }: Checked,
  beside: TypedNode['type'],
  checker: RuleChecker,
): string | undefined {
  if (node.op === 'field' && beside === 'integer' && node.type === 'big integer') {
    return `int(${checker.fieldOf(node.fieldId)?.name})`;
  }
  const text = at.input.slice(at.start, at.end);
  if (beside === 'date' && node.type === 'days') return `now - ${text}`;
  if (beside === 'date' && dayForm.test(text)) return `date(${JSON.stringify(text)})`;
  if (node.op !== 'constant') return undefined;
  const { value } = node;
  if (beside === 'text' && typeof value === 'number') {
    return JSON.stringify(text);
  }
  if (typeof value !== 'string' || node.type !== 'text') return undefined;
  if (beside === 'date') {
    const call = dayForm.test(value) ? 'date' : 'timestamp';
    return /^[0-9]{4}/.test(value) ? `${call}(${JSON.stringify(value)})` : 'date("YYYY-MM-DD")';
  }
  if (beside === 'boolean') return value === 'true' || value === 'false' ? value : undefined;
  if (beside === 'duration') return `duration(${JSON.stringify(value)})`;
  const isNumber = beside === 'integer' || beside === 'number' || beside === 'big integer';
  return isNumber && /^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/.test(value) ? value : undefined;
}
