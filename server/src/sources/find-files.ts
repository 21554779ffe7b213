/**
 * Paths and globs to files. A path that an operator wrote is followed wherever it leads; what a
 * glob finds must lie below the folder in which its wildcards begin, since others may write there.
 */
import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { hasWildcard, segmentMatcher } from './glob-segment.ts';
import { maxGlobDepth, maxGlobEntries, maxSourceFiles } from './limits.ts';
import { printableName } from './printable-name.ts';
import { invalidSource } from './source-failure.ts';

export interface FoundFile {
  readonly path: string;
  /** What messages may call it: its path below the folder that all of the found files are in. */
  readonly name: string;
}

/**
 * @returns at least one file, each once: in the order of `patterns`, those of one glob by their
 *   path, byte by byte
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
        `${printableName(pattern)} brings the files to more than ${maxSourceFiles}, which is as many as one dataset reads. Join them, or name fewer.`,
      );
    }
  }
  if (found.size === 0) throw invalidSource('The source names no file.');
  const paths = [...found];
  const folder = sharedFolder(paths);
  return paths.map((path) => ({ path, name: relative(folder, path) }));
}

async function filesOf(pattern: string): Promise<string[]> {
  // A file may be called as a glob looks: then it is that file.
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

  /**
   * What the segments match below the folder. Folders by way of a link are entered where the
   * pattern names them, not by `**`.
   */
  async enter(folder: string, segments: readonly string[], depth: number): Promise<void> {
    const [segment = '', ...rest] = segments;
    if (depth > maxGlobDepth) {
      throw invalidSource(
        `${printableName(this.#pattern)} goes more than ${maxGlobDepth} folders deep.`,
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
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      throw invalidSource(`A folder of ${printableName(this.#pattern)} cannot be read.`, error);
    });
    this.#entries += entries.length;
    if (this.#entries > maxGlobEntries) {
      throw invalidSource(
        `${printableName(this.#pattern)} looks through more than ${maxGlobEntries} names: begin it with a narrower folder.`,
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
      throw invalidSource(`${printableName(name)} is a link that leads nowhere.`, error);
    });
    if (target.startsWith(home === sep ? sep : home + sep)) continue;
    throw invalidSource(
      `${printableName(name)} is a link that leads out of the folder of its glob. A file elsewhere is read by its own path.`,
    );
  }
}

/** The folder that all are below. */
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
