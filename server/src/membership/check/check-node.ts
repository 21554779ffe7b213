/**
 * Checks the types of a parsed rule, from the leaves to the root. `docs/rules.md` has the table of
 * what each operator accepts.
 */
import { ruleTypeOf } from '../../domain/rule/rule-type.ts';
import { checkCall } from './check-call.ts';
import { type ComparisonSign, checkComparison, checkIn } from './check-comparison.ts';
import { checkNegative, checkSum } from './check-sum.ts';
import type { Checked } from './checked-part.ts';
import { type ASTNode, partsOf } from './parse-text.ts';
import { fieldWord, type RuleChecker } from './rule-checker.ts';
import { refuse } from './rule-fault.ts';
import { nounOf } from './type-nouns.ts';
import type { TypedNode } from './typed-node.ts';
import { agree } from './unify-types.ts';

export function checkNode(node: ASTNode, checker: RuleChecker): TypedNode {
  switch (node.op) {
    case 'value':
      return checkLiteral(node, node.args);
    case 'id':
      return checkName(node, node.args, checker);
    case '&&':
    case '||': {
      const parts = partsOf(node).map((part) => checkCondition(part, checker));
      return { op: node.op === '&&' ? 'all' : 'any', type: 'boolean', parts };
    }
    case '!_':
      return { op: 'not', type: 'boolean', part: checkCondition(node.args, checker) };
    case '-_':
      return checkNegative(checkPart(node.args, checker));
    case '?:':
      return checkChoice(node.args, checker);
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return checkCompared(node.op, node.args, checker);
    case 'in':
      return checkMember(node.args, checker);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%': {
      const [left, right] = node.args;
      return checkSum(node, [checkPart(left, checker), checkPart(right, checker)], checker);
    }
    case 'call':
    case 'rcall':
      return checkCall(node, checker, checkNode);
    case 'list':
      return refuse(node.start, 'A list can only stand behind "in".');
    default:
      return refuse(node.start, 'A rule cannot contain this.');
  }
}

function checkPart(at: ASTNode, checker: RuleChecker): Checked {
  return { node: checkNode(at, checker), at };
}

function checkLiteral(at: ASTNode, value: unknown): TypedNode {
  if (typeof value === 'string') {
    return { op: 'constant', type: 'text', value: value.normalize('NFC') };
  }
  if (typeof value === 'number') return { op: 'constant', type: 'number', value };
  if (typeof value === 'boolean') return { op: 'constant', type: 'boolean', value };
  if (typeof value === 'bigint') {
    // A larger number is only valid beside a big integer, which reads its digits from the text.
    return { op: 'constant', type: 'integer', value: Number(value) };
  }
  return refuse(at.start, 'null has no type here. Use has(FIELD) to ask for a value.');
}

function checkName(at: ASTNode, name: string, checker: RuleChecker): TypedNode {
  if (name === 'now') return { op: 'now', type: 'date' };
  const id = Number(fieldWord.exec(name)?.[1]);
  const field = checker.fieldOf(id);
  if (field === undefined) return refuse(at.start, 'This field no longer exists.');
  if (!field.condition && !checker.usesAllFields) {
    refuse(
      at.start,
      `Rules may not use the field "${field.name}". Set its flag first: usher field set ${field.name} --condition on`,
    );
  }
  return { op: 'field', type: ruleTypeOf(field.type), fieldId: id, at: at.start };
}

/** A part that must be true or false. */
function checkCondition(at: ASTNode, checker: RuleChecker): TypedNode {
  const node = checkNode(at, checker);
  if (node.type === 'boolean') return node;
  const name = node.op === 'field' ? checker.fieldOf(node.fieldId)?.name : undefined;
  const suggestion = name === undefined ? undefined : `has(${name})`;
  return refuse(at.start, `This is ${nounOf(node.type)}, but true or false is needed.`, suggestion);
}

function isNull(node: ASTNode): boolean {
  return node.op === 'value' && node.args === null;
}

function checkCompared(
  sign: '!=' | ComparisonSign,
  [left, right]: readonly [ASTNode, ASTNode],
  checker: RuleChecker,
): TypedNode {
  if (isNull(left) || isNull(right)) refuseNull(sign, isNull(left) ? right : left, checker);
  const compared = checkComparison(
    sign === '!=' ? '==' : sign,
    [checkPart(left, checker), checkPart(right, checker)],
    checker,
  );
  return sign === '!=' ? { op: 'not', type: 'boolean', part: compared } : compared;
}

function refuseNull(sign: string, other: ASTNode, checker: RuleChecker): never {
  const id = other.op === 'id' ? Number(fieldWord.exec(other.args)?.[1]) : Number.NaN;
  const name = checker.fieldOf(id)?.name ?? 'FIELD';
  const suggestion = `${sign === '!=' ? '' : '!'}has(${name})`;
  const reason =
    sign === '==' || sign === '!='
      ? 'A rule does not compare with null: has(FIELD) says whether there is a value.'
      : 'A comparison with null is always false.';
  refuse(other.start, reason, suggestion);
}

function checkMember(
  [value, container]: readonly [ASTNode, ASTNode],
  checker: RuleChecker,
): TypedNode {
  if (isNull(value)) refuseNull('in', value, checker);
  const left = checkPart(value, checker);
  if (container.op !== 'list') {
    const set = checkPart(container, checker);
    return checkIn(left, set);
  }
  const elements = container.args.map((element) => {
    if (isNull(element)) refuse(element.start, 'A list contains no null. Use has(FIELD).');
    return checkPart(element, checker);
  });
  const { type, nodes } = agree([left, ...elements], checker);
  if (type === 'set') refuse(value.start, 'Sets cannot be compared.', '"VALUE" in FIELD');
  const [typed, ...others] = nodes;
  return { op: 'in-list', type: 'boolean', value: typed ?? left.node, elements: others };
}

function checkChoice(
  [condition, whenTrue, whenFalse]: readonly [ASTNode, ASTNode, ASTNode],
  checker: RuleChecker,
): TypedNode {
  const tested = checkCondition(condition, checker);
  if (isNull(whenTrue) && isNull(whenFalse))
    refuse(whenTrue.start, 'One of the two values must not be null.');
  if (isNull(whenTrue) || isNull(whenFalse)) {
    const node = checkNode(isNull(whenTrue) ? whenFalse : whenTrue, checker);
    const none: TypedNode = { op: 'constant', type: node.type, value: null };
    const [yes, no] = isNull(whenTrue) ? [none, node] : [node, none];
    return { op: 'choose', type: node.type, condition: tested, whenTrue: yes, whenFalse: no };
  }
  const parts = [checkPart(whenTrue, checker), checkPart(whenFalse, checker)];
  const { type, nodes } = agree(parts, checker);
  const [yes, no] = nodes as [TypedNode, TypedNode];
  return { op: 'choose', type, condition: tested, whenTrue: yes, whenFalse: no };
}
