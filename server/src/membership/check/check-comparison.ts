/** Checks comparisons and the operator `in`. */
import type { Checked } from './checked-part.ts';
import type { RuleChecker } from './rule-checker.ts';
import { refuse } from './rule-fault.ts';
import { nounOf, startOf } from './type-nouns.ts';
import type { Comparison, TypedNode } from './typed-node.ts';
import { agree } from './unify-types.ts';

export type ComparisonSign = Comparison['sign'];

export function checkComparison(
  sign: ComparisonSign,
  parts: readonly [Checked, Checked],
  checker: RuleChecker,
): Comparison {
  const { type, nodes } = agree(parts, checker);
  const [left, right] = nodes as [TypedNode, TypedNode];
  if (type === 'set') refuse(parts[0].at.start, 'Sets cannot be compared.', '"VALUE" in FIELD');
  if (type === 'boolean' && sign !== '==') {
    refuse(parts[0].at.start, 'true and false have no order. Use == or !=.');
  }
  return { op: 'compare', type: 'boolean', sign, left, right };
}

/** `value in set` */
export function checkIn(value: Checked, set: Checked): TypedNode {
  if (set.node.type === 'text') {
    refuse(set.at.start, 'This is a text, not a list or a set.', 'FIELD.contains("VALUE")');
  }
  if (set.node.type !== 'set') {
    refuse(set.at.start, `This is ${nounOf(set.node.type)}, not a list or a set.`, '[...]');
  }
  if (value.node.type !== 'text') {
    refuse(value.at.start, `${startOf(value.node.type)} cannot be in a set, which contains texts.`);
  }
  return { op: 'in-set', type: 'boolean', value: value.node, set: set.node };
}
