/**
 * Loads our sources with one mutant, many times in one process, without changing the files. Each
 * mutant has a number, which is appended to the addresses of all its modules, so that mutants share
 * no module.
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Mutant } from './make-mutants.ts';

const collector = new URL('./collected-tests.ts', import.meta.url).href;
const ours = new URL('../../server/', import.meta.url).href;
const mark = '?mutant=';

/** JavaScript of the unchanged files. */
const scripts = new Map<string, string>();
const mutants = new Map<string, Mutant>();

/**
 * From now on, everything that `loadTests` imports is loaded with this mutant, and our collector
 * replaces `node:test`.
 */
export function startLoader(): void {
  registerHooks({
    resolve(name, context, next) {
      const number = context.parentURL?.split(mark)[1];
      if (number === undefined) return next(name, context);
      if (name === 'node:test') return { url: collector, shortCircuit: true };
      const resolved = next(name, context);
      const isOurs = resolved.url.startsWith(ours) && !resolved.url.includes('/node_modules/');
      return isOurs ? { ...resolved, url: resolved.url + mark + number } : resolved;
    },
    load(url, context, next) {
      const [file = '', number] = url.split(mark);
      if (number === undefined) return next(url, context);
      return { source: scriptOf(file, number), format: 'module', shortCircuit: true };
    },
  });
}

/**
 * @param path the absolute path of a test file
 * @param mutant `undefined` for the unchanged sources
 */
export async function loadTests(path: string, number: number, mutant?: Mutant): Promise<void> {
  if (mutant !== undefined) mutants.set(String(number), mutant);
  await import(pathToFileURL(path).href + mark + number);
}

function scriptOf(file: string, number: string): string {
  const mutant = mutants.get(number);
  if (mutant !== undefined && file.endsWith(`/${mutant.path}`)) {
    const text = readFileSync(fileURLToPath(file), 'utf8');
    return stripTypeScriptTypes(text.slice(0, mutant.start) + mutant.to + text.slice(mutant.end));
  }
  const script =
    scripts.get(file) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(file), 'utf8'));
  scripts.set(file, script);
  return script;
}
