/** Files that callers upload for a dataset: received, listed and deleted, with the audit log. */
import type { Readable } from 'node:stream';
import { UsherError } from '../domain/errors.ts';
import { allows } from '../domain/user/role-scopes.ts';
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
  const datasetId = await catalog.read(async (view) => {
    await openOrganization(view, actor, organizationId, 'admin:write');
    if (dataset === undefined) return null;
    const { id, definition } = await findSeenDataset(view, actor, organizationId, dataset);
    const kind = definition?.source?.kind ?? 'import';
    if (kind !== 'upload') throw takesNoFiles(dataset, kind);
    return id;
  });
  const author = authorOf(administration);
  const id = Buffer.from(randomBytes(12)).toString('hex');
  const by = { by: author.actor, createdAtMs: author.atMs };
  const received = { ...sent, ...by, organizationId, id, datasetId };
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
  { id, organizationId, given, readBy }: Upload,
): Promise<void> {
  if (given === null) return;
  const { datasetId } = given;
  const isNext = (await files.findFor(organizationId, datasetId))?.id === id;
  const run = await catalog.read(async (view) => {
    const reader = readBy === null ? undefined : await view.findRun(organizationId, readBy);
    if (reader?.state === 'running' || reader?.state === 'waiting') return reader;
    if (!isNext) return undefined;
    // It may not have come to its file yet.
    const running = { datasetId, states: ['running'], limit: 1 } as const;
    return (await view.listRuns(organizationId, running))[0];
  });
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

/** Who sent a file holds its values already. */
export function isOwnUpload(administration: Administration, { by }: Pick<Upload, 'by'>): boolean {
  const { actor } = administration;
  if (actor.kind === 'operator') return true;
  const mayWrite =
    actor.kind === 'user'
      ? allows(actor.user.role, 'datasets:write')
      : actor.token.scopes.includes('admin:write');
  return mayWrite && by === authorOf(administration).actor;
}

/** The dataset that a file is for, whether or not a run has read it. */
export function datasetOfUpload({ datasetId, given }: Pick<Upload, 'datasetId' | 'given'>) {
  return given?.datasetId ?? datasetId;
}

async function viewUpload({ catalog }: Administration, upload: Upload) {
  const { id, organizationId, name, bytes, createdAtMs, by } = upload;
  const datasetId = datasetOfUpload(upload);
  const datasets =
    datasetId === null ? [] : await catalog.read((view) => view.listDatasets(organizationId));
  return {
    ...{ id, name, format: extensionOf(upload), bytes },
    created_at: rfc3339(createdAtMs),
    expires_at: rfc3339(createdAtMs + uploadKeptMs),
    created_by: by,
    dataset: datasets.find((dataset) => dataset.id === datasetId)?.name ?? null,
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
