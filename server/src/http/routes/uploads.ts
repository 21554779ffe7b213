/** Receives, shows and deletes files that callers upload, and shows what is in them. */
import * as operations from '@usher/contract/upload-operations';
import { sampleRows } from '@usher/contract/upload-schema';
import {
  createUpload,
  deleteUpload,
  findUpload,
  listUploads,
  readUpload,
} from '../../administration/uploads.ts';
import { sampleUpload } from '../../runs/sample-upload.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import { requireBytes } from '../call/read-raw-body.ts';
import { jsonAnswer } from '../json-answer.ts';
import { requireRights } from '../still-allowed.ts';

export const uploadRoutes = [
  adminRoute(operations.createUpload, async (call, context) => {
    const { administration, organizationId, query, limitHead } = call;
    const { permission } = operations.createUpload;
    const requireAllowed = () => requireRights(call, context, permission);
    const sent = { ...query, ...requireBytes(call), requireAllowed };
    const place = { ...context.uploads, ...sent };
    const upload = await createUpload(administration, organizationId, place);
    const location = headLine('Location', `/admin/v1/uploads/${upload.id}`);
    return jsonAnswer(201, upload, location + limitHead);
  }),

  adminRoute(operations.listUploads, async (call, { uploads }) => {
    const { administration, organizationId } = call;
    const found = await listUploads(administration, organizationId, uploads.files);
    return pageAnswer(found, ({ id }) => id, call);
  }),

  adminRoute(operations.getUpload, async (call, { uploads: { files } }) => {
    const { administration, organizationId, params, limitHead } = call;
    const upload = await readUpload(administration, organizationId, { files, id: params.id });
    return jsonAnswer(200, upload, limitHead);
  }),

  adminRoute(operations.deleteUpload, async (call, { uploads: { files } }) => {
    const { administration, organizationId, params, limitHead } = call;
    await deleteUpload(administration, organizationId, { files, id: params.id });
    return { status: 204, head: limitHead, body: '' };
  }),

  /** A process of its own reads the file, so that look-ups go first. */
  adminRoute(operations.sampleUpload, async (call, { uploads: { files }, runs }) => {
    const { administration, organizationId, params, query, whenGone, limitHead } = call;
    const upload = await findUpload(administration, organizationId, { files, id: params.id });
    const sample = await sampleUpload(call, {
      dataFolder: runs.dataFolder,
      path: files.pathOf(upload),
      upload,
      dataset: query.dataset,
      encoding: query.encoding,
      rows: query.rows ?? sampleRows.default,
      choices: query,
      organization: call.caller.organization,
      stop: AbortSignal.any([runs.interrupted, whenGone()]),
    });
    return jsonAnswer(200, sample, limitHead);
  }),
];
