/** Files that callers upload for a dataset: received, listed and deleted, with the audit log. */
import type { Readable } from 'node:stream';
import { UsherError } from '../domain/errors.ts';
import { extensionOf } from '../sources/sniff-format.ts';
import { uploadKeptMs } from '../sync/limits.ts';
import { receiveUpload } from '../sync/upload/receive-upload.ts';
import type { Upload, UploadFiles } from '../sync/upload/upload-files.ts';
import {
  type Administration,
  authorOf,
  openOrganization,
  readIn,
  rfc3339,
} from './administration.ts';
import { findSeenDataset } from './token/actor-sight.ts';

export interface UploadPlace {
  readonly files: UploadFiles;
  readonly maxBytes: number;
}

export type UploadView = Awaited<ReturnType<typeof viewUpload>>;

export interface SentUpload {
  readonly name: string;
  /** The dataset that it is for, if the caller says so. */
  readonly dataset?: string;
  /** Throws if the caller may not send files any more. */
  readonly requireAllowed: () => Promise<void>;
  readonly bytes: Readable;
  readonly announcedBytes: number | undefined;
}

/**
 * Resolves when the file has arrived. The audit log notes its id and size, not its name.
 * @throws UsherError as `receiveUpload`, and `scope_missing`; before anything of the file is read,
 *   `definition_invalid` for a dataset that takes no files, `resource_not_found`
 */
export async function createUpload(
  administration: Administration,
  organizationId: number,
  { files, maxBytes, dataset, ...sent }: UploadPlace & SentUpload,
): Promise<UploadView> {
  const { catalog, actor, randomBytes } = administration;
  await catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:write');
    if (dataset === undefined) return;
    const { definition } = await findSeenDataset(view, actor, organizationId, dataset);
    const kind = definition?.source?.kind ?? 'import';
    if (kind !== 'upload') throw takesNoFiles(dataset, kind);
  });
  const author = authorOf(administration);
  const id = Buffer.from(randomBytes(12)).toString('hex');
  const received = { ...sent, organizationId, id, by: author.actor, createdAtMs: author.atMs };
  const upload = await receiveUpload(files, received, { maxBytes });
  await catalog.change(author, async () => ({
    result: undefined,
    audit: [{ organizationId, ...uploadRecord('upload.create', upload) }],
  }));
  return viewUpload(administration, upload);
}

/** @throws UsherError `scope_missing` */
export async function listUploads(
  administration: Administration,
  organizationId: number,
  files: UploadFiles,
): Promise<readonly UploadView[]> {
  await readIn(administration, organizationId, async () => undefined);
  const uploads = await files.list(organizationId);
  return Promise.all(uploads.map((upload) => viewUpload(administration, upload)));
}

/** @throws UsherError `resource_not_found`, `scope_missing` */
export async function readUpload(
  administration: Administration,
  organizationId: number,
  { files, id }: { readonly files: UploadFiles; readonly id: string },
): Promise<UploadView> {
  return viewUpload(
    administration,
    await findUpload(administration, organizationId, { files, id }),
  );
}

/** @throws UsherError `resource_not_found`, `scope_missing` */
export async function findUpload(
  administration: Administration,
  organizationId: number,
  { files, id }: { readonly files: UploadFiles; readonly id: string },
): Promise<Upload> {
  await readIn(administration, organizationId, async () => undefined);
  return (await files.find(organizationId, id)) ?? noUpload();
}

/** @throws UsherError `resource_not_found`, `scope_missing`, `run_in_progress` */
export async function deleteUpload(
  administration: Administration,
  organizationId: number,
  { files, id }: { readonly files: UploadFiles; readonly id: string },
): Promise<void> {
  const { catalog, actor } = administration;
  await catalog.read((view) => openOrganization(view, actor, organizationId, 'admin:write'));
  const upload = (await files.find(organizationId, id)) ?? noUpload();
  await requireUnread(administration, files, upload);
  await files.remove(organizationId, id);
  await catalog.change(authorOf(administration), async () => ({
    result: undefined,
    audit: [{ organizationId, ...uploadRecord('upload.delete', upload) }],
  }));
}

/** A run that reads a file, or waits for an approval to read it again, needs it. */
async function requireUnread(
  { catalog }: Administration,
  files: UploadFiles,
  { id, organizationId, given }: Upload,
): Promise<void> {
  if (given === null) return;
  const { datasetId } = given;
  if ((await files.findFor(organizationId, datasetId))?.id !== id) return;
  const [run] = await catalog.read((view) =>
    view.listRuns(organizationId, { datasetId, states: ['running', 'waiting'], limit: 1 }),
  );
  if (run === undefined) return;
  throw new UsherError(
    'run_in_progress',
    `The run ${run.id} needs this file. Wait until it has ended, or reject it if it waits for approval: that deletes the file.`,
    { members: { run_id: run.id } },
  );
}

function uploadRecord(action: string, upload: Upload) {
  const { id, bytes } = upload;
  const after = action === 'upload.create' ? { format: extensionOf(upload), bytes } : null;
  return { action, target: id, before: null, after };
}

async function viewUpload({ catalog }: Administration, upload: Upload) {
  const { id, organizationId, name, bytes, createdAtMs, by, given } = upload;
  const datasets =
    given === null ? [] : await catalog.read((view) => view.listDatasets(organizationId));
  return {
    ...{ id, name, format: extensionOf(upload), bytes },
    created_at: rfc3339(createdAtMs),
    expires_at: rfc3339(createdAtMs + uploadKeptMs),
    created_by: by,
    dataset: datasets.find((dataset) => dataset.id === given?.datasetId)?.name ?? null,
  };
}

/** The dataset has another source. */
export function takesNoFiles(dataset: string, kind: string): UsherError {
  return new UsherError(
    'definition_invalid',
    `The source of the dataset ${dataset} is ${kind}, so it takes no uploaded files. Upload the file for another dataset.`,
  );
}

function noUpload(): never {
  throw new UsherError(
    'resource_not_found',
    'This uploaded file does not exist. A file is deleted when a run has applied it, and after 24 hours.',
  );
}
