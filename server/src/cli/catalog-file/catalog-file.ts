/** Reads YAML to plain values, with bounded cost and with the line and column of every member. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLParseError,
  type YAMLWarning,
  type Document as YamlDocument,
  type Node as YamlNode,
} from 'yaml';
import type { DefinitionProblem } from '../../administration/dataset/definition-problems.ts';
import { UsherError } from '../../domain/errors.ts';
import { plainPath, pointerSteps } from '../../domain/json-pointer.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import { maxCatalogFileAliases, maxCatalogFileBytes, maxCatalogFileDepth } from '../limits.ts';

export interface CatalogFile {
  /** Objects are Maps, since their names are input. Paths of sources are absolute. */
  readonly document: unknown;
  /** `FILE:LINE:COLUMN` of a JSON pointer, or of the nearest member around it in the file. */
  readonly placeOf: (pointer: string) => string;
}

/** @throws `definition_invalid` with line and column if it is not YAML, `resource_not_found` */
export async function readCatalogFile(path: string): Promise<CatalogFile> {
  const text = await readBounded(path);
  const lines = new LineCounter();
  const yaml = parseYaml(path, text, lines);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [fault] = [...yaml.errors, ...yaml.warnings];
  if (fault !== undefined) {
    // Some hundred levels exhaust the parser's own stack.
    if (/call stack/.test(fault.message)) throw tooDeep(at(fault.pos[0]));
    throw malformed(at(fault.pos[0]), faultWords(fault, text));
  }
  requireShallow(yaml.contents, at);
  requireKnownAliases(yaml, at);
  const document = plainValue(path, yaml);
  return {
    document: withAbsolutePaths(document, dirname(resolve(path))),
    placeOf: (pointer) => at(offsetOf(yaml, pointer)),
  };
}

/** Runs `work`. Adds line and column to the problems of a definition that came from a file. */
export async function withPlaces<T>(
  placeOf: CatalogFile['placeOf'] | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isPlaced = error instanceof UsherError && Array.isArray(error.members['problems']);
    if (!isPlaced || placeOf === undefined) throw error;
    throw placedError(error, placeOf);
  }
}

function placedError({ code, members }: UsherError, placeOf: CatalogFile['placeOf']): UsherError {
  const problems = members['problems'] as readonly DefinitionProblem[];
  const placed = problems.map((problem) => ({ ...problem, place: placeOf(problem.path) }));
  const words = placed
    .map(({ path, detail, place }) =>
      [place, shortened(plainPath(path)), detail].filter((part) => part !== '').join(': '),
    )
    .map(terminalName)
    .join('\n');
  return new UsherError(code, words, { members: { placed } });
}

/** A path repeats names of the file, which can be of any length. */
function shortened(path: string): string {
  return path.length > maxShownPath ? `${path.slice(0, maxShownPath)}...` : path;
}

const maxShownPath = 300;

async function readBounded(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxCatalogFileBytes) {
      throw malformed(path, `The file is larger than ${maxCatalogFileBytes} bytes.`);
    }
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    if (cause instanceof UsherError) throw cause;
    if (cause instanceof TypeError) throw malformed(path, 'The file is not UTF-8 text.');
    throw new UsherError('resource_not_found', unreadableWords(terminalName(path), cause), {
      cause,
    });
  }
}

function unreadableWords(name: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  if (code === 'ENOENT') return `There is no file ${name}. Name the catalog file with -f.`;
  if (code === 'EISDIR') return `${name} is a folder. Name the catalog file with -f.`;
  if (code === 'EACCES' || code === 'EPERM')
    return `${name} cannot be read. Check its permissions.`;
  return `${name} cannot be read${code === undefined ? '' : ` (${code})`}.`;
}

function parseYaml(path: string, text: string, lineCounter: LineCounter): YamlDocument {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, version: '1.2', merge: false });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(path);
    throw cause;
  }
}

