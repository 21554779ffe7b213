/**
 * Finds every regular expression of the sources and of the contract's schemas. `judge-pattern.ts`
 * decides which of them are linear.
 */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Pattern {
  /** `path:line` of the pattern. */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** A pattern that is built at run time, so that it cannot be judged from the source. */
export interface ComputedPattern {
  readonly path: string;
  readonly place: string;
}

export interface FoundPatterns {
  readonly patterns: readonly Pattern[];
  readonly computed: readonly ComputedPattern[];
}

/** A node of the syntax tree (ESTree). Its other members depend on its type. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly [member: string]: unknown;
}

interface Parser {
  parseSync(path: string, text: string): { readonly program: Node; readonly errors: unknown[] };
}

const sources =
  '{server/{src,bin},{client,console}/src,contract/{src,scripts},scripts}/**/*.{ts,tsx,js}';
const schemas = 'contract/*.json';
const leftOut = ['**/node_modules/**'];

/**
 * @param root the folder that holds `server`, `client`, `contract` and `scripts`
 * @param toolsFolder the folder in which the parser is installed
 * @throws when a source cannot be parsed
 */
export function findPatterns(root: string, toolsFolder: string): FoundPatterns {
  const parser: Parser = createRequire(join(toolsFolder, 'package.json'))('oxc-parser');
  const patterns: Pattern[] = [];
  const computed: ComputedPattern[] = [];
  for (const path of globSync(sources, { cwd: root, exclude: leftOut }).sort()) {
    const text = readFileSync(join(root, path), 'utf8');
    const { program, errors } = parser.parseSync(path, text);
    if (errors.length > 0) throw new Error(`${path} cannot be parsed`);
    walk(program, (node) => {
      const read = readPattern(node);
      if (read === undefined) return;
      const place = `${path}:${text.slice(0, node.start).split('\n').length}`;
      if (read === 'computed') computed.push({ path, place });
      else patterns.push({ place, ...read });
    });
  }
  for (const path of globSync(schemas, { cwd: root }).sort()) {
    const document: unknown = JSON.parse(readFileSync(join(root, path), 'utf8'));
    patterns.push(
      ...schemaPatterns(document).map((source) => ({ place: path, source, flags: '' })),
    );
  }
  return { patterns, computed };
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) visit(value);
  for (const member of Object.values(value)) walk(member, visit);
}

function isNode(value: object): value is Node {
  return 'type' in value && typeof value.type === 'string' && 'start' in value;
}

type ReadPattern = { readonly source: string; readonly flags: string } | 'computed' | undefined;

function readPattern(node: Node): ReadPattern {
  if (node.type === 'Literal') return readLiteral(node);
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return undefined;
  const [first, second] = node['arguments'] as readonly (Node | undefined)[];
  if (nameOf(node['callee']) === 'RegExp') {
    const source = constantText(first);
    const flags = second === undefined ? '' : constantText(second);
    return source === undefined || flags === undefined ? 'computed' : { source, flags };
  }
  // These three build a pattern from their text.
  if (!['match', 'matchAll', 'search'].includes(methodOf(node['callee']) ?? '')) return undefined;
  const source = constantText(first);
  return source === undefined ? undefined : { source, flags: '' };
}

function readLiteral(node: Node): ReadPattern {
  const regex = node['regex'] as { readonly pattern: string; readonly flags: string } | undefined;
  return regex && { source: regex.pattern, flags: regex.flags };
}

function nameOf(callee: unknown): unknown {
  return (callee as Node)['name'];
}

function methodOf(callee: unknown): string | undefined {
  const { type, property } = callee as Node & { readonly property?: Node };
  return type === 'MemberExpression' ? String(property?.['name']) : undefined;
}

/** The text of a string literal, or of a template without `${`. */
function constantText(node: Node | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node?.type !== 'TemplateLiteral') return undefined;
  const [only, ...others] = node['quasis'] as readonly {
    readonly value: { readonly cooked: string };
  }[];
  return others.length === 0 ? only?.value.cooked : undefined;
}

/** Every `pattern` of a JSON schema. */
function schemaPatterns(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'pattern' && typeof member === 'string' ? [member] : schemaPatterns(member),
  );
}
