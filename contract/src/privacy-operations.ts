/** The routes of people's rights. Identities are in bodies, never in URLs. */
import Type from 'typebox';
import { type Operation, showingContacts } from './operation.ts';
import { pageSchema, privacyPageQuerySchema } from './page-schema.ts';
import {
  exportRequestSchema,
  newPrivacyRequestSchema,
  privacyExportSchema,
  privacyRequestId,
  verificationRequestSchema,
  verificationSchema,
  wholePrivacyRequestSchema,
} from './privacy-schema.ts';
import { closed } from './schema-parts.ts';

const shared = { tag: 'Privacy', limit: 'administration', access: 'privacy:write' } as const;
const writing = { ...shared, method: 'POST', headers: ['X-Request-Id'] } as const;
const identityProblems = [
  ...(['identity_malformed', 'identity_type_unknown', 'identity_value_invalid'] as const),
  ...(['definition_invalid', 'contact_not_found'] as const),
  ...(['storage_full', 'store_unavailable'] as const),
] as const;

export const createPrivacyRequest = {
  ...writing,
  id: 'createPrivacyRequest',
  permission: 'privacy:write',
  needsConfirmation: true,
  path: '/admin/v1/privacy/requests',
  summary: 'Erase or correct people, or let an erased person come back',
  description:
    'Answers 200 when the request has ended. An erasure that takes longer than 5 seconds answers 202 and goes on: ask for it by its id. The token needs privacy:write and no lists. The same holds for the other routes of this group.',
  body: newPrivacyRequestSchema,
  answers: {
    200: { description: 'The request has ended.', schema: wholePrivacyRequestSchema },
    202: {
      description: 'The request goes on.',
      schema: wholePrivacyRequestSchema,
      headers: ['Location'],
    },
  },
  problems: [...identityProblems, 'resource_not_found'],
} as const satisfies Operation;

export const listPrivacyRequests = {
  ...shared,
  id: 'listPrivacyRequests',
  permission: 'privacy:read',
  method: 'GET',
  path: '/admin/v1/privacy/requests',
  summary: 'List the privacy requests',
  description: 'Newest first. The list names nobody.',
  query: privacyPageQuerySchema,
  answers: {
    200: { description: 'A page.', schema: pageSchema('PrivacyRequestPage', 'PrivacyRequest') },
  },
  problems: ['store_unavailable'],
} as const satisfies Operation;

export const getPrivacyRequest = {
  ...shared,
  id: 'getPrivacyRequest',
  permission: 'privacy:read',
  method: 'GET',
  path: '/admin/v1/privacy/requests/{id}',
  summary: 'Show a privacy request',
  description: 'With the receipt of an erasure that is done.',
  params: Type.Object({ id: privacyRequestId }, closed),
  answers: { 200: { description: 'The request.', schema: wholePrivacyRequestSchema } },
  problems: ['resource_not_found', 'store_unavailable'],
} as const satisfies Operation;

export const exportContact = {
  ...writing,
  id: 'exportContact',
  ...showingContacts,
  permission: 'privacy:write',
  needsConfirmation: true,
  path: '/admin/v1/privacy/export',
  summary: 'Export everything that is known of a person',
  description: 'The document is only in this answer. Usher does not keep it.',
  body: exportRequestSchema,
  answers: { 200: { description: 'The document.', schema: privacyExportSchema } },
  problems: identityProblems,
} as const satisfies Operation;

export const verifyReceipt = {
  ...writing,
  id: 'verifyReceipt',
  permission: 'privacy:read',
  path: '/admin/v1/privacy/verify',
  summary: 'Verify the receipt of an erasure',
  description:
    'Checks that the receipt is genuine, that its people are on the suppression list, and that no contact has one of their identities. Reads every identity: about a second for a million.',
  body: verificationRequestSchema,
  hasLargeBody: true,
  answers: { 200: { description: 'What was found.', schema: verificationSchema } },
  problems: ['definition_invalid', 'store_unavailable'],
} as const satisfies Operation;
