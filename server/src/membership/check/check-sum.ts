/** Checks the operators + - * / % and the sign in front of a number. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Checked } from './checked-part.ts';
import type { RuleChecker } from './rule-checker.ts';
import { refuse } from './rule-fault.ts';
import { nounOf, startOf } from './type-nouns.ts';
import type { Arithmetic, TypedNode } from './typed-node.ts';
import { agree } from './unify-types.ts';

type Sign = Arithmetic['sign'];

/** The result types of `left sign right`, apart from numbers. */
const results: ReadonlyMap<string, TypedNode['type']> = new Map([
  ['text + text', 'text'],
  ['date + duration', 'date'],
  ['duration + date', 'date'],
  ['date + days', 'date'],
  ['days + date', 'date'],
  ['date - duration', 'date'],
  ['date - days', 'date'],
  ['date - date', 'duration'],
  ['duration + duration', 'duration'],
  ['duration - duration', 'duration'],
  ['days + days', 'days'],
  ['days - days', 'days'],
]);

export function checkSum(
  at: ASTNode,
  parts: readonly [Checked, Checked],
  checker: RuleChecker,
): TypedNode {
  const sign = at.op as Sign;
  const [left, right] = parts;
  const type = results.get(`${left.node.type} ${sign} ${right.node.type}`);
  if (type !== undefined) {
    return { op: 'arithmetic', type, sign, left: left.node, right: right.node };
  }
  for (const part of parts) if (!isNumeric(part)) refuseOperand(part, parts, sign);
  const agreed = agree(parts, checker);
  const [one, other] = agreed.nodes as [TypedNode, TypedNode];
  if (sign === '%' && agreed.type !== 'integer') {
    refuse(at.start, 'The operator % needs whole numbers.', 'int(...)');
  }
  return { op: 'arithmetic', type: agreed.type, sign, left: one, right: other };
}

function isNumeric({ node: { type } }: Checked): boolean {
  return type === 'integer' || type === 'number';
}

function refuseOperand(
  part: Checked,
  [left, right]: readonly [Checked, Checked],
  sign: Sign,
): never {
  if (part.node.type === 'big integer') {
    refuse(
      part.at.start,
      'A big integer cannot be calculated with.',
      'int(FIELD) or double(FIELD)',
    );
  }
  const types = [left.node.type, right.node.type];
  const whole = [left, right].find(({ node: { type } }) => type === 'integer');
  const isDay = types.includes('date') && whole !== undefined;
  const { at } = isDay ? whole : part;
  refuse(
    at.start,
    `${startOf(left.node.type)} ${sign} ${nounOf(right.node.type)} is not possible.`,
    isDay ? `days(${whole.node.op === 'constant' ? whole.node.value : '...'})` : undefined,
  );
}

/** `-value` */
export function checkNegative({ node, at }: Checked): TypedNode {
  const { type } = node;
  if (type !== 'integer' && type !== 'number' && type !== 'duration' && type !== 'days') {
    refuse(at.start, `${startOf(type)} has no sign.`);
  }
  if (node.op === 'constant' && typeof node.value === 'number') {
    return { ...node, value: node.value === 0 ? 0 : -node.value };
  }
  return { op: 'call', type, name: 'negative', parts: [node] };
}
