/**
 * Makes mutants of a source: the same text with one small change that the tests of the file should
 * notice.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Mutant {
  /** The path from the root of the tree. */
  readonly path: string;
  readonly line: number;
  /**
   * The text of the line, without surrounding spaces. Line numbers change, but the text of a line
   * seldom does.
   */
  readonly code: string;
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
}

/** A node of the syntax tree (ESTree with types). Its other members depend on its type. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

interface Parser {
  parseSync(path: string, text: string): { readonly program: Node };
}

type Change = Pick<Mutant, 'start' | 'end' | 'to'>;

const operators: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&': '|',
  '|': '&',
  '<<': '>>',
  '>>': '<<',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+=': '-=',
  '-=': '+=',
  '/=': '*=',
};

const methods: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  indexOf: 'lastIndexOf',
  lastIndexOf: 'indexOf',
};

/** Calls that change a text or a list a little, so that removing them makes a mutant. */
const droppedCalls = ['trim', 'toLowerCase', 'normalize', 'isWellFormed', 'slice', 'filter'];

/**
 * Left out: texts for people, which tests do not repeat, and types, which do not exist at run time.
 */
const leftOut = /^(?:TS(?!AsExpression|NonNull|Satisfies)|Import|ExportAll)/;
const wordMembers = ['detail', 'reached', 'remedy'];

/** @param toolsFolder where the parser is installed */
export function makeMutants(path: string, text: string, toolsFolder: string): Mutant[] {
  const parser: Parser = createRequire(join(toolsFolder, 'package.json'))('oxc-parser');
  const changes: Change[] = [];
  visit(parser.parseSync(path, text).program, (node) => changes.push(...changesOf(node, text)));
  const real = changes.filter(({ start, end, to }) => text.slice(start, end) !== to);
  return real.map((change) => {
    const line = text.slice(0, change.start).split('\n').length;
    const code = text.split('\n')[line - 1]?.trim() ?? '';
    return { path, line, code, ...change, from: text.slice(change.start, change.end) };
  });
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const node = value as Node;
  if (typeof node.type === 'string') {
    if (leftOut.test(node.type) || isWords(node)) return;
    see(node);
    if (isForTheChecker(node)) {
      visit(node['left'], see);
      return;
    }
  }
  for (const member of Object.values(value)) visit(member, see);
}

function isWords({ type, key }: Node): boolean {
  return type === 'Property' && wordMembers.includes(String((key as Node)['name']));
}

/**
 * In `list[place] ?? 0` and `[first = '']` the right side exists only for the type checker and is
 * never evaluated.
 */
function isForTheChecker(node: Node): boolean {
  const [left, right] = [node['left'] as Node, node['right'] as Node];
  if (right?.type !== 'Literal') return false;
  if (node.type === 'AssignmentPattern') return true;
  return node['operator'] === '??' && left['computed'] === true;
}

function changesOf(node: Node, text: string): Change[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression':
      return swapOperator(node, text);
    case 'UnaryExpression':
      return node['operator'] === '!' ? [drop(node, node['argument'], text)] : [];
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
      return [negate(node['test'] as Node, text)];
    case 'Literal':
      return changeLiteral(node);
    case 'ReturnStatement':
      return node['argument'] === null ? [] : [replace(node['argument'], 'undefined')];
    case 'ArrowFunctionExpression':
      return node['expression'] === true ? [replace(node['body'], '(undefined)')] : [];
    case 'ExpressionStatement':
      return [replace(node, ';')];
    case 'CallExpression':
      return changeCall(node, text);
    default:
      return [];
  }
}

function swapOperator(node: Node, text: string): Change[] {
  const operator = String(node['operator']);
  const to = operators[operator];
  const [left, right] = [node['left'] as Node, node['right'] as Node];
  const start = text.indexOf(operator, left.end);
  if (to === undefined || start === -1 || start >= right.start) return [];
  return [{ start, end: start + operator.length, to }];
}

function changeLiteral(node: Node): Change[] {
  const { value, regex } = node as Node & {
    value: unknown;
    regex?: { pattern: string; flags: string };
  };
  if (typeof value === 'number') return [replace(node, String(value + 1))];
  if (typeof value === 'bigint') return [replace(node, `${value + 1n}n`)];
  if (typeof value === 'boolean') return [replace(node, String(!value))];
  if (typeof value === 'string') return [replace(node, value === '' ? "'x'" : "''")];
  if (regex === undefined) return [];
  const { pattern, flags } = regex;
  const others = [
    pattern.replace(/^\^/, ''),
    pattern.replace(/\$$/, ''),
    pattern.replace(/\{([0-9]+)/, (_, least: string) => `{${Number(least) + 1}`),
    pattern.replace(/([0-9]{1,6})\}/, (_, most: string) => `${Number(most) + 1}}`),
    pattern.replace(/\+/, '*'),
  ].filter((other) => other !== pattern);
  const flagless = flags === '' ? [] : [`/${pattern}/`];
  return [...others.map((other) => `/${other}/${flags}`), ...flagless].map((to) =>
    replace(node, to),
  );
}

function changeCall(node: Node, text: string): Change[] {
  const callee = node['callee'] as Node;
  if (callee.type !== 'MemberExpression') return [];
  const property = callee['property'] as Node;
  const name = String(property['name']);
  const other = methods[name];
  if (other !== undefined) return [replace(property, other)];
  return droppedCalls.includes(name) ? [drop(node, callee['object'], text)] : [];
}

function negate(test: Node, text: string): Change {
  return replace(test, `!(${text.slice(test.start, test.end)})`);
}

function drop(node: Node, kept: unknown, text: string): Change {
  const { start, end } = kept as Node;
  return replace(node, text.slice(start, end));
}

function replace(node: unknown, to: string): Change {
  const { start, end } = node as Node;
  return { start, end, to };
}
