/**
 * Recognises a source by its bytes: if they are those of the last applied run, so are its rows, and
 * none of them need be read. A baseline notes the source whose rows it holds, each of them and no
 * others.
 */
import { createHmac } from 'node:crypto';
import type { Source } from '../../sources/source.ts';
import type { Workbench } from '../../sources/workbench.ts';
import { readSecretKey } from '../../stores/secret-key.ts';
import { countRows } from '../table/table-rows.ts';
import type { Tables } from '../table/tables.ts';
import type { Baseline, BaselinePlace } from './baseline.ts';

/** A source whose bytes can be compared. */
export type NotedSource = Pick<Source, 'bytes' | 'digest'>;

/** What a baseline notes if no source has exactly its rows. */
export const noSource = '';

/** The key of the digests of a dataset's source. Nobody who writes the source may know it. */
export async function sourceKey({
  dataFolder,
  storeId,
  organizationId,
  datasetId,
}: BaselinePlace): Promise<Buffer> {
  const secret = await readSecretKey(dataFolder);
  const about = ['bytes of source', storeId, organizationId, datasetId].join(' ');
  return createHmac('sha256', secret).update(about).digest();
}

/** A note of the source, which tells nobody without the data folder's secret what it contains. */
export async function noteSource(
  place: BaselinePlace,
  source: NotedSource,
  rowsRead: number,
): Promise<string> {
  const digest = await source.digest?.(await sourceKey(place));
  return digest === undefined ? noSource : sealed(place, { ...source, digest, rowsRead });
}

/**
 * Whether the source has the bytes of the one that the baseline was made from. Reads it only if it
 * has as many.
 */
export async function isSameSource(
  workbench: Workbench,
  { place, tables, loaded }: Pick<Baseline, 'place' | 'tables' | 'loaded'>,
  source: NotedSource | undefined,
): Promise<boolean> {
  const note = loaded?.isComparable === true ? loaded.source : noSource;
  if (source === undefined || !note.startsWith(`${source.bytes} `)) return false;
  // Without one of its rows, the baseline is not that of the source.
  const rowsRead = await countRows(workbench, tables.baselineHalves);
  return note === (await noteSource(place, source, rowsRead));
}

/** Whether the store has each row of the source, so that the next baseline can note it. */
export async function isAllApplied(
  workbench: Workbench,
  { rejectedRows, unsentRows, refusedRows }: Tables<'rejectedRows' | 'unsentRows' | 'refusedRows'>,
): Promise<boolean> {
  const left = `(SELECT 1 FROM ${rejectedRows}
    UNION ALL SELECT 1 FROM ${unsentRows} UNION ALL SELECT 1 FROM ${refusedRows})`;
  return (await countRows(workbench, left)) === 0;
}

interface SealedSource {
  readonly bytes: number;
  readonly digest: string;
  readonly rowsRead: number;
}

async function sealed(
  { dataFolder, storeId, organizationId, datasetId }: BaselinePlace,
  { bytes, digest, rowsRead }: SealedSource,
): Promise<string> {
  const about = ['source', storeId, organizationId, datasetId, bytes, rowsRead, digest].join(' ');
  const secret = await readSecretKey(dataFolder);
  return `${bytes} ${createHmac('sha256', secret).update(about).digest('hex')}`;
}
