/** The routes of uploaded files: a caller sends a file, looks at it, and starts a run with it. */
import Type from 'typebox';
import { type Operation, showingContacts } from './operation.ts';
import { pageQuerySchema, pageSchema } from './page-schema.ts';
import { closed } from './schema-parts.ts';
import {
  uploadId,
  uploadQuerySchema,
  uploadSampleQuerySchema,
  uploadSampleSchema,
  uploadSchema,
} from './upload-schema.ts';

const shared = { tag: 'Administration', limit: 'administration' } as const;
const reading = { ...shared, access: 'admin:read', permission: 'datasets:read' } as const;
const writing = { ...shared, access: 'admin:write', permission: 'datasets:write' } as const;

const params = Type.Object({ id: uploadId }, closed);

export const createUpload = {
  ...writing,
  id: 'createUpload',
  method: 'POST',
  path: '/admin/v1/uploads',
  summary: 'Upload a file',
  description:
    'The body is the file: CSV, TSV, JSON, NDJSON or Parquet, the first four also compressed with gzip or zstd. It is kept until a run has applied it, and at most 24 hours. Then define a dataset whose source is upload, and start a run with the id of the file.',
  query: uploadQuerySchema,
  hasRawBody: true,
  headers: ['X-Request-Id'],
  answers: {
    201: { description: 'The file has arrived.', schema: uploadSchema, headers: ['Location'] },
  },
  problems: [
    ...(['definition_invalid', 'resource_not_found', 'uploads_full'] as const),
    ...(['request_timeout', 'storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;

export const listUploads = {
  ...reading,
  id: 'listUploads',
  method: 'GET',
  path: '/admin/v1/uploads',
  summary: 'List the uploaded files',
  description: 'Newest first.',
  query: pageQuerySchema,
  answers: { 200: { description: 'A page.', schema: pageSchema('UploadPage', 'Upload') } },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const getUpload = {
  ...reading,
  id: 'getUpload',
  method: 'GET',
  path: '/admin/v1/uploads/{id}',
  summary: 'Show an uploaded file',
  params,
  answers: { 200: { description: 'The file.', schema: uploadSchema } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const deleteUpload = {
  ...writing,
  id: 'deleteUpload',
  method: 'DELETE',
  path: '/admin/v1/uploads/{id}',
  summary: 'Delete an uploaded file',
  params,
  headers: ['X-Request-Id'],
  answers: { 204: { description: 'Deleted.' } },
  description: 'A file that a run reads, or that waits for the approval of its run, stays.',
  problems: ['resource_not_found', 'run_in_progress', 'store_unavailable'],
} as const satisfies Operation;

export const sampleUpload = {
  ...reading,
  id: 'sampleUpload',
  ...showingContacts,
  method: 'GET',
  path: '/admin/v1/uploads/{id}/sample',
  summary: 'See what is in an uploaded file',
  description:
    'Reads the whole file, and answers its columns with the types that their values have, the columns that identify the contacts, the first rows, and a definition that fits. With types, identifiers and skip it answers what a run with these choices would do. Writes nothing. Until a run reads the file, users see only what they have sent themselves, with its values until the dataset is defined; afterwards they see those values that they may see of contacts.',
  params,
  query: uploadSampleQuerySchema,
  answers: { 200: { description: 'What is in the file.', schema: uploadSampleSchema } },
  problems: [
    ...(['resource_not_found', 'definition_invalid', 'source_unavailable'] as const),
    ...(['storage_full', 'store_unavailable'] as const),
  ],
} as const satisfies Operation;
