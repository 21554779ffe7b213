/**
 * Parses the text of a rule. The grammar is that of CEL; `check-node.ts` says what a rule may
 * contain of it. Limits apply before and while the text is parsed.
 */
import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';
import { maxRuleArguments, maxRuleBytes, maxRuleDepth, maxRuleNodes } from '../limits.ts';
import { checkForm } from './check-form.ts';
import { refuse } from './rule-fault.ts';
import { scanPrefixes } from './scan-prefixes.ts';
import { syntaxFault } from './syntax-fault.ts';

export type { ASTNode } from '@marcbachmann/cel-js';

/** Only its parser is used. It knows no names, which `check-node.ts` resolves. */
const environment = new Environment({
  limits: {
    maxAstNodes: maxRuleNodes,
    maxDepth: maxRuleDepth,
    maxListElements: maxRuleNodes,
    maxMapEntries: 1,
    maxCallArguments: maxRuleArguments,
  },
});

/** The syntax tree. Stops with a `RuleFaultError` at the first fault. */
export function parseText(text: string, maxBytes = maxRuleBytes): ASTNode {
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes) {
    refuse(0, `The rule is longer than ${maxBytes} bytes. ${advice}`);
  }
  if (text.trim() === '') refuse(0, 'The rule is empty.');
  const deep = scanPrefixes(text, maxRuleDepth);
  if (deep !== undefined) refuse(deep, tooDeep);
  const root = parse(text);
  checkNodes(root, 0);
  return root;
}

const advice = 'Put long lists of values into a dataset of the kind list, and use in_list("NAME").';
const tooDeep = `The rule is nested more than ${maxRuleDepth} levels deep. Split it into segments.`;

function parse(text: string): ASTNode {
  try {
    return environment.parse(text).ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const at = error.range?.start ?? 0;
    if (error.code !== 'limit_exceeded') return refuseSyntax(text, at, error);
    if (error.summary.includes('maxDepth')) return refuse(at, tooDeep);
    if (error.summary.includes('maxCallArguments')) {
      return refuse(at, `A call has at most ${maxRuleArguments} arguments.`);
    }
    return refuse(at, `The rule has more than ${maxRuleNodes} values and operators. ${advice}`);
  }
}

function refuseSyntax(text: string, at: number, { code, summary }: ParseError): never {
  const { reason, suggestion } = syntaxFault(text, { at, code, summary });
  return refuse(at, reason, suggestion);
}

/**
 * Refuses what a rule may not contain. Chains such as `a + b + c` nest to the left, and the parser
 * does not limit their depth.
 */
function checkNodes(node: ASTNode, depth: number): void {
  if (depth > maxRuleDepth) refuse(node.start, tooDeep);
  checkForm(node);
  for (const part of partsOf(node)) checkNodes(part, depth + 1);
}

/** The nodes below this one. A chain of && or of || is one node with many parts. */
export function partsOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '&&':
    case '||':
      return chainOf(node, node.op);
    case '!_':
    case '-_':
      return [node.args];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    default:
      return node.args;
  }
}

function chainOf(node: ASTNode, op: '&&' | '||'): ASTNode[] {
  const parts: ASTNode[] = [];
  let rest = node;
  while (rest.op === op) {
    parts.push(rest.args[1]);
    rest = rest.args[0];
  }
  return [...parts, rest].reverse();
}
