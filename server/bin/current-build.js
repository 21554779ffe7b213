/**
 * Finds the build of the server (`scripts/build-server.ts`). Plain JavaScript, because it runs
 * before anything else.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The file in `server/dist` that names the build, and the files that it was made from. */
export const buildRecord = 'build.json';

/**
 * The folder of the build, if every file that it was made from is as it was. `undefined` if there
 * is no build, or one of other sources: nobody should run code that they have changed since.
 *
 * @param {string} server the folder `server` of the workspace
 * @returns {string | undefined}
 */
export function currentBuild(server) {
  try {
    const dist = join(server, 'dist');
    const { folder, files } = JSON.parse(readFileSync(join(dist, buildRecord), 'utf8'));
    // An installed package has only the build.
    if (!existsSync(join(server, 'src'))) return join(dist, folder);
    const isCurrent = files.every(([path, size, modifiedMs]) => {
      const found = statSync(`${server}/${path}`, { throwIfNoEntry: false });
      return found !== undefined && found.size === size && found.mtimeMs === modifiedMs;
    });
    return isCurrent ? join(dist, folder) : undefined;
  } catch {
    return undefined;
  }
}
