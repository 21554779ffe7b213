/** The check of the whole tree: every rule of the house, as a function over a folder. */
import { checkDataFiles } from './check-data-files.ts';
import { checkImports } from './check-imports.ts';
import { checkLentMemory } from './check-lent-memory.ts';
import { checkTables } from './check-tables.ts';
import { checkText } from './check-text.ts';
import { checkCommentWidth, checkMarkdownWidth } from './check-width.ts';
import { findCycles } from './find-cycles.ts';
import { type Module, readHouse } from './read-house.ts';

/**
 * What breaks the rules below `root`, a line each: the file, then what is wrong with it. Empty: all
 * is well.
 */
export function checkHouse(root: string): string[] {
  const modules = readHouse(root);
  const entries = entryPaths(modules);
  const wrong = [...modules.values()].flatMap((module) => [
    ...checkText(module, entries.has(module.path)).map((words) => `${module.path}: ${words}`),
    ...checkImports(module, entries.has(module.path)).map((words) => `${module.path}: ${words}`),
    ...checkDataFiles(module).map((words) => `${module.path}: ${words}`),
    ...checkCommentWidth(module.text).map((words) => `${module.path}: ${words}`),
    ...checkTables(module).map((words) => `${module.path}: ${words}`),
    ...lentMemory(module).map((words) => `${module.path}: ${words}`),
  ]);
  const rings = findCycles(modules).map((ring) => `${ring[0]}: is on a ring: ${ring.join(' > ')}`);
  return [...wrong, ...rings, ...checkMarkdownWidth(root)].sort();
}

/** Tests may try what the product may not do. */
function lentMemory({ path, text }: Module): string[] {
  return path.startsWith('server/src/') ? checkLentMemory(path, text) : [];
}

/** What a process or a thread begins with: it runs when it is imported. */
function entryPaths(modules: ReadonlyMap<string, Module>): ReadonlySet<string> {
  const edges = [...modules.values()].flatMap((module) => module.edges);
  return new Set(edges.filter((edge) => edge.kind === 'load').map((edge) => edge.target));
}
