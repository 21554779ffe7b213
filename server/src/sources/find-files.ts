/**
 * Finds the files of paths and globs. A plain path may be a link to anywhere. A file that a glob
 * finds must lie below the glob's folder, because others may be able to write there.
 */
import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { hasWildcard, segmentMatcher } from './glob-segment.ts';
import { maxGlobDepth, maxGlobEntries, maxSourceFiles } from './limits.ts';
import { codeOf, invalidSource, printableName } from './source-failure.ts';

export interface FoundFile {
  readonly path: string;
  /** For messages: the path relative to the folder that all found files share. */
  readonly name: string;
}

/**
 * Returns at least one file, each once, in the order of `patterns`. The files of one glob are
 * sorted by path.
 * @throws UsherError `definition_invalid`
 */
export async function findFiles(patterns: readonly string[]): Promise<readonly FoundFile[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    if (!isAbsolute(pattern) || pattern.includes('\0')) {
      throw invalidSource(`${printableName(pattern)} is not an absolute path.`);
    }
    for (const path of await filesOf(pattern)) found.add(path);
    if (found.size > maxSourceFiles) {
      throw invalidSource(
        `With ${printableName(pattern)} the dataset has more than ${maxSourceFiles} files, the most that it may have. Merge files, or name fewer.`,
      );
    }
  }
  if (found.size === 0) throw invalidSource('The source names no file.');
  const paths = [...found];
  const folder = sharedFolder(paths);
  return paths.map((path) => ({ path, name: relative(folder, path) }));
}

async function filesOf(pattern: string): Promise<string[]> {
  // A file name may contain wildcards. The file wins over the glob.
  if (!hasWildcard(pattern) || (await exists(pattern))) return [pattern];
  const segments = pattern.split('/').filter((segment) => segment !== '');
  const first = segments.findIndex(hasWildcard);
  const base = `/${segments.slice(0, first).join('/')}`;
  const walk = new GlobWalk(pattern);
  await walk.enter(base, segments.slice(first), 0);
  const paths = [...walk.files].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (paths.length === 0) throw invalidSource(`No file matches ${printableName(pattern)}.`);
  await refuseOutside(base, paths);
  return paths;
}

class GlobWalk {
  readonly files = new Set<string>();
  readonly #pattern: string;
  #entries = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** Collects what the segments match below the folder. `**` does not follow links to folders. */
  async enter(folder: string, segments: readonly string[], depth: number): Promise<void> {
    const [segment = '', ...rest] = segments;
    if (depth > maxGlobDepth) {
      throw invalidSource(
        `${printableName(this.#pattern)} goes more than ${maxGlobDepth} folders deep. Begin it with a more specific folder.`,
      );
    }
    if (segment === '**') {
      await this.enter(folder, rest.length === 0 ? ['*'] : rest, depth);
      for (const entry of await this.#list(folder)) {
        if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
        await this.enter(join(folder, entry.name), segments, depth + 1);
      }
      return;
    }
    const isMatch = segmentMatcher(segment);
    for (const entry of await this.#list(folder)) {
      if (!isMatch(entry.name)) continue;
      const path = join(folder, entry.name);
      if (rest.length > 0) {
        if (entry.isDirectory() || entry.isSymbolicLink()) await this.enter(path, rest, depth + 1);
      } else if (!entry.isDirectory()) {
        this.files.add(path);
      }
    }
  }

  async #list(folder: string) {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
      throw invalidSource(
        `A folder of ${printableName(this.#pattern)} cannot be read. Give this account the right to read it.`,
        error,
      );
    });
    this.#entries += entries.length;
    if (this.#entries > maxGlobEntries) {
      throw invalidSource(
        `${printableName(this.#pattern)} searches more than ${maxGlobEntries} names. Begin it with a more specific folder.`,
      );
    }
    return entries;
  }
}

async function refuseOutside(base: string, paths: readonly string[]): Promise<void> {
  const home = await realpath(base);
  for (const path of paths) {
    const name = relative(base, path);
    const target = await realpath(path).catch((error: unknown) => {
      throw invalidSource(`${printableName(name)} is a link to a file that does not exist.`, error);
    });
    if (target.startsWith(home === sep ? sep : home + sep)) continue;
    throw invalidSource(
      `${printableName(name)} is a link to a file outside of the glob's folder. Name that file by its own path.`,
    );
  }
}

/** The deepest folder that contains all paths. */
function sharedFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? sep);
  for (const path of paths) {
    while (!path.startsWith(folder === sep ? sep : folder + sep)) folder = dirname(folder);
  }
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
