/** Checks calls of functions and methods: how many arguments they have, and of which types. */
import type { RuleType } from '../../domain/rule/rule-type.ts';
import { checkMembership } from './check-membership.ts';
import type { Checked } from './checked-part.ts';
import { type ASTNode, partsOf } from './parse-text.ts';
import type { RuleChecker } from './rule-checker.ts';
import { constantOf } from './rule-constants.ts';
import { refuse } from './rule-fault.ts';
import { nounOf } from './type-nouns.ts';
import type { CallName, TypedNode } from './typed-node.ts';
import { agree } from './unify-types.ts';

type CheckNode = (node: ASTNode, checker: RuleChecker) => TypedNode;
type CallNode = Extract<ASTNode, { readonly op: 'call' | 'rcall' }>;

interface Signature {
  readonly least: number;
  readonly most: number;
  /** What each argument may be; the last one is also for those that follow. */
  readonly accepts: readonly (readonly RuleType[])[];
  /** `same`: the type that the arguments have in common. */
  readonly result: RuleType | 'same';
}

const numbers: readonly RuleType[] = ['integer', 'number'];
const ordered: readonly RuleType[] = [...numbers, 'date', 'duration', 'days'];
const ofText: Signature = { least: 1, most: 1, accepts: [['text']], result: 'text' };
const ofTexts: Signature = { least: 2, most: 2, accepts: [['text']], result: 'boolean' };
const rounding: Signature = { least: 1, most: 1, accepts: [numbers], result: 'integer' };
const choosing: Signature = { least: 2, most: 32, accepts: [ordered], result: 'same' };
const any: readonly RuleType[] = [...ordered, 'boolean', 'big integer', 'text', 'set'];
const convertible: readonly RuleType[] = [...numbers, 'big integer', 'text'];

/** By name; of a method, the text in front of it is the first argument. */
const signatures: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['coalesce', { least: 2, most: 32, accepts: [any], result: 'same' }],
  ['size', { least: 1, most: 1, accepts: [['text', 'set']], result: 'integer' }],
  ['int', { least: 1, most: 1, accepts: [convertible], result: 'integer' }],
  ['double', { least: 1, most: 1, accepts: [convertible], result: 'number' }],
  ['string', { least: 1, most: 1, accepts: [[...convertible, 'boolean']], result: 'text' }],
  ['min', choosing],
  ['max', choosing],
  ['abs', { least: 1, most: 1, accepts: [[...numbers, 'duration']], result: 'same' }],
  ['round', rounding],
  ['floor', rounding],
  ['ceil', rounding],
  ['startsWith', ofTexts],
  ['endsWith', ofTexts],
  ['contains', ofTexts],
  ['lowerAscii', ofText],
  ['upperAscii', ofText],
  ['trim', ofText],
  ['days', { least: 1, most: 1, accepts: [['integer']], result: 'days' }],
]);

export function checkCall(node: CallNode, checker: RuleChecker, checkNode: CheckNode): TypedNode {
  const [name] = node.args;
  const isMethod = node.op === 'rcall';
  const special = constantOf(node, name) ?? checkMembership(node, checker, checkNode);
  if (special !== undefined) return special;
  if (name === 'has') return checkHas(node, checker, checkNode);
  const signature = signatures.get(name);
  if (signature === undefined) return refuse(node.start, `There is no function "${name}".`);
  const parts = partsOf(node);
  checkCount(node, isMethod ? 1 : 0, signature);
  const checked = parts.map((at, place) => {
    const part = { at, node: checkNode(at, checker) };
    checkArgument(part, name, signature.accepts[place] ?? signature.accepts.at(-1) ?? []);
    return part;
  });
  const agreed = signature.least > 1 ? agree(checked, checker) : undefined;
  const typed = agreed?.nodes ?? checked.map((part) => part.node);
  const own = agreed?.type ?? typed[0]?.type ?? 'text';
  const type = signature.result === 'same' ? own : signature.result;
  return { op: 'call', type, name: name as CallName, parts: typed };
}

function checkCount(node: CallNode, receivers: number, { least, most }: Signature): void {
  const given = partsOf(node).length;
  if (given >= least && given <= most) return;
  const [from, to] = [least - receivers, most - receivers];
  const count = from === to ? String(from) : `${from} to ${to}`;
  const noun = to === 1 ? 'argument' : 'arguments';
  refuse(node.start, `${node.args[0]} takes ${count} ${noun}, and not ${given - receivers}.`);
}

function checkArgument({ at, node }: Checked, name: string, accepts: readonly RuleType[]): void {
  if (accepts.includes(node.type)) return;
  if (name === 'contains' && node.type === 'set') {
    refuse(at.start, 'This is a set.', '"VALUE" in FIELD');
  }
  const hint = name === 'string' ? ' A date or a set cannot become a text.' : '';
  refuse(at.start, `${name} does not accept ${nounOf(node.type)}.${hint}`);
}

function checkHas(node: CallNode, checker: RuleChecker, checkNode: CheckNode): TypedNode {
  const parts = partsOf(node);
  const [part] = parts;
  const field = part?.op === 'id' ? checkNode(part, checker) : undefined;
  if (parts.length !== 1 || field?.op !== 'field') {
    return refuse(node.start, 'has takes the name of one field.', 'has(FIELD)');
  }
  return { op: 'has', type: 'boolean', fieldId: field.fieldId };
}
