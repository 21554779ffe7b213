/** Gives an uploaded file to a dataset, whose runs read it until one has applied it. */
import { takesNoFiles } from '../administration/uploads.ts';
import type { Catalog, Run } from '../catalog/catalog.ts';
import type { SourceDefinition } from '../domain/dataset/dataset-definition.ts';
import { UsherError } from '../domain/errors.ts';
import { noUpload } from '../sources/source-failure.ts';
import { type EndedTest, UploadFiles } from '../sync/upload/upload-files.ts';
import { findNewestRun } from './find-run.ts';
import type { RunCaller } from './run-caller.ts';

export interface UploadTarget {
  readonly dataFolder: string;
  readonly name: string;
  readonly source: SourceDefinition;
  readonly datasetId: number;
  /** The newest run of the dataset. */
  readonly newest: Run | undefined;
  /** `undefined`: the file that was given to the dataset earlier. */
  readonly uploadId: string | undefined;
}

/**
 * @throws UsherError `definition_invalid` if the dataset takes no files, or none waits;
 *   `resource_not_found`; `run_in_progress`
 */
export async function giveUpload(
  { administration, organizationId }: RunCaller,
  { dataFolder, name, source, datasetId, newest, uploadId }: UploadTarget,
): Promise<void> {
  if (source.kind !== 'upload') {
    if (uploadId === undefined) return;
    throw takesNoFiles(name, source.kind);
  }
  const files = new UploadFiles(dataFolder);
  if (uploadId === undefined) {
    if ((await files.findFor(organizationId, datasetId)) === undefined) throw noUpload();
    return;
  }
  if (newest?.state === 'running') {
    throw new UsherError('run_in_progress', `A run of ${name} is in progress. Wait until it ends.`);
  }
  const upload = await files.find(organizationId, uploadId);
  if (upload === undefined || (upload.given !== null && upload.given.datasetId !== datasetId)) {
    throw new UsherError(
      'resource_not_found',
      'This uploaded file does not exist, or is for another dataset.',
    );
  }
  await files.put({ ...upload, given: { datasetId, atMs: administration.clock() } });
}

/** A run that failed or was interrupted leaves the file, so that it can be tried again. */
const endStates: ReadonlySet<string> = new Set(['succeeded', 'rejected', 'rolled_back']);

/** Whether the newest run of the dataset has applied or rejected the file. */
export function uploadEnded(catalog: Catalog): EndedTest {
  return async ({ organizationId, given }) => {
    const { datasetId, atMs } = given;
    const run = await findNewestRun(catalog, organizationId, datasetId);
    if (run !== undefined) return run.startedAtMs >= atMs && endStates.has(run.state);
    // The dataset may have been removed.
    const datasets = await catalog.read((view) => view.listDatasets(organizationId));
    return datasets.every(({ id }) => id !== datasetId);
  };
}

/** The ids of the uploaded files of all organizations whose run waits for a decision. */
export async function findAwaitedUploads(
  catalog: Catalog,
  dataFolder: string,
): Promise<ReadonlySet<string>> {
  const files = new UploadFiles(dataFolder);
  const organizations = await catalog.read((view) => view.listOrganizations());
  const awaited = new Set<string>();
  for (const { id: organizationId } of organizations) {
    for (const { id, given } of await files.list(organizationId)) {
      if (given === null) continue;
      const run = await findNewestRun(catalog, organizationId, given.datasetId);
      if (run?.state === 'waiting') awaited.add(id);
    }
  }
  return awaited;
}
