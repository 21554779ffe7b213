/**
 * The built console as a closed list of files. It is read once, so a request never becomes a path.
 * `console/scripts/build-console.ts` writes the files, each also compressed.
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

export interface ConsoleSite {
  /** The page around every view, with `nonceMark` where a nonce belongs; `undefined`: not built. */
  readonly page: string | undefined;
  /** By the file's name. */
  readonly assets: ReadonlyMap<string, ConsoleAsset>;
}

export interface ConsoleAsset {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
}

/** In the built page, in place of each nonce. `console-config.ts` has the same text. */
export const nonceMark = 'usher-page-nonce';

const mediaTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** @param folder what the build wrote; a folder that does not exist makes a site without a page */
export async function readConsoleSite(folder: URL): Promise<ConsoleSite> {
  const page = await readIfThere(new URL('index.html', folder));
  if (page === undefined) return { page: undefined, assets: new Map() };
  const assetsFolder = new URL('assets/', folder);
  const names = await readdir(assetsFolder);
  const assets = await Promise.all(
    names.flatMap((name) => {
      const mediaType = mediaTypes[extname(name)];
      return mediaType === undefined ? [] : [readAsset(assetsFolder, name, mediaType)];
    }),
  );
  return { page: page.toString('utf8'), assets: new Map(assets) };
}

async function readAsset(
  folder: URL,
  name: string,
  mediaType: string,
): Promise<readonly [name: string, asset: ConsoleAsset]> {
  const [bytes, br, gzip] = await Promise.all([
    readFile(new URL(name, folder)),
    readIfThere(new URL(`${name}.br`, folder)),
    readIfThere(new URL(`${name}.gz`, folder)),
  ]);
  return [name, { mediaType, bytes, br, gzip }];
}

async function readIfThere(file: URL): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
