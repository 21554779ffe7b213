/** The look-up routes: who is this person, to us? */
import {
  batchAnswerSchema,
  batchBodySchema,
  lookupAnswerSchema,
  lookupBodySchema,
  lookupQuerySchema,
} from './lookup-schema.ts';
import type { Operation } from './operation.ts';

const identityProblems = [
  'identity_missing',
  'identity_malformed',
  'identity_type_unknown',
  'identity_value_invalid',
  'identity_type_not_allowed',
  'parameter_invalid',
  'field_unavailable',
  'precondition_failed',
  'store_unavailable',
  'access_log_unavailable',
] as const;

const lookupAnswers: Operation['answers'] = {
  200: {
    description: 'The contact.',
    schema: lookupAnswerSchema,
    headers: ['ETag', 'Last-Modified', 'Cache-Control', 'Usher-Omitted', 'Preference-Applied'],
  },
  304: { description: 'The answer still has the ETag of If-None-Match.', headers: ['ETag'] },
};

const conditionHeaders = ['Usher-Freshness', 'Usher-Min-Revision'] as const;
const callHeaders = ['Usher-Actor', 'X-Request-Id'] as const;
const lookupHeaders = ['If-None-Match', 'Prefer', ...conditionHeaders, ...callHeaders] as const;

export const getContact = {
  id: 'getContact',
  method: 'GET',
  path: '/audience/v2/contacts',
  tag: 'Contacts',
  summary: 'Look a contact up',
  description:
    'Finds one contact by an identity. A requested field that is unknown, has no content flag or is not allowed for the token is left out and named in Usher-Omitted. With Prefer: handling=strict, the answer is the problem field_unavailable instead.',
  access: 'contacts:read',
  limit: 'audience',
  query: lookupQuerySchema,
  headers: lookupHeaders,
  answers: lookupAnswers,
  problems: ['contact_not_found', 'rules_too_costly', ...identityProblems],
} as const satisfies Operation;

export const lookupContact = {
  id: 'lookupContact',
  method: 'POST',
  path: '/audience/v2/contacts/lookup',
  tag: 'Contacts',
  summary: 'Look a contact up, with the identity in the body',
  description:
    'Answers like the GET. The identity is in the body, so no personal data is in a URL or an access log.',
  access: 'contacts:read',
  limit: 'audience',
  body: lookupBodySchema,
  headers: lookupHeaders,
  answers: lookupAnswers,
  problems: ['contact_not_found', 'rules_too_costly', ...identityProblems],
} as const satisfies Operation;

export const lookupBatch = {
  id: 'lookupBatch',
  method: 'POST',
  path: '/audience/v2/contacts/batch',
  tag: 'Contacts',
  summary: 'Look several contacts up',
  description:
    'Costs one unit of the rate limit for each identity. If fewer units are free, the whole batch is refused.',
  access: 'contacts:read',
  limit: 'audience',
  body: batchBodySchema,
  headers: ['Prefer', ...conditionHeaders, ...callHeaders],
  answers: {
    200: {
      description: 'One result for each identity.',
      schema: batchAnswerSchema,
      headers: ['Cache-Control', 'Usher-Omitted', 'Preference-Applied'],
    },
  },
  problems: [
    'batch_too_large',
    'parameter_invalid',
    'field_unavailable',
    'precondition_failed',
    'store_unavailable',
    'access_log_unavailable',
  ],
} as const satisfies Operation;
