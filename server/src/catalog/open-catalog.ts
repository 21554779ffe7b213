/** Opens the catalog that the settings name. Only this file imports the backends. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { UsherError } from '../domain/errors.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogFiles } from './catalog-files.ts';

export interface CatalogLocation {
  readonly kind: 'sqlite';
  /** It must exist. */
  readonly dataFolder: string;
}

/**
 * Opens the catalog, or makes one with the organization `default`.
 * @param nowMs the creation time of that organization
 */
export async function openCatalog(location: CatalogLocation, nowMs: number): Promise<Catalog> {
  const { openSqliteCatalog } = await import('./sqlite/sqlite-catalog.ts');
  return openSqliteCatalog(join(location.dataFolder, dataFiles.catalog), nowMs);
}

/** For commands that only read: refuses a data folder without a catalog instead of making one. */
export function requireCatalog(location: CatalogLocation): void {
  if (hasCatalog(location)) return;
  throw new UsherError(
    'resource_not_found',
    `There is no catalog in ${location.dataFolder}. Name the data folder with --data, ` +
      'or make one with `usher demo`, `usher import FILE`, `usher apply -f FILE` or `usher token create`.',
  );
}

export function hasCatalog({ dataFolder }: CatalogLocation): boolean {
  return existsSync(join(dataFolder, dataFiles.catalog));
}

/** The catalog's file, for backup and restore; it must exist. */
export async function openCatalogFiles(location: CatalogLocation): Promise<CatalogFiles> {
  const { SqliteCatalogFiles } = await import('./sqlite/sqlite-catalog-files.ts');
  return new SqliteCatalogFiles(location.dataFolder, dataFiles.catalog);
}
