/** The end of the access log that the catalog of a data folder noted last. */
import { composeCatalog, isCatalogThere } from '../../compose.ts';
import type { AccessEnd } from '../../domain/access-end.ts';
import type { Settings } from '../../settings/settings.ts';

/** `undefined`: none was noted, or there is no catalog. */
export async function notedAccessEnd(
  settings: Settings,
  clock: () => number,
): Promise<AccessEnd | undefined> {
  if (!(await isCatalogThere(settings))) return undefined;
  const catalog = await composeCatalog(settings, { make: false, clock });
  try {
    return await catalog.findAccessEnd();
  } finally {
    await catalog.close();
  }
}
