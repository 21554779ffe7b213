/**
 * Checks that lent memory is never kept across an `await`, and never leaves the call that it was
 * lent to. It reads a file as a syntax tree. `house-rules.ts` lists the types, methods and files
 * that lend.
 *
 * A function touches lent memory if one of its parameters has a lent type, if `lendContact` calls
 * it, or if it calls a method that lends. Such a function is neither async nor a generator, starts
 * nothing that runs later, and stores no lent bytes outside itself.
 */
import { parseSync } from 'oxc-parser';
import { lenders, lendingCalls, lendingMethods, lentTypes, waitingTypes } from './house-rules.ts';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [member: string]: unknown;
}

/** What is wrong with a file's use of lent memory, in words with the number of the line. */
export function checkLentMemory(path: string, text: string): string[] {
  if (!mayTouch.test(text)) return [];
  const { program } = parseSync(path, text);
  const nodes = allNodes(program as unknown as Node);
  const callbacks = findCallbacks(nodes);
  const found = [
    ...callbacks.wrong,
    ...nodes.filter(isFunction).flatMap((it) => checkFunction(it, callbacks.functions)),
    ...nodes.flatMap(checkType),
    ...(lenders.has(path) ? [] : nodes.flatMap((it) => checkProperty(it))),
  ];
  return found.map(({ at, words }) => `line ${text.slice(0, at).split('\n').length}: ${words}`);
}

const mayTouch = new RegExp(
  `\\b(?:${[...lendingMethods, ...lentTypes, ...lendingCalls].join('|')})\\b`,
);

interface Fault {
  readonly at: number;
  readonly words: string;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flat().filter(isNode);
}

function allNodes(node: Node): Node[] {
  return [node, ...childrenOf(node).flatMap(allNodes)];
}

