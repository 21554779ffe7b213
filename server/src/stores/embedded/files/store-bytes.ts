/** The size of a store and of its entries, from LMDB's counts of pages. */
import type { RootDatabase } from 'lmdb';
import type { KeyedDatabase } from '../keyed-database.ts';

interface PageCounts {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface RootCounts extends PageCounts {
  readonly root: PageCounts;
  readonly free: PageCounts;
  readonly lastPageNumber: number;
}

/** The first two pages tell where everything else is. */
const metaPages = 2;

export function storeBytes(
  root: RootDatabase,
  databases: Iterable<KeyedDatabase>,
): { readonly fileBytes: number; readonly usedBytes: number } {
  root.resetReadTxn();
  const stats = root.getStats() as RootCounts;
  let pages = metaPages + pagesOf(stats.root) + pagesOf(stats.free);
  for (const database of databases) pages += pagesOf(database.getStats() as PageCounts);
  root.resetReadTxn();
  return {
    fileBytes: (stats.lastPageNumber + 1) * stats.pageSize,
    usedBytes: pages * stats.pageSize,
  };
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: PageCounts): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages;
}
