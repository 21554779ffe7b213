/** The routes for pushes. */
import { identityPushBodySchema, pushAnswerSchema, pushBodySchema } from './ingest-schema.ts';
import type { Operation } from './operation.ts';

const pushing = {
  method: 'POST',
  tag: 'Ingest',
  access: 'contacts:write',
  limit: 'ingest',
  headers: ['Idempotency-Key', 'X-Request-Id'],
  answers: { 200: { description: 'The outcome of the rows.', schema: pushAnswerSchema } },
  problems: [
    'batch_too_large',
    'parameter_invalid',
    'dataset_not_allowed',
    'definition_invalid',
    'identity_type_not_allowed',
    'idempotency_conflict',
    'store_unavailable',
    'storage_full',
  ],
} as const;

export const pushContacts = {
  ...pushing,
  id: 'pushContacts',
  path: '/ingest/v1/contacts',
  summary: 'Push rows of contacts',
  description:
    'Each row updates or creates one contact, found by its identifiers. Bad rows are rejected and reported with their index and reason; the others are applied. Status 200 means that the applied rows are on disk. The limit is 200 requests a second for each organization.',
  body: pushBodySchema,
} as const satisfies Operation;

export const pushIdentities = {
  ...pushing,
  id: 'pushIdentities',
  path: '/ingest/v1/identities',
  summary: 'Push rows of identities',
  description:
    'Each row names identities of one person, for a dataset of the kind identity. What rows say of one person adds up. Bad rows, the key Idempotency-Key and the limit are as for rows of contacts.',
  body: identityPushBodySchema,
} as const satisfies Operation;
