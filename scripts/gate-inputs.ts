/**
 * Remembers which gates passed on which inputs, so that a gate is skipped when its inputs have not
 * changed. The key is a digest of every file that the gate reads and of all installed packages.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const recordFile = 'node_modules/.cache/usher/passed-gates.json';

/** Folders that no gate reads. */
const leftOut: ReadonlySet<string> = new Set([
  ...['.git', 'bench/peers', 'bench/work', 'console/dist', 'server/dist', 'usher-data'],
]);

/** npm's own record of the installed packages, each with its version and digest. */
const installedPackages = '.package-lock.json';

export interface GateInputs {
  /** The command line of the gate. */
  readonly command: string;
  /** The files and folders that it reads, from the root. Installed packages are added. */
  readonly reads: readonly string[];
}

/** A digest that changes whenever one of the files, a tool or the command does. */
export function digestInputs({ command, reads }: GateInputs): string {
  const hash = createHash('sha256');
  hash.update(`${process.version} ${process.arch} ${command}\0`);
  const paths = ['node_modules', 'package-lock.json', ...reads].flatMap(listFiles);
  for (const path of [...new Set(paths)].sort()) {
    const content = readFileSync(path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function listFiles(path: string): string[] {
  if (leftOut.has(path)) return [];
  if (path.split('/').at(-1) === 'node_modules') return listPackages(path);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return [path];
  if (stats?.isDirectory() !== true) return [];
  return readdirSync(path).flatMap((name) => listFiles(join(path, name)));
}

function listPackages(folder: string): string[] {
  const path = join(folder, installedPackages);
  return statSync(path, { throwIfNoEntry: false }) === undefined ? [] : [path];
}

export class PassedGates {
  readonly #passed: Map<string, string>;

  constructor() {
    this.#passed = readRecord();
  }

  /** Whether the last run of the gate passed on exactly these inputs. */
  has(heading: string, digest: string): boolean {
    return this.#passed.get(heading) === digest;
  }

  /** @param digest `undefined` for a gate that failed */
  note(heading: string, digest: string | undefined): void {
    if (digest === undefined) this.#passed.delete(heading);
    else this.#passed.set(heading, digest);
    mkdirSync(dirname(recordFile), { recursive: true });
    writeFileSync(recordFile, JSON.stringify([...this.#passed]));
  }
}

function readRecord(): Map<string, string> {
  try {
    return new Map(JSON.parse(readFileSync(recordFile, 'utf8')) as [string, string][]);
  } catch {
    // The file does not exist before the first run. A damaged one only makes every gate run.
    return new Map();
  }
}
