/** Gives an uploaded file to a dataset, whose runs read it until one has applied it. */

import type { Administration } from '../administration/administration.ts';
import { datasetOfUpload, isOwnUpload, takesNoFiles } from '../administration/uploads.ts';
import type { Catalog, Run } from '../catalog/catalog.ts';
import type { SourceDefinition } from '../domain/dataset/dataset-definition.ts';
import { UsherError } from '../domain/errors.ts';
import { noUpload } from '../sources/source-failure.ts';
import { type EndedTest, type Upload, UploadFiles } from '../sync/upload/upload-files.ts';
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
  const meant = upload && datasetOfUpload(upload);
  if (upload === undefined || (meant !== null && meant !== datasetId)) {
    throw new UsherError(
      'resource_not_found',
      'This uploaded file does not exist, or is for another dataset.',
    );
  }
  if (meant === null) requireOwn(administration, upload);
  await files.put({ ...upload, given: { datasetId, atMs: administration.clock() } });
}

/** The fields that a file fills decide who sees its values, so its sender chooses the dataset. */
function requireOwn(administration: Administration, upload: Upload): void {
  const { actor } = administration;
  if (actor.kind !== 'user' || isOwnUpload(administration, upload)) return;
  throw new UsherError(
    'role_missing',
    'This file has no dataset yet, and only its sender may choose one. Ask the sender, or upload the file yourself.',
    { members: { role: actor.user.role, permission: 'datasets:write' } },
  );
}

/** A run that failed or was interrupted leaves the file, so that it can be tried again. */
const endStates: ReadonlySet<string> = new Set(['succeeded', 'rejected', 'rolled_back']);

export function uploadEnded(catalog: Catalog, files: UploadFiles): EndedTest {
  return async ({ organizationId, given: { datasetId, atMs } }) => {
    const given = await files.givenTo(organizationId, datasetId);
    const readers = given.filter((one) => one.given.atMs >= atMs).map(({ readBy }) => readBy);
    return catalog.read(async (view) => {
      for (const runId of readers) {
        const run = runId === null ? undefined : await view.findRun(organizationId, runId);
        if (run !== undefined && endStates.has(run.state)) return true;
      }
      // The dataset may have been removed.
      const datasets = await view.listDatasets(organizationId);
      return datasets.every(({ id }) => id !== datasetId);
    });
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
    for (const { id, readBy } of await files.list(organizationId)) {
      if (readBy === null) continue;
      const run = await catalog.read((view) => view.findRun(organizationId, readBy));
      if (run?.state === 'waiting') awaited.add(id);
    }
  }
  return awaited;
}
