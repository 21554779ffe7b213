/** The routes for pushes. */
import { pushAnswerSchema, pushBodySchema } from './ingest-schema.ts';
import type { Operation } from './operation.ts';

export const pushContacts = {
  id: 'pushContacts',
  method: 'POST',
  path: '/ingest/v1/contacts',
  tag: 'Ingest',
  summary: 'Push rows of contacts',
  description:
    'Each row updates or creates one contact, found by its identifiers. Bad rows are rejected and reported with their index and reason; the others are applied. Status 200 means that the applied rows are on disk. The limit is 200 requests a second for each organization.',
  access: 'contacts:write',
  limit: 'ingest',
  body: pushBodySchema,
  headers: ['Idempotency-Key', 'X-Request-Id'],
  answers: { 200: { description: 'The outcome of the rows.', schema: pushAnswerSchema } },
  problems: [
    'batch_too_large',
    'parameter_invalid',
    'dataset_not_allowed',
    'definition_invalid',
    'idempotency_conflict',
    'store_unavailable',
    'storage_full',
  ],
} as const satisfies Operation;
