/** Opens the catalog that the settings name; the only importer of the backends. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { UsherError } from '../domain/errors.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogFiles } from './catalog-files.ts';

export interface CatalogLocation {
  readonly kind: 'sqlite';
  /** The data folder; it must exist. */
  readonly dataFolder: string;
}

/**
 * Makes the catalog, with the organization `default`, when there is none.
 * @param nowMs when that organization is made
 */
export async function openCatalog(location: CatalogLocation, nowMs: number): Promise<Catalog> {
  const { openSqliteCatalog } = await import('./sqlite/sqlite-catalog.ts');
  return openSqliteCatalog(join(location.dataFolder, dataFiles.catalog), nowMs);
}

/** For commands that only read: a wrong data folder is told, not made. */
export function requireCatalog(location: CatalogLocation): void {
  if (hasCatalog(location)) return;
  throw new UsherError(
    'resource_not_found',
    `There is no catalog in ${location.dataFolder}: name the data folder with --data, ` +
      'or make one with `usher demo`, `usher import FILE`, `usher apply -f FILE` or `usher token create`.',
  );
}

export function hasCatalog({ dataFolder }: CatalogLocation): boolean {
  return existsSync(join(dataFolder, dataFiles.catalog));
}

/** The file of that catalog, for backup and restore; it must exist. */
export async function openCatalogFiles(location: CatalogLocation): Promise<CatalogFiles> {
  const { SqliteCatalogFiles } = await import('./sqlite/sqlite-catalog-files.ts');
  return new SqliteCatalogFiles(location.dataFolder, dataFiles.catalog);
}
