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
import { allows } from '../../domain/user/role-scopes.ts';
import { type SampleRequest, sampleUpload } from '../../runs/sample-upload.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import type { Caller } from '../authenticate.ts';
import { requireBytes } from '../call/read-raw-body.ts';
import { jsonAnswer } from '../json-answer.ts';

/** Which values a caller may see. A field without a sensitivity counts as personal. */
function sightOfValues({ user, token }: Caller): SampleRequest['sees'] {
  const seesPersonal =
    user === undefined
      ? token.scopes.includes('contacts:read')
      : allows(user.role, 'contacts:personal');
  return (sensitivity) => {
    if (seesPersonal && sensitivity !== 'sensitive') return true;
    // Of a token everything else stays hidden; every role sees what is internal, too.
    return sensitivity === 'public' || (user !== undefined && sensitivity === 'internal');
  };
}

export const uploadRoutes = [
  adminRoute(operations.createUpload, async (call, { uploads }) => {
    const { administration, organizationId, query, limitHead } = call;
    const sent = { name: query.name, ...requireBytes(call) };
    const upload = await createUpload(administration, organizationId, { ...uploads, ...sent });
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
      fileName: upload.name,
      dataset: query.dataset,
      rows: query.rows ?? sampleRows.default,
      sees: sightOfValues(call.caller),
      stop: AbortSignal.any([runs.interrupted, whenGone()]),
    });
    return jsonAnswer(200, sample, limitHead);
  }),
];
