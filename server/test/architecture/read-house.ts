/**
 * Reads the tree into modules: each source file with its text, its room and the targets of its
 * imports.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Import, scanSource } from './scan-source.ts';

export interface Edge extends Import {
  /** A file of the tree, a builtin (`node:fs`), or a package's name. */
  readonly target: string;
  readonly isFile: boolean;
}

export interface Module {
  /** From the root, with slashes. */
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly code: string;
  readonly strings: readonly string[];
  readonly edges: readonly Edge[];
}

const sourceFolders = ['contract', 'client', 'console', 'server', 'bench', 'examples', 'scripts'];
const leftOut = [
  '**/node_modules/**',
  'console/dist/**',
  'server/dist/**',
  'bench/peers/**',
  'bench/work/**',
  'bench/results/**',
];

/** Every source file below `root`, by path. */
export function readHouse(root: string): ReadonlyMap<string, Module> {
  const patterns = sourceFolders.map((folder) => `${folder}/**/*.{ts,tsx,js,mjs}`);
  const paths = globSync(patterns, { cwd: root, exclude: leftOut }).sort();
  return new Map(paths.map((path) => [path, readModule(root, path)]));
}

function readModule(root: string, path: string): Module {
  const text = readFileSync(join(root, path), 'utf8');
  const { code, imports, strings } = scanSource(text);
  const edges = imports.map((item) => ({ ...item, ...resolve(root, path, item.specifier) }));
  return { path, room: roomOf(path), text, code, strings, edges };
}

/**
 * `server/src/http/routes/x.ts` is in `http`, `server/src/main.ts` in `main`, `client/src/x.ts` in
 * `client`.
 */
export function roomOf(path: string): string {
  const parts = path.split('/');
  if (parts[0] !== 'server') return parts[0] ?? '';
  if (parts[1] !== 'src') return `server/${parts[1]}`;
  return (parts[2] ?? '').replace(/\.ts$/, '');
}

function resolve(root: string, path: string, specifier: string) {
  if (specifier.startsWith('.')) {
    const target = normalize(join(dirname(path), specifier));
    return { target, isFile: existsSync(join(root, target)) };
  }
  const own = /^@usher\/([a-z]+)(?:\/(.+))?$/.exec(specifier);
  if (own === null) return { target: packageName(specifier), isFile: false };
  return { target: exportedFile(root, own[1] ?? '', own[2]), isFile: true };
}

function exportedFile(root: string, member: string, path: string | undefined): string {
  const { exports } = JSON.parse(readFileSync(join(root, member, 'package.json'), 'utf8'));
  const key = path === undefined ? '.' : `./${path}`;
  const target: string = exports[key] ?? exports['./*']?.replace('*', path) ?? `./${path}`;
  return normalize(join(member, target));
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