function isFunction(node: Node): boolean {
  return /^(?:ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(node.type);
}

/** The nodes of a function without those of functions inside it. */
function ownNodes(node: Node): Node[] {
  return childrenOf(node).flatMap((child) =>
    isFunction(child) ? [child] : [child, ...ownNodes(child)],
  );
}

/** `b` of `a.b(...)`, `a.#b(...)`, `b(...)` and `new b(...)`. */
function calledName(node: Node): string | undefined {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined;
  const callee = node['callee'] as Node;
  const named = callee.type === 'MemberExpression' ? (callee['property'] as Node) : callee;
  return typeof named['name'] === 'string' ? named['name'] : undefined;
}

/** The functions that a reader lends to: written on the spot, or declared in the same file. */
function findCallbacks(nodes: readonly Node[]) {
  const functions = new Set<Node>();
  const wrong: Fault[] = [];
  for (const call of nodes.filter((it) => lendingMethods.has(calledName(it) ?? ''))) {
    const given = (call['arguments'] as Node[])[1];
    const isName = given?.type === 'Identifier';
    const called = isName ? nodes.find((it) => isDeclarationOf(it, given['name'])) : given;
    if (called !== undefined && isFunction(called)) functions.add(called);
    // Whoever passes a reader's method on passes on what its own caller gave, which is checked
    // there.
    else if (!isName || !isParameter(nodes, given['name'])) {
      wrong.push({ at: call.start, words: 'lends to a function that is not in this file' });
    }
  }
  return { functions, wrong };
}

function isDeclarationOf(node: Node, name: unknown): boolean {
  return node.type === 'FunctionDeclaration' && (node['id'] as Node | null)?.['name'] === name;
}

function isParameter(nodes: readonly Node[], name: unknown): boolean {
  return nodes
    .filter(isFunction)
    .some((it) => (it['params'] as Node[]).some((one) => one['name'] === name));
}

function checkFunction(node: Node, callbacks: ReadonlySet<Node>): Fault[] {
  const lentParameters = (node['params'] as Node[]).filter(
    (one, place) => (callbacks.has(node) && place === 0) || hasLentType(one),
  );
  const lends = ownNodes(node).filter((it) => lendingCalls.has(calledName(it) ?? ''));
  if (lentParameters.length + lends.length === 0) return [];
  const waits = checkWaits(node);
  const names = new Set(lentParameters.flatMap(boundNames));
  return [...waits, ...(callbacks.has(node) ? checkLeaks(node, names) : [])];
}

function checkWaits(node: Node): Fault[] {
  const fault = (at: Node, words: string) => ({
    at: at.start,
    words: `holds lent memory and ${words}`,
  });
  if (node['async'] === true) return [fault(node, 'is async')];
  if (node['generator'] === true) return [fault(node, 'is a generator')];
  return allNodes(node).flatMap((it) => {
    if (it.type === 'AwaitExpression') return [fault(it, 'waits')];
    const name = calledName(it) ?? '';
    return laterCalls.has(name) ? [fault(it, `calls ${name}, which goes on later`)] : [];
  });
}

const laterCalls = new Set(
  'then catch finally setTimeout setInterval setImmediate nextTick queueMicrotask Promise'.split(
    ' ',
  ),
);

/** Lent bytes that a callback stores in what lives longer, or gives back. */
function checkLeaks(node: Node, parameters: ReadonlySet<string>): Fault[] {
  const names = new Set(parameters);
  const isView = (it: unknown) => isNode(it) && names.has(viewRoot(it) ?? '');
  const locals = new Set((node['params'] as Node[]).flatMap(boundNames));
  for (const declared of allNodes(node).filter((it) => it.type === 'VariableDeclarator')) {
    for (const name of boundNames(declared['id'] as Node)) {
      locals.add(name);
      // Another name for the same memory.
      if (isView(declared['init'])) names.add(name);
    }
  }
  const leaks = allNodes(node).flatMap((it) => {
    if (it.type === 'AssignmentExpression' && isView(it['right'])) {
      const target = it['left'] as Node;
      const isLocal = target.type === 'Identifier' && locals.has(String(target['name']));
      return isLocal ? [] : [{ at: it.start, words: 'stores lent memory outside its call' }];
    }
    const isStored = storingCalls.has(calledName(it) ?? '');
    if (isStored && (it['arguments'] as unknown[]).some(isView)) {
      return [{ at: it.start, words: 'stores lent memory outside its call' }];
    }
    return it.type === 'ReturnStatement' && isView(it['argument'])
      ? [{ at: it.start, words: 'gives lent memory back' }]
      : [];
  });
  const givesBack = node['expression'] === true && isView(node['body']);
  return givesBack ? [...leaks, { at: node.start, words: 'gives lent memory back' }] : leaks;
}

const storingCalls = new Set(['push', 'unshift', 'add', 'set']);

/**
 * The name at the root of an expression that is lent memory itself: `a`, `a.record`,
 * `a.bytes.subarray(...)`.
 */
function viewRoot(node: Node): string | undefined {
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type === 'MemberExpression') {
    const member = (node['property'] as Node)['name'];
    return viewMembers.has(String(member)) ? viewRoot(node['object'] as Node) : undefined;
  }
  if (node.type !== 'CallExpression') return undefined;
  const callee = node['callee'] as Node;
  const name = calledName(node) ?? '';
  return name === 'subarray' || name === 'slice' ? viewRoot(callee['object'] as Node) : undefined;
}

const viewMembers = new Set(['record', 'memberships', 'bytes', 'buffer']);

/** All names that a parameter or a declaration binds. */
function boundNames(node: Node): string[] {
  if (node.type === 'Identifier') return [String(node['name'])];
  if (node.type === 'Property') return boundNames(node['value'] as Node);
  if (node.type === 'AssignmentPattern') return boundNames(node['left'] as Node);
  return childrenOf(node)
    .filter((it) => !it.type.startsWith('TS'))
    .flatMap(boundNames);
}

function hasLentType(node: Node): boolean {
  const annotation = node['typeAnnotation'];
  return isNode(annotation) && allNodes(annotation).some(isLentName);
}

function isLentName(node: Node): boolean {
  const name = node.type === 'TSTypeReference' ? (node['typeName'] as Node)['name'] : undefined;
  return lentTypes.has(String(name));
}

/** `Promise<LentBytes>` and the like. */
function checkType(node: Node): Fault[] {
  if (node.type !== 'TSTypeReference') return [];
  const name = String((node['typeName'] as Node)['name']);
  const given = node['typeArguments'];
  if (!waitingTypes.has(name) || !isNode(given) || !allNodes(given).some(isLentName)) return [];
  return [{ at: node.start, words: `has a ${name} of lent memory` }];
}

/** A property of a class outlives every call. */
function checkProperty(node: Node): Fault[] {
  const isKept = node.type === 'PropertyDefinition' && hasLentType(node);
  return isKept ? [{ at: node.start, words: 'keeps lent memory in a property' }] : [];
}
