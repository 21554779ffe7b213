/**
 * Builds the server into `server/dist`: few large files in place of 1,900 small ones, which start
 * in half of the time and need two thirds of the memory. `bin/usher.js` runs the build as long as
 * the sources are those that it was made from.
 *
 *     npm run build:server
 *     npm run build:server -- --if-older    only if a source has changed since
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'rolldown';
import { buildRecord, currentBuild } from '../bin/current-build.js';

const server = join(import.meta.dirname, '..');
const dist = join(server, 'dist');
const lockFile = join(server, '..', 'package-lock.json');

/** These stay packages: they load native code, start threads from their files, or are read late. */
const packages = [
  ...['lmdb', 'better-sqlite3', 'pino', 'mysql2', 'pg', 'pg-copy-streams'],
  ...['@duckdb/node-api', '@duckdb/node-bindings', '@scalar/fastify-api-reference'],
  ...['@zxcvbn-ts/core', '@zxcvbn-ts/language-common'],
];

async function buildServer(): Promise<void> {
  if (process.argv.includes('--if-older') && currentBuild(server) !== undefined) return;
  const rolldown = await import('rolldown').catch(() => undefined);
  if (rolldown === undefined) {
    console.log('The server runs from its sources: a build needs the package rolldown.');
    return;
  }
  const startedMs = Date.now();
  // A server may still run from an earlier build, so each build has a folder of its own.
  const folder = join(dist, `build-${startedMs.toString(36)}`);
  const bundle = await rolldown.rolldown({
    input: join(server, 'src', 'main.ts'),
    platform: 'node',
    external: [/^node:/, ...packages],
    plugins: [keepPlaces(folder)],
  });
  await bundle.write({
    dir: folder,
    format: 'esm',
    sourcemap: true,
    sourcemapExcludeSources: true,
    // Each thread keeps the text of its code in memory: with other characters, two bytes for each.
    comments: { jsdoc: false },
    charset: 'ascii',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  const sources = (await bundle.watchFiles).filter((file) => !file.includes('/node_modules/'));
  await bundle.close();
  const files = [...sources, lockFile].map(describeFile);
  if (files.some(([, , modifiedMs]) => modifiedMs > startedMs)) {
    console.log('The server runs from its sources: one has changed during the build. Build again.');
    return;
  }
  const kept = [basename(folder), recordedFolder()];
  writeRecord({ folder: basename(folder), files });
  removeOthers(kept);
}

/** The build before; `undefined` if there is none. */
function recordedFolder(): string | undefined {
  try {
    return JSON.parse(readFileSync(join(dist, buildRecord), 'utf8')).folder;
  } catch {
    return undefined;
  }
}

type RecordedFile = readonly [path: string, size: number, modifiedMs: number];

function describeFile(file: string): RecordedFile {
  const { size, mtimeMs } = statSync(file);
  return [relative(server, file), size, mtimeMs];
}

/** In one step, because servers may start meanwhile. */
function writeRecord(record: { readonly folder: string; readonly files: readonly RecordedFile[] }) {
  const file = join(dist, buildRecord);
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
}

/** Of the earlier builds, only the last is kept: a server that runs from it still loads files. */
function removeOthers(kept: readonly (string | undefined)[]): void {
  const builds = readdirSync(dist).filter((name) => name.startsWith('build-'));
  for (const name of builds.filter((build) => !kept.includes(build))) {
    rmSync(join(dist, name), { recursive: true, force: true });
  }
}

const relativeUrl = /new URL\('(\.[^']+)', import\.meta\.url\)/g;

/**
 * Lets URLs that are relative to a source point to the same place from the build. If they name a
 * source, because a thread or a process runs it, they point to its built file.
 */
function keepPlaces(folder: string): Plugin {
  return {
    name: 'keep-places',
    transform(code, id) {
      if (!id.startsWith(server) || !code.includes('import.meta.url')) return null;
      const placed = code.replace(relativeUrl, (_, path: string) => {
        const target = resolve(dirname(id), path);
        if (path.endsWith('.ts')) {
          const file = this.emitFile({ type: 'chunk', id: target });
          return `new URL(import.meta.ROLLUP_FILE_URL_${file})`;
        }
        const end = path.endsWith('/') ? '/' : '';
        return `new URL('${relative(folder, target)}${end}', import.meta.url)`;
      });
      // The lines stay, so the map of the sources needs no change.
      return { code: placed, map: null };
    },
  };
}

await buildServer();