function plainValue(path: string, yaml: YamlDocument): unknown {
  try {
    return yaml.toJS({ mapAsMap: true, maxAliasCount: maxCatalogFileAliases });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw malformed(
      path,
      `The YAML aliases expand to too many values: at most ${maxCatalogFileAliases} are allowed.`,
    );
  }
}

function requireShallow(contents: unknown, at: (offset: number) => string): void {
  const stack: { readonly node: unknown; readonly depth: number }[] = [
    { node: contents, depth: 0 },
  ];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    const { node, depth } = one;
    if (!isCollection(node)) continue;
    if (depth > maxCatalogFileDepth) throw tooDeep(at(node.range?.[0] ?? 0));
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (!isScalar(key)) throw malformed(at(node.range?.[0] ?? 0), 'A name must be text.');
        stack.push({ node: value, depth: depth + 1 });
      }
    } else if (isSeq(node)) {
      stack.push(...node.items.map((item) => ({ node: item, depth: depth + 1 })));
    }
  }
}

/**
 * YAML reads a glob without quotes (`*.csv`) as an alias, so this explains how to quote it. Only an
 * anchor that comes before an alias makes the alias known.
 */
function requireKnownAliases(yaml: YamlDocument, at: (offset: number) => string): void {
  const anchors = new Set<string>();
  visit(yaml, {
    Value: (_key, { anchor }) => {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias: (_key, { source, range }) => {
      if (anchors.has(source)) return;
      const words = `*${source} without quotes is a YAML alias, and the file has no anchor &${source}. Put a text that begins with * in quotes.`;
      throw malformed(at(range?.[0] ?? 0), words);
    },
  });
}

/** Where the member of a JSON pointer begins, or the nearest member around it. */
function offsetOf(yaml: YamlDocument, pointer: string): number {
  let node: unknown = yaml.contents;
  let offset = startOf(node) ?? 0;
  for (const name of pointerSteps(pointer)) {
    const target: unknown = isAlias(node) ? node.resolve(yaml) : node;
    if (isMap(target)) {
      const pair = target.items.find(({ key }) => isScalar(key) && String(key.value) === name);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(target)) {
      node = target.items[Number(name)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as YamlNode | null | undefined)?.range?.[0];
}

/** Paths of sources are relative to the folder of the catalog file. */
function withAbsolutePaths(document: unknown, folder: string): unknown {
  const absolute = (value: unknown): unknown => {
    if (typeof value === 'string' && value.trim() !== '') return resolve(folder, value);
    return Array.isArray(value) ? value.map(absolute) : value;
  };
  return changed(document, 'datasets', (datasets) =>
    mapped(datasets, (dataset) =>
      changed(dataset, 'source', (source) => {
        const paths = changed(changed(source, 'paths', absolute), 'path', absolute);
        return changed(paths, 'files', (files) => mapped(files, absolute));
      }),
    ),
  );
}

function changed(map: unknown, name: string, change: (value: unknown) => unknown): unknown {
  if (!(map instanceof Map) || !map.has(name)) return map;
  return new Map(map).set(name, change(map.get(name)));
}

function mapped(map: unknown, change: (value: unknown) => unknown): unknown {
  if (!(map instanceof Map)) return map;
  return new Map(
    [...(map as ReadonlyMap<unknown, unknown>)].map(([key, one]) => [key, change(one)]),
  );
}

function faultWords({ code, message, pos }: YAMLParseError | YAMLWarning, text: string): string {
  if (code !== 'DUPLICATE_KEY') return firstLine(message);
  const [key] = /^[^:\n]{0,80}/.exec(text.slice(pos[0])) ?? [];
  return `The name ${key ?? ''} is used twice. Remove one of the two.`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

function tooDeep(place: string): UsherError {
  return malformed(place, `The file is nested deeper than ${maxCatalogFileDepth} levels.`);
}

function malformed(place: string, detail: string): UsherError {
  const members = { placed: [{ path: '', detail, place }] };
  return new UsherError('definition_invalid', terminalName(`${place}: ${detail}`), { members });
}
